package db_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"parlor/db"
	"parlor/db/dbtest"
	"parlor/domain"
)

// postbox is a receiver that refuses as long as it is told to.
type postbox struct {
	mu     sync.Mutex
	got    []db.Delivery
	refuse error
}

func (p *postbox) send(_ context.Context, d db.Delivery) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got = append(p.got, d)
	return p.refuse
}

func mailed(t *testing.T, team *dbtest.Team, to string) {
	t.Helper()
	invite := domain.Invite{Name: "New", Role: role(team, "agent"), Scope: domain.ScopeSelf}
	must(t, team.Invite(team.As(team.Admin), invite, "token of "+to, &db.Mail{To: to, Subject: "Welcome", Text: "https://desk.example/join/x"}))
}

func TestR19_ADeliveryIsTriedAgainAndFinallyParked(t *testing.T) {
	team := dbtest.New(t)
	mailed(t, team, "lin@lanshe.example")
	box := &postbox{refuse: errors.New("451 try later")}
	ctx := context.Background()
	for attempt := range 8 {
		if wait := team.NextDelivery(ctx, box.send); wait != 0 || len(box.got) != attempt+1 {
			t.Fatalf("attempt %d: %d sent, next in %v", attempt, len(box.got), wait)
		}
		if attempt == 7 {
			break
		}
		delay := 15 * time.Second << attempt
		if wait := team.NextDelivery(ctx, box.send); wait != min(delay, time.Minute) || len(box.got) != attempt+1 {
			t.Fatalf("after attempt %d: %d sent, wait %v, want %v", attempt, len(box.got), wait, delay)
		}
		team.Clock.Advance(delay - time.Millisecond)
		if team.NextDelivery(ctx, box.send); len(box.got) != attempt+1 {
			t.Fatalf("attempt %d came early", attempt+1)
		}
		team.Clock.Advance(time.Millisecond)
		if attempt == 3 {
			team.Reopen()
		}
	}
	team.Clock.Advance(30 * 24 * time.Hour)
	if wait := team.NextDelivery(ctx, box.send); wait != time.Minute || len(box.got) != 8 {
		t.Errorf("parked and sent again: %d, %v", len(box.got), wait)
	}
	if team.OutboxSize("parked") != 1 || team.OutboxSize("waiting") != 0 || team.OutboxSize("sent") != 0 {
		t.Error("it is not parked")
	}
	for _, d := range box.got {
		if d.ID != box.got[0].ID || d.ID == "" || d.Kind != "mail" || d.Mail.To != "lin@lanshe.example" || d.Mail.Text == "" {
			t.Errorf("%+v", d)
		}
	}
	if n := count(t, raw(t, team.Path), `SELECT COUNT(*) FROM outbox WHERE error = '451 try later' AND attempts = 8`); n != 1 {
		t.Error("nobody learns why")
	}
}

func TestR19_OneFailureHoldsUpNoOther(t *testing.T) {
	team := dbtest.New(t)
	mailed(t, team, "a@lanshe.example")
	team.Clock.Advance(time.Second)
	mailed(t, team, "b@lanshe.example")
	box := &postbox{refuse: errors.New("no")}
	team.NextDelivery(context.Background(), box.send)
	box.refuse = nil
	team.NextDelivery(context.Background(), box.send)
	team.Clock.Advance(time.Minute)
	team.NextDelivery(context.Background(), box.send)
	var to []string
	for _, d := range box.got {
		to = append(to, d.Mail.To[:1])
	}
	if !slices.Equal(to, []string{"a", "b", "a"}) || team.OutboxSize("sent") != 2 || box.got[0].ID != box.got[2].ID || box.got[0].ID == box.got[1].ID {
		t.Errorf("%v, %+v", to, box.got)
	}
}

func TestR19_AKillBetweenSendingAndSettlingSendsAgain(t *testing.T) {
	team := dbtest.New(t)
	mailed(t, team, "lin@lanshe.example")
	box := &postbox{}
	team.NextDelivery(context.Background(), func(ctx context.Context, d db.Delivery) error {
		must(t, team.Close())
		return box.send(ctx, d)
	})
	team.Reopen()
	team.NextDelivery(context.Background(), box.send)
	team.NextDelivery(context.Background(), box.send)
	if len(box.got) != 2 || box.got[0] != box.got[1] || team.OutboxSize("sent") != 1 {
		t.Errorf("%+v", box.got)
	}
}

func TestR19_StoppingIsNoFailureAndForgetsNoSuccess(t *testing.T) {
	team := dbtest.New(t)
	mailed(t, team, "lin@lanshe.example")
	ctx, stop := context.WithCancel(context.Background())
	stop()
	box := &postbox{refuse: context.Canceled}
	team.NextDelivery(ctx, box.send)
	conn := raw(t, team.Path)
	if n := count(t, conn, `SELECT COUNT(*) FROM outbox WHERE attempts = 0 AND state = 'waiting'`); n != 1 {
		t.Error("stopping counts as an attempt")
	}
	box.refuse = nil
	team.NextDelivery(ctx, box.send)
	if team.OutboxSize("sent") != 1 {
		t.Error("what was sent is sent again after the restart")
	}
}

func TestR19_MailIsPartOfItsTransaction(t *testing.T) {
	team := dbtest.New(t)
	allow := refuseCommits(t, team.DB)
	invite := domain.Invite{Name: "New", Role: role(team, "agent"), Scope: domain.ScopeSelf}
	if err := team.Invite(team.As(team.Admin), invite, "token", &db.Mail{To: "a@lanshe.example"}); !errors.Is(err, domain.Unavailable) {
		t.Fatal(err)
	}
	allow()
	if n := team.OutboxSize("waiting"); n != 0 {
		t.Errorf("%d mails of an invitation that does not exist", n)
	}
}

func TestRunOutboxWakesForNewMail(t *testing.T) {
	team := dbtest.New(t)
	ctx, stop := context.WithCancel(context.Background())
	box := &postbox{}
	stopped := make(chan struct{})
	go func() {
		team.RunOutbox(ctx, box.send)
		close(stopped)
	}()
	time.Sleep(20 * time.Millisecond) // the loop has found nothing and sleeps
	mailed(t, team, "lin@lanshe.example")
	for deadline := time.Now().Add(5 * time.Second); team.OutboxSize("sent") == 0; time.Sleep(5 * time.Millisecond) {
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
