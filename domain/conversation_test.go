package domain_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"parlor/domain"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

var (
	repliers  = []domain.Permission{domain.PermView, domain.PermReply}
	holder    = domain.Actor{Kind: domain.ByAgent, Agent: 7, Grants: repliers}
	colleague = domain.Actor{Kind: domain.ByAgent, Agent: 8, Grants: repliers}
	analyst   = domain.Actor{Kind: domain.ByAgent, Agent: 9, Grants: []domain.Permission{domain.PermView}}
	customer  = domain.Actor{Kind: domain.ByVisitor, Visitor: 3}
)

var parties = map[string]domain.Actor{
	"holder": holder, "colleague": colleague, "analyst": analyst, "visitor": customer, "system": domain.System,
}

// inState is a conversation of visitor 3, held by agent 7 unless it waits.
func inState(s domain.State) *domain.Conversation {
	c := &domain.Conversation{ID: 1, Visitor: 3, Group: 1, Agent: 7, State: s, Started: noon}
	switch s {
	case domain.Queued:
		c.Agent = 0
	case domain.Ended:
		c.EndedAt, c.EndReason = noon, domain.EndedByAgent
	}
	return c
}

// outcome names what err means: "" for success, a conflict with its owner.
func outcome(err error) string {
	var conflict domain.Conflict
	switch {
	case err == nil:
		return ""
	case errors.Is(err, domain.Forbidden):
		return "forbidden"
	case errors.As(err, &conflict):
		return fmt.Sprintf("%s %d", conflict.Key, conflict.Owner)
	}
	return err.Error()
}

func TestPostByStateActorAndKind(t *testing.T) {
	const free, held, ended, forbidden = "conversation.held 0", "conversation.held 7", "conversation.ended 0", "forbidden"
	for _, row := range []struct {
		state                                         domain.State
		kind                                          domain.MessageKind
		holder, colleague, analyst, visitor, bySystem string
	}{
		{domain.Queued, domain.Text, free, free, forbidden, "", ""},
		{domain.Queued, domain.Note, "", "", forbidden, forbidden, ""},
		{domain.Open, domain.Text, "", held, forbidden, "", ""},
		{domain.Open, domain.Note, "", "", forbidden, forbidden, ""},
		{domain.Ended, domain.Text, ended, ended, ended, ended, ended},
		{domain.Ended, domain.Note, "", "", forbidden, forbidden, ""},
	} {
		want := map[string]string{
			"holder": row.holder, "colleague": row.colleague, "analyst": row.analyst, "visitor": row.visitor, "system": row.bySystem,
		}
		for name, by := range parties {
			c := inState(row.state)
			before := *c
			m, err := c.Post(by, domain.Draft{ClientID: "a", Kind: row.kind, Body: "hello"}, noon)
			if got := outcome(err); got != want[name] {
				t.Errorf("%s posts %s into %s: %q, want %q", name, row.kind, row.state, got, want[name])
			}
			if (err != nil || row.kind == domain.Note) && *c != before {
				t.Errorf("%s posting %s into %s changed the conversation", name, row.kind, row.state)
			}
			if err == nil && (m.By != by.Kind || m.Author != by.ID() || m.Kind != row.kind || m.Body != "hello" || !m.At.Equal(noon) || m.Conversation != 1) {
				t.Errorf("%s posts %s: %+v", name, row.kind, m)
			}
		}
	}
}

func TestPostRefusesABadDraftBeforeAnythingElse(t *testing.T) {
	c := inState(domain.Open)
	if _, err := c.Post(colleague, domain.Draft{ClientID: "a", Kind: domain.Text}, noon); !errors.As(err, &domain.Invalid{}) {
		t.Fatal(err)
	}
}

// say posts and plays the part of the store, which gives the message its id.
func say(t *testing.T, c *domain.Conversation, by domain.Actor, at time.Time) domain.Message {
	t.Helper()
	m, err := c.Post(by, domain.Draft{ClientID: "a", Kind: domain.Text, Body: "line\n two"}, at)
	if err != nil {
		t.Fatal(err)
	}
	c.LastID++
	return m
}

func TestPostKeepsWhatListsShow(t *testing.T) {
	c := inState(domain.Open)
	say(t, c, customer, noon)
	say(t, c, customer, noon.Add(time.Minute))
	if c.Unread != 2 || !c.Waiting.Equal(noon) || c.Preview != "line two" || !c.LastAt.Equal(noon.Add(time.Minute)) || c.LastBy != domain.ByVisitor || c.LastAuthor != 3 {
		t.Fatalf("after two messages of the customer: %+v", c)
	}
	say(t, c, domain.System, noon.Add(2*time.Minute))
	if c.Waiting.IsZero() || !c.FirstReply.IsZero() || c.UnreadOut != 1 {
		t.Fatalf("an automatic message counts as an answer: %+v", c)
	}
	say(t, c, holder, noon.Add(3*time.Minute))
	say(t, c, holder, noon.Add(4*time.Minute))
	if !c.Waiting.IsZero() || !c.FirstReply.Equal(noon.Add(3*time.Minute)) || c.UnreadOut != 3 || c.LastAuthor != 7 {
		t.Fatalf("after two answers: %+v", c)
	}
	say(t, c, customer, noon.Add(5*time.Minute))
	if !c.Waiting.Equal(noon.Add(5 * time.Minute)) {
		t.Fatalf("the wait starts at %v", c.Waiting)
	}
}

