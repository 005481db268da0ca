package db_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"parlor/db/dbtest"
	"parlor/domain"
)

// turns lets the timer loop take as many turns as it would at this moment.
func turns(team *dbtest.Team) time.Duration {
	for range 50 {
		if wait := team.NextDue(); wait > time.Second {
			return wait
		}
	}
	return 0
}

// receiving is a team whose administrator takes conversations.
func receiving(t *testing.T) *dbtest.Team {
	t.Helper()
	team := dbtest.New(t)
	team.Status(team.Admin, domain.Online)
	return team
}

func TestR17_SilenceEndsAConversationOnce(t *testing.T) {
	team := receiving(t)
	_, c := team.Visitor("v", "hello")
	team.Clock.Advance(30*time.Minute - time.Second)
	if wait := turns(team); wait > time.Minute || state(t, team, c.ID).State != domain.Open {
		t.Fatalf("a second early the loop waits %v", wait)
	}
	team.Clock.Advance(time.Second)
	race(10, func(int) { team.NextDue() })
	turns(team)
	got := state(t, team, c.ID)
	if got.State != domain.Ended || got.EndReason != domain.EndedBySilence || !got.EndedAt.Equal(team.Clock.Now()) || got.Agent != team.Admin {
		t.Errorf("%+v", got)
	}
	if n := lines(t, team, c.ID)[domain.WasEnded]; n != 1 {
		t.Errorf("ended %d times", n)
	}
	if n := count(t, raw(t, team.Path), `SELECT COUNT(*) FROM due`); n != 0 {
		t.Errorf("%d timers are left", n)
	}
	if wait := team.NextDue(); wait != time.Minute {
		t.Errorf("an idle loop waits %v", wait)
	}
}

func TestR17_EveryMessagePutsTheEndOff(t *testing.T) {
	team := receiving(t)
	v, c := team.Visitor("v", "hello")
	for i, post := range []func() error{
		func() error { _, _, err := team.Say(again(team, v, "b", "more")); return err },
		func() error { return reply(team, team.As(team.Admin), c.ID, text("r", "answer")) },
	} {
		team.Clock.Advance(29 * time.Minute)
		must(t, post())
		team.Clock.Advance(29 * time.Minute)
		turns(team)
		if state(t, team, c.ID).State != domain.Open {
			t.Fatalf("ended %d messages too early", 2-i)
		}
	}
	must(t, reply(team, team.As(team.Admin), c.ID, note("n", "a note is no message")))
	team.Clock.Advance(time.Minute)
	turns(team)
	if state(t, team, c.ID).State != domain.Ended {
		t.Error("it never ends")
	}
}

func TestR17_TimersSurviveARestart(t *testing.T) {
	team := receiving(t)
	_, c := team.Visitor("v", "hello")
	team.Reopen()
	team.Clock.Advance(2 * time.Hour) // down meanwhile
	team.Reopen()
	turns(team)
	team.Reopen()
	turns(team)
	if n := lines(t, team, c.ID)[domain.WasEnded]; n != 1 {
		t.Errorf("ended %d times", n)
	}
}

func TestR17_SeveralDueAtOnceEndEach(t *testing.T) {
	team := receiving(t)
	_, a := team.Visitor("a", "hello")
	_, b := team.Visitor("b", "hello")
	team.Clock.Advance(time.Minute)
	_, later := team.Visitor("c", "hello")
	team.Clock.Advance(29 * time.Minute)
	turns(team)
	for _, c := range []*domain.Conversation{a, b} {
		if n := lines(t, team, c.ID)[domain.WasEnded]; n != 1 {
			t.Errorf("conversation %d ended %d times", c.ID, n)
		}
	}
	if state(t, team, later.ID).State != domain.Open {
		t.Error("a later one ended with them")
	}
}

