package db_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"

	"parlor/db"
	"parlor/db/dbtest"
	"parlor/domain"
)

// refuseCommits makes every COMMIT fail after the closures have run, until the
// returned function is called.
func refuseCommits(t *testing.T, d *db.DB) (allow func()) {
	t.Helper()
	hook := func(f func() int) {
		must(t, d.Writer().Raw(func(c any) error {
			c.(*sqlite3.SQLiteConn).RegisterCommitHook(f)
			return nil
		}))
	}
	hook(func() int { return 1 })
	return func() { hook(nil) }
}

func TestR01_NoAcknowledgementWithoutCommit(t *testing.T) {
	team := dbtest.New(t)
	team.Status(team.Admin, domain.Online)
	v, c := team.Visitor("v", "hello")
	published, last := len(team.Changes()), lastEvent(t, team)
	before := state(t, team, c.ID)
	allow := refuseCommits(t, team.DB)
	_, _, err := team.Say(again(team, v, "lost", "lost"))
	if !errors.Is(err, domain.Unavailable) {
		t.Fatalf("said: %v", err)
	}
	if _, _, err := team.Say(team.Opening("w", "lost too")); !errors.Is(err, domain.Unavailable) {
		t.Fatalf("a first message: %v", err)
	}
	if err := team.SetStatus(team.As(team.Admin), domain.Away, "test"); !errors.Is(err, domain.Unavailable) {
		t.Fatalf("status: %v", err)
	}
	if _, err := team.DB.Visitor(team.Site.ID, "visitor-w"); !errors.Is(err, domain.NotFound) {
		t.Errorf("the lost visitor is remembered: %v", err)
	}
	allow()
	if n := len(team.Changes()); n != published {
		t.Errorf("%d changes were published", n-published)
	}
	if got := state(t, team, c.ID); *got != *before {
		t.Errorf("the conversation became %+v", got)
	}
	if s := team.Directory().Agents[team.Admin].Status; s != domain.Online {
		t.Errorf("the directory shows %s", s)
	}
	_, m, err := team.Say(again(team, v, "lost", "lost"))
	if err != nil || m.ID != last+1 {
		t.Errorf("the retry became %d after %d: %v", m.ID, last, err)
	}
	if got := state(t, team, c.ID); got.Unread != before.Unread+1 || got.LastID != m.ID {
		t.Errorf("the lost message is counted: %+v", got)
	}
	x, own := team.Visitor("x", "another first message") // whose ids the lost visitor's were
	if own.Visitor != x.ID || own.Preview != "another first message" || own.Unread != 1 || lines(t, team, own.ID)[domain.MessagePosted] != 1 {
		t.Errorf("a visitor was given what was lost: %+v", own)
	}
}