func TestPostContinuesARunOfOneAuthorWithinFiveMinutes(t *testing.T) {
	c := inState(domain.Open)
	if say(t, c, customer, noon).Continues {
		t.Fatal("the first message continues nothing")
	}
	if !say(t, c, customer, noon.Add(5*time.Minute-1)).Continues {
		t.Fatal("the same author a moment before five minutes")
	}
	if say(t, c, customer, c.LastAt.Add(5*time.Minute)).Continues {
		t.Fatal("the same author after five minutes")
	}
	if say(t, c, holder, c.LastAt).Continues {
		t.Fatal("another author")
	}
	c.Agent = 8
	if say(t, c, colleague, c.LastAt).Continues {
		t.Fatal("another agent")
	}
}

func TestAssignOnlyWhileWaiting(t *testing.T) {
	for state, want := range map[domain.State]string{
		domain.Queued: "", domain.Open: "conversation.taken 7", domain.Ended: "conversation.ended 0",
	} {
		c := inState(state)
		before := *c
		err := c.Assign(8, noon.Add(time.Minute))
		if got := outcome(err); got != want {
			t.Errorf("%s: %q, want %q", state, got, want)
		}
		if err != nil && *c != before {
			t.Errorf("%s: a refused assignment changed it", state)
		}
		if err == nil && (c.Agent != 8 || c.State != domain.Open || !c.Assigned.Equal(noon.Add(time.Minute))) {
			t.Errorf("%s: %+v", state, c)
		}
	}
}

func TestRequeueWaitsAgain(t *testing.T) {
	c := inState(domain.Queued)
	if err := c.Assign(7, noon); err != nil {
		t.Fatal(err)
	}
	c.Requeue()
	if c.State != domain.Queued || c.Agent != 0 || !c.Assigned.IsZero() {
		t.Fatalf("%+v", c)
	}
}

func TestEndByStateAndActor(t *testing.T) {
	for _, row := range []struct {
		state                                         domain.State
		holder, colleague, analyst, visitor, bySystem string
	}{
		{domain.Queued, "conversation.held 0", "conversation.held 0", "forbidden", "", ""},
		{domain.Open, "", "conversation.held 7", "forbidden", "", ""},
		{domain.Ended, "conversation.ended 0", "conversation.ended 0", "conversation.ended 0", "conversation.ended 0", "conversation.ended 0"},
	} {
		want := map[string]string{
			"holder": row.holder, "colleague": row.colleague, "analyst": row.analyst, "visitor": row.visitor, "system": row.bySystem,
		}
		for name, by := range parties {
			c := inState(row.state)
			c.Unread, c.Waiting = 2, noon
			before := *c
			err := c.End(by, domain.EndedBySilence, noon.Add(time.Hour))
			if got := outcome(err); got != want[name] {
				t.Errorf("%s ends %s: %q, want %q", name, row.state, got, want[name])
			}
			if err != nil && *c != before {
				t.Errorf("%s: a refused end of %s changed it", name, row.state)
			}
			if err == nil && (c.State != domain.Ended || c.EndReason != domain.EndedBySilence || !c.EndedAt.Equal(noon.Add(time.Hour)) ||
				c.Unread != 0 || !c.Waiting.IsZero() || c.Agent != before.Agent) {
				t.Errorf("%s ends %s: %+v", name, row.state, c)
			}
		}
	}
}

func TestReadByStateAndActor(t *testing.T) {
	const none, agents, visitors = "", "agents", "visitors"
	for _, row := range []struct {
		state                                         domain.State
		holder, colleague, analyst, visitor, bySystem string
	}{
		{domain.Queued, none, none, none, visitors, none},
		{domain.Open, agents, none, none, visitors, none},
		{domain.Ended, agents, none, none, visitors, none},
	} {
		want := map[string]string{
			"holder": row.holder, "colleague": row.colleague, "analyst": row.analyst, "visitor": row.visitor, "system": row.bySystem,
		}
		for name, by := range parties {
			c := inState(row.state)
			c.LastID, c.LastBy, c.Unread, c.UnreadOut = 40, domain.ByVisitor, 2, 3
			got := none
			if c.Read(by, 99) {
				switch {
				case c.ReadByAgent == 40 && c.Unread == 0 && c.ReadByOther == 0 && c.UnreadOut == 3:
					got = agents
				case c.ReadByOther == 40 && c.UnreadOut == 0 && c.ReadByAgent == 0 && c.Unread == 2:
					got = visitors
				default:
					got = "both"
				}
			} else if c.ReadByAgent != 0 || c.ReadByOther != 0 || c.Unread != 2 || c.UnreadOut != 3 {
				got = "silently"
			}
			if got != want[name] {
				t.Errorf("%s reads %s: %q, want %q", name, row.state, got, want[name])
			}
		}
	}
}