func TestR17_ARearmedTimerIsNotFiredByWhoReadTheOldOne(t *testing.T) {
	team := receiving(t)
	_, c := team.Visitor("v", "hello")
	conn := raw(t, team.Path)
	generation := func() (n int) { return count(t, conn, `SELECT generation FROM due WHERE subject = ?`, c.ID) }
	first := generation()
	site := team.Site
	site.Silence = 40
	_, err := team.SaveSite(team.As(team.Admin), site)
	must(t, err)
	if generation() == first {
		t.Fatal("the timer was not armed anew")
	}
	team.Clock.Advance(time.Hour)
	must(t, team.Fire(c.ID, int64(first)))
	if state(t, team, c.ID).State != domain.Open || count(t, conn, `SELECT COUNT(*) FROM due`) != 1 {
		t.Error("an old generation fired")
	}
	must(t, team.Fire(c.ID, int64(generation())))
	if state(t, team, c.ID).State != domain.Ended {
		t.Error("the new one did not")
	}
}

func TestTheSitesSilenceCountsForConversationsUnderWay(t *testing.T) {
	team := receiving(t)
	_, c := team.Visitor("v", "hello")
	set := func(minutes int) {
		t.Helper()
		site := team.Site
		site.Silence = minutes
		_, err := team.SaveSite(team.As(team.Admin), site)
		must(t, err)
	}
	set(0)
	team.Clock.Advance(24 * time.Hour)
	turns(team)
	if state(t, team, c.ID).State != domain.Open {
		t.Fatal("ended although it never may")
	}
	set(60 * 25)
	turns(team)
	if state(t, team, c.ID).State != domain.Open {
		t.Fatal("ended an hour early")
	}
	set(10)
	turns(team)
	if state(t, team, c.ID).State != domain.Ended {
		t.Error("a shorter silence does not count")
	}
}

func TestAWaitingConversationHasNoSilence(t *testing.T) {
	team := dbtest.New(t)
	_, c := team.Visitor("v", "hello")
	team.Clock.Advance(3 * time.Hour)
	turns(team)
	must(t, team.Accept(team.As(team.Admin), c.ID))
	team.Clock.Advance(29 * time.Minute)
	turns(team)
	if state(t, team, c.ID).State != domain.Open {
		t.Fatal("time in the queue counted")
	}
	team.Clock.Advance(time.Minute)
	turns(team)
	if state(t, team, c.ID).State != domain.Ended {
		t.Error("it never ends")
	}
}

func TestRunDueWakesForANewTimer(t *testing.T) {
	team := receiving(t)
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	go func() {
		team.RunDue(ctx)
		close(stopped)
	}()
	_, c := team.Visitor("v", "hello")
	team.Clock.Advance(time.Hour)
	team.Visitor("w", "wakes the loop")
	for deadline := time.Now().Add(5 * time.Second); state(t, team, c.ID).State != domain.Ended; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the loop slept on")
		}
	}
	stop()
	select {
	case <-stopped:
	case <-time.After(5 * time.Second):
		t.Error("the loop does not stop")
	}
}

func TestEndedByWhom(t *testing.T) {
	team := receiving(t)
	by := team.As(team.Admin)
	v, c := team.Visitor("v", "hello")
	visitor := domain.Actor{Kind: domain.ByVisitor, Visitor: v.ID}
	must(t, team.EndOwn(visitor))
	if err := team.EndOwn(visitor); !errors.Is(err, domain.NotFound) {
		t.Errorf("a second end: %v", err)
	}
	if err := team.End(by, c.ID); !refused(err, "conversation.ended") {
		t.Errorf("an end by the agent afterwards: %v", err)
	}
	if got := state(t, team, c.ID); got.EndReason != domain.EndedByVisitor || got.Agent != team.Admin {
		t.Errorf("%+v", got)
	}
	if in, err := team.Inbox(by, time.Time{}); err != nil || len(in.Open) != 0 || len(in.Ended) != 1 || in.EndedCount != 1 {
		t.Errorf("%+v, %v", in, err)
	}
}