// TestR01_WhatAClosureDidBeforeItFailed must not be remembered either.
func TestR01_WhatAClosureDidBeforeItFailed(t *testing.T) {
	team := dbtest.New(t)
	team.Status(team.Admin, domain.Online)
	v, c := team.Visitor("v", "hello")
	own := errors.New("own")
	fails := func(name string, o db.Opening) func() {
		return func() {
			if err := team.Write(func(tx *db.Tx) error { return errors.Join(tx.Say(o), own) }); !errors.Is(err, own) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	together(t, team.DB,
		fails("known", again(team, v, "lost", "lost")),
		fails("new", team.Opening("w", "lost")),
		func() {
			if err := team.Write(func(tx *db.Tx) error { return errors.Join(tx.EndOf(v.ID), own) }); !errors.Is(err, own) {
				t.Error(err)
			}
		},
		func() {
			if _, _, err := team.Say(again(team, v, "kept", "kept")); err != nil {
				t.Error(err)
			}
		},
		func() {
			if _, _, err := team.Say(team.Opening("x", "first")); err != nil {
				t.Error(err)
			}
		})
	if got := state(t, team, c.ID); got.State != domain.Open || got.Unread != 2 || got.Preview != "kept" {
		t.Errorf("%+v", got)
	}
	if n := lines(t, team, c.ID); n[domain.MessagePosted] != 2 || n[domain.WasEnded] != 0 {
		t.Errorf("lines: %v", n)
	}
	x, err := team.DB.Visitor(team.Site.ID, "visitor-x")
	must(t, err)
	first, err := team.LatestConversation(x.ID)
	if must(t, err); first.Unread != 1 || first.Preview != "first" || first.ID == c.ID {
		t.Errorf("%+v", first)
	}
	if _, err := team.DB.Visitor(team.Site.ID, "visitor-w"); !errors.Is(err, domain.NotFound) {
		t.Errorf("the lost visitor is remembered: %v", err)
	}
}

func lastEvent(t *testing.T, team *dbtest.Team) domain.EventID {
	t.Helper()
	id, err := team.LastEvent()
	must(t, err)
	return id
}

func TestR11_AFullDiskIsSaidAndNothingElseIsLost(t *testing.T) {
	team := dbtest.New(t)
	v, c := team.Visitor("v", "hello")
	ctx := context.Background()
	limit := func(pages int) {
		_, err := team.Writer().ExecContext(ctx, fmt.Sprint("PRAGMA max_page_count = ", pages))
		must(t, err)
	}
	conn := raw(t, team.Path)
	limit(count(t, conn, `PRAGMA page_count`) + 5)
	body := strings.Repeat("客", domain.MessageMost)
	stored := 1
	var err error
	for ; err == nil && stored < 100; stored++ {
		_, _, err = team.Say(again(team, v, fmt.Sprint("c", stored), body))
	}
	stored-- // the last was refused
	if !errors.Is(err, domain.Full) {
		t.Fatalf("after %d messages: %v", stored, err)
	}
	if n := count(t, conn, `SELECT COUNT(*) FROM messages`); n != stored || state(t, team, c.ID).Unread != stored {
		t.Errorf("%d messages acknowledged, %d stored, %d unread", stored, n, state(t, team, c.ID).Unread)
	}
	must(t, team.Ready())
	_, m, err := team.Say(again(team, v, fmt.Sprint("c", stored), body))
	for try := 0; err != nil && try < 50; try++ { // the new limit is not always in force at once
		limit(1 << 30)
		_, m, err = team.Say(again(team, v, fmt.Sprint("c", stored), body))
	}
	if err != nil || m.ID != lastEvent(t, team) {
		t.Errorf("with room again: %d, %v", m.ID, err)
	}
	if n := lines(t, team, c.ID)[domain.MessagePosted]; n != stored+1 {
		t.Errorf("%d messages, want %d", n, stored+1)
	}
}

// TestR01_PublishedAfterCommit asks another process at the moment of
// publishing, and again at the moment of the answer.
func TestR01_PublishedAfterCommit(t *testing.T) {
	team := dbtest.New(t)
	conn := raw(t, team.Path)
	must(t, team.Close())
	var early []domain.EventID
	var mu sync.Mutex
	d, err := db.Open(team.Path, db.Options{Publish: func(changes []domain.Change) {
		mu.Lock()
		defer mu.Unlock()
		for _, c := range changes {
			var n int
			if c.ID != 0 && (conn.QueryRow(`SELECT COUNT(*) FROM events WHERE id = ?`, c.ID).Scan(&n) != nil || n != 1) {
				early = append(early, c.ID)
			}
		}
	}})
	must(t, err)
	team.DB = d
	race(20, func(i int) {
		_, m, err := d.Say(team.Opening(fmt.Sprint(i), "hello"))
		mu.Lock()
		defer mu.Unlock()
		var n int
		if err != nil || conn.QueryRow(`SELECT COUNT(*) FROM messages WHERE id = ?`, m.ID).Scan(&n) != nil || n != 1 {
			t.Errorf("message %d is answered and not stored: %v", m.ID, err)
		}
	})
	if len(early) > 0 {
		t.Errorf("published before the commit: %v", early)
	}
}

func TestAFailingClosureDisturbsNobodyInItsTransaction(t *testing.T) {
	team := dbtest.New(t)
	own := errors.New("own")
	last := lastEvent(t, team)
	published := len(team.Changes())
	logs := func(subject string, then func()) func(*db.Tx) error {
		return func(tx *db.Tx) error {
			err := tx.Log(subject)
			if then != nil {
				then()
				return own
			}
			return err
		}
	}
	errs := make([]error, 5)
	job := func(i int, f func(*db.Tx) error) func() { return func() { errs[i] = team.Write(f) } }
	together(t, team.DB,
		job(0, logs("one", nil)),
		job(1, logs("refused", func() {})),
		job(2, logs("two", nil)),
		job(3, logs("panics", func() { panic("R29") })),
		job(4, logs("three", nil)))
	for i, want := range []bool{true, false, true, false, true} {
		if (errs[i] == nil) != want {
			t.Errorf("closure %d: %v", i, errs[i])
		}
	}
	if !errors.Is(errs[1], own) || errors.Is(errs[3], domain.Unavailable) {
		t.Errorf("not their own errors: %v, %v", errs[1], errs[3])
	}
	var subjects []string
	for i, c := range team.Changes()[published:] {
		subjects = append(subjects, c.Data.Subject)
		if c.ID != last+domain.EventID(i)+1 {
			t.Errorf("event %d has id %d after %d", i, c.ID, last)
		}
	}
	if fmt.Sprint(subjects) != "[one two three]" {
		t.Errorf("published: %v", subjects)
	}
	if n := count(t, raw(t, team.Path), `SELECT COUNT(*) FROM events WHERE id > ?`, last); n != 3 {
		t.Errorf("%d events are stored", n)
	}
}

func TestR29_APanicIsOneError(t *testing.T) {
	team := dbtest.New(t)
	if err := team.Write(func(*db.Tx) error { panic("boom") }); err == nil || errors.Is(err, domain.Unavailable) {
		t.Fatal(err)
	}
	if err := team.Write(func(tx *db.Tx) error { return tx.Log("after") }); err != nil {
		t.Fatal("the writer did not survive:", err)
	}
	must(t, team.Ready())
}

func TestEventsArePublishedInCommitOrder(t *testing.T) {
	team := dbtest.New(t)
	team.Status(team.Admin, domain.Online)
	race(40, func(i int) {
		v, _, err := team.Say(team.Opening(fmt.Sprint(i), "0"))
		for n := 1; err == nil && n < 5; n++ {
			_, _, err = team.Say(again(team, v, fmt.Sprint("c", n), fmt.Sprint(n)))
		}
		if err != nil {
			t.Error(err)
		}
	})
	var last domain.EventID
	for _, c := range team.Changes() {
		if c.ID == 0 {
			continue
		}
		if c.ID != last+1 {
			t.Fatalf("event %d was published after %d", c.ID, last)
		}
		last = c.ID
	}
	if s := team.Stats(); last < 40*5 || s.Commits >= s.Changes {
		t.Errorf("%d events; %d closures never shared one of %d transactions", last, s.Changes, s.Commits)
	}
}

func TestARolledBackChangeLeavesNoTraceInTheDirectory(t *testing.T) {
	team := dbtest.New(t)
	team.Visitor("waiting", "hello")
	own := errors.New("own")
	var second *domain.Conversation
	together(t, team.DB,
		func() {
			err := team.Write(func(tx *db.Tx) error { return errors.Join(tx.BringOnline(team.Admin), own) })
			if !errors.Is(err, own) {
				t.Error(err)
			}
		},
		func() { _, second = team.Visitor("later", "hello") })
	if second.State != domain.Queued {
		t.Errorf("a conversation went to an agent who never came online: %+v", second)
	}
	if s := team.Directory().Agents[team.Admin].Status; s != domain.Offline {
		t.Errorf("the directory shows %s", s)
	}
	together(t, team.DB,
		func() {
			err := team.Write(func(tx *db.Tx) error { return tx.BringOnline(team.Admin) })
			if err != nil {
				t.Error(err)
			}
		},
		func() { _, second = team.Visitor("last", "hello") })
	if second.Agent != team.Admin || team.Directory().Agents[team.Admin].Status != domain.Online {
		t.Errorf("the same batch does not see a kept change: %+v", second)
	}
}

// TestTheDirectoryIsNeverAheadOfTheFile looks while a transaction that changed
// it is still open.
func TestTheDirectoryIsNeverAheadOfTheFile(t *testing.T) {
	team := dbtest.New(t)
	team.Visitor("waiting", "hello")
	must(t, team.Write(func(tx *db.Tx) error {
		err := tx.BringOnline(team.Admin)
		if s := team.Directory().Agents[team.Admin].Status; s != domain.Offline {
			t.Errorf("everyone sees %s before the commit", s)
		}
		if s := tx.Directory().Agents[team.Admin].Status; s != domain.Online {
			t.Errorf("the transaction itself sees %s", s)
		}
		return err
	}))
	if s := team.Directory().Agents[team.Admin].Status; s != domain.Online {
		t.Errorf("after the commit everyone sees %s", s)
	}
}

// holdLock keeps the file's write lock as a command in another process would.
func holdLock(t *testing.T, path string) (free func()) {
	t.Helper()
	conn, err := raw(t, path).Conn(context.Background())
	must(t, err)
	_, err = conn.ExecContext(context.Background(), "BEGIN IMMEDIATE")
	must(t, err)
	return func() {
		if _, err := conn.ExecContext(context.Background(), "ROLLBACK"); err != nil {
			t.Error(err)
		}
	}
}

func TestR13_AWriteWaitsForAnotherProcess(t *testing.T) {
	t.Parallel()
	team := dbtest.New(t)
	free := holdLock(t, team.Path)
	time.AfterFunc(3*time.Second, free)
	start := time.Now()
	if _, _, err := team.Say(team.Opening("v", "hello")); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took < 2900*time.Millisecond || took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestR13_AWriteGivesUpAfterFiveSeconds(t *testing.T) {
	t.Parallel()
	team := dbtest.New(t)
	free := holdLock(t, team.Path)
	start := time.Now()
	first := make(chan error)
	go func() { first <- team.Write(func(tx *db.Tx) error { return tx.Log("first") }) }()
	for team.Pending() > 0 || time.Since(start) < 100*time.Millisecond {
		time.Sleep(10 * time.Millisecond)
	}
	race(600, func(i int) { // more than one transaction holds
		if err := team.Write(func(tx *db.Tx) error { return tx.Log("behind") }); !errors.Is(err, domain.Unavailable) {
			t.Errorf("behind the first: %v", err)
		}
	})
	if err := <-first; !errors.Is(err, domain.Unavailable) {
		t.Errorf("first: %v", err)
	}
	if took := time.Since(start); took < 4*time.Second || took > 6*time.Second {
		t.Errorf("it took %v", took)
	}
	free()
	must(t, team.Write(func(tx *db.Tx) error { return tx.Log("after") }))
	must(t, team.Ready())
}

func TestACloseLetsNothingPass(t *testing.T) {
	team := dbtest.New(t)
	var stored int
	var mu sync.Mutex
	race(30, func(i int) {
		if i == 15 {
			if err := team.Close(); err != nil {
				t.Error(err)
			}
			return
		}
		_, _, err := team.Say(team.Opening(fmt.Sprint(i), "hello"))
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			stored++
		} else if !errors.Is(err, domain.Unavailable) {
			t.Error(err)
		}
	})
	if n := count(t, raw(t, team.Path), `SELECT COUNT(*) FROM messages`); n != stored {
		t.Errorf("%d messages acknowledged, %d stored", stored, n)
	}
	if err := team.Write(func(*db.Tx) error { return nil }); !errors.Is(err, domain.Unavailable) {
		t.Error(err)
	}
}
