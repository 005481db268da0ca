package db_test

import (
	"errors"
	"testing"

	"parlor/db"
	"parlor/db/dbtest"
	"parlor/domain"
)

func TestFirstMessageIsAssignedAnsweredAndEnded(t *testing.T) {
	team := dbtest.New(t)
	admin := team.As(team.Admin)
	team.Status(team.Admin, domain.Online)
	v, c := team.Visitor("lin", "你好，基站回不去了")
	if c.State != domain.Open || c.Agent != team.Admin || c.Unread != 1 {
		t.Fatalf("state %s, agent %d, unread %d", c.State, c.Agent, c.Unread)
	}
	team.Clock.Advance(60e9)
	m, err := team.Reply(admin, c.ID, domain.NewDraft("r1", domain.Text, "您好，请稍等"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := team.Reply(admin, c.ID, domain.NewDraft("r1", domain.Text, "您好，请稍等"))
	if err != nil || again.ID != m.ID {
		t.Fatalf("a repeated reply gave %d, %v; want %d", again.ID, err, m.ID)
	}
	if _, err := team.Reply(admin, c.ID, domain.NewDraft("r1", domain.Text, "别的话")); !errors.As(err, &domain.Conflict{}) {
		t.Fatalf("same id, other body: %v", err)
	}
	if _, err := team.Reply(admin, c.ID, domain.NewDraft("n1", domain.Note, "内部")); err != nil {
		t.Fatal(err)
	}
	own, err := team.OwnThread(c, 0, 50)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range own.Lines {
		if l.Message != nil && l.Message.Kind == domain.Note {
			t.Fatal("a note reached the visitor")
		}
	}
	full, _ := team.Thread(admin, c.ID, 0, 50)
	if len(full.Lines) != len(own.Lines)+1 {
		t.Fatalf("%d lines for the agent, %d for the visitor", len(full.Lines), len(own.Lines))
	}
	if err := team.End(admin, c.ID); err != nil {
		t.Fatal(err)
	}
	o := team.Opening("lin", "还在吗")
	o.Visitor, o.Draft.ClientID = v, "second"
	if _, _, err := team.Say(o); err != nil {
		t.Fatal(err)
	}
	next, _ := team.LatestConversation(v.ID)
	if next.ID == c.ID || next.Customer != c.Customer {
		t.Fatalf("after the end: conversation %d of customer %d, was %d of %d", next.ID, next.Customer, c.ID, c.Customer)
	}
}

func TestNewerFileIsRefused(t *testing.T) {
	team := dbtest.New(t)
	if _, err := db.Open(team.Path, db.Options{}); err == nil {
		t.Fatal("a second process may open the file")
	}
}