func TestReadNeverGoesBackAndNeverHidesWhatCameLater(t *testing.T) {
	c := inState(domain.Open)
	c.LastID, c.LastBy, c.Unread, c.ReadByAgent = 40, domain.ByVisitor, 2, 20
	if !c.Read(holder, 30) || c.ReadByAgent != 30 || c.Unread != 2 {
		t.Fatalf("a mark older than the newest message: read up to %d, %d unread", c.ReadByAgent, c.Unread)
	}
	if c.Read(holder, 0) || c.Read(holder, 30) || c.ReadByAgent != 30 || c.Unread != 2 {
		t.Fatalf("the same mark again: read up to %d, %d unread", c.ReadByAgent, c.Unread)
	}
	if !c.Read(holder, 41) || c.ReadByAgent != 40 || c.Unread != 0 {
		t.Fatalf("the newest: read up to %d, %d unread", c.ReadByAgent, c.Unread)
	}
	if c.Read(holder, 40) {
		t.Fatal("reading the same again changes something")
	}
	c.LastBy, c.UnreadOut = domain.ByAgent, 2
	if !c.Read(customer, 39) || c.UnreadOut != 2 || c.ReadByOther != 39 {
		t.Fatalf("the customer has not seen the newest answer, %d unread", c.UnreadOut)
	}
	if c.Read(customer, 5) || !c.Read(customer, 40) || c.UnreadOut != 0 {
		t.Fatalf("the customer has seen everything, %d unread", c.UnreadOut)
	}
	c.LastBy, c.LastID, c.UnreadOut = domain.ByVisitor, 60, 1
	if !c.Read(customer, 55) || c.UnreadOut != 0 {
		t.Fatal("the customer's own newest message is nothing to read")
	}
}

func TestSilentUntil(t *testing.T) {
	last, later := noon.Add(10*time.Minute), noon.Add(20*time.Minute)
	for _, row := range []struct {
		name     string
		state    domain.State
		assigned time.Time
		minutes  int
		want     time.Time
	}{
		{"counted from the last message", domain.Open, noon, 30, last.Add(30 * time.Minute)},
		{"time in the queue is not silence", domain.Open, later, 30, later.Add(30 * time.Minute)},
		{"never", domain.Open, noon, 0, time.Time{}},
		{"a negative number is never too", domain.Open, noon, -1, time.Time{}},
		{"waiting", domain.Queued, time.Time{}, 30, time.Time{}},
		{"ended", domain.Ended, noon, 30, time.Time{}},
	} {
		c := inState(row.state)
		c.LastAt, c.Assigned = last, row.assigned
		if got := c.SilentUntil(row.minutes); !got.Equal(row.want) {
			t.Errorf("%s: %v, want %v", row.name, got, row.want)
		}
	}
}

func TestWaitLevel(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "ok", 2*time.Minute - 1: "ok", 2 * time.Minute: "warn", 5*time.Minute - 1: "warn", 5 * time.Minute: "over", time.Hour: "over",
	} {
		if got := domain.WaitLevel(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}

func TestFollowContinuesOnlyBesideTheSameAuthor(t *testing.T) {
	line := func(by domain.ActorKind, author int64, kind domain.MessageKind, at time.Duration) domain.Line {
		return domain.Line{Message: &domain.Message{By: by, Author: author, Kind: kind, At: noon.Add(at)}}
	}
	first := line(domain.ByAgent, 7, domain.Text, 0)
	for _, row := range []struct {
		name     string
		previous domain.Line
		next     domain.Line
		want     bool
	}{
		{"same author", first, line(domain.ByAgent, 7, domain.Text, time.Minute), true},
		{"other agent", first, line(domain.ByAgent, 8, domain.Text, time.Minute), false},
		{"same id, other side", first, line(domain.ByVisitor, 7, domain.Text, time.Minute), false},
		{"too late", first, line(domain.ByAgent, 7, domain.Text, 5*time.Minute), false},
		{"after a note", line(domain.ByAgent, 7, domain.Note, 0), line(domain.ByAgent, 7, domain.Text, time.Minute), false},
		{"a note", first, line(domain.ByAgent, 7, domain.Note, time.Minute), false},
		{"after an event", domain.Line{}, line(domain.ByAgent, 7, domain.Text, time.Minute), false},
	} {
		row.next.Follow(row.previous)
		if row.next.Message.Continues != row.want {
			t.Errorf("%s: %v", row.name, row.next.Message.Continues)
		}
	}
	event := domain.Line{}
	event.Follow(first) // an event line has no message and must not fall over
}

func TestPreviewIsOneShortLine(t *testing.T) {
	for body, want := range map[string]string{
		"  a \n\n b\tc ":                 "a b c",
		"":                               "",
		strings.Repeat("客", 80):          strings.Repeat("客", 80),
		strings.Repeat("客", 81):          strings.Repeat("客", 80),
		strings.Repeat("a ", 80) + "end": strings.Repeat("a ", 40),
	} {
		if got := domain.Preview(body); got != want {
			t.Errorf("%q: %q, want %q", body, got, want)
		}
	}
}
