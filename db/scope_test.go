package db_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"parlor/db/dbtest"
	"parlor/domain"
)

// everyPlace makes one conversation of each group, state and holder, of two
// customers, each holding one message and one note, and returns them.
func everyPlace(t *testing.T, team *dbtest.Team, groups []domain.GroupID, agents []domain.AgentID) []*domain.Conversation {
	t.Helper()
	type place struct {
		state domain.State
		agent domain.AgentID
	}
	places := []place{{domain.Queued, 0}, {domain.Ended, 0}}
	for _, a := range agents {
		places = append(places, place{domain.Open, a}, place{domain.Ended, a})
	}
	conn := raw(t, team.Path)
	var all []*domain.Conversation
	for _, g := range groups {
		for _, p := range places {
			_, c := team.Visitor(fmt.Sprint(len(all)), "needle")
			_, err := team.Reply(domain.System, c.ID, note(fmt.Sprintf("n%d", c.ID), "needle inside"))
			must(t, err)
			_, err = conn.Exec(`UPDATE conversations SET group_id = ?, state = ?, agent_id = NULLIF(?, 0), customer_id = ? WHERE id = ?`,
				g, p.state, p.agent, 1+len(all)%2, c.ID)
			must(t, err)
			all = append(all, state(t, team, c.ID))
		}
	}
	must(t, team.IndexAll())
	return all
}

// someActors are agents of every scope, with and without permission, within
// and for any of the groups; besides the parties that are no agents.
func someActors(groups []domain.GroupID, agents []domain.AgentID) []domain.Actor {
	subset := func(bits int) (out []domain.GroupID) {
		for i, g := range groups {
			if bits>>i&1 == 1 {
				out = append(out, g)
			}
		}
		return out
	}
	var all []domain.Actor
	for _, scope := range []domain.Scope{domain.ScopeSelf, domain.ScopeGroups, domain.ScopeAll} {
		for in := range 1 << len(groups) {
			for serves := range 1 << len(groups) {
				for _, grants := range [][]domain.Permission{{domain.PermView}, domain.Permissions, {domain.PermReply, domain.PermQueue}} {
					all = append(all, domain.Actor{
						Kind: domain.ByAgent, Agent: agents[len(all)%len(agents)], Grants: grants, Scope: scope, ScopeIn: subset(in), Groups: subset(serves),
					})
				}
			}
		}
	}
	return append(all, domain.System, domain.Actor{}, domain.Actor{Kind: domain.ByVisitor, Visitor: 1})
}

// TestS16_S19_SQLScopeEqualsSees keeps the two forms of the one rule equal, in
// everything that a person can ask for.
func TestS16_S19_SQLScopeEqualsSees(t *testing.T) {
	team := dbtest.New(t)
	second, _ := team.Branch("Second")
	third, _ := team.Branch("Third")
	groups := []domain.GroupID{team.Group, second, third}
	agents := []domain.AgentID{team.Admin, team.Agent("Lin", "agent", domain.ScopeSelf), team.Agent("Mo", "agent", domain.ScopeSelf)}
	all := everyPlace(t, team, groups, agents)
	actors := someActors(groups, agents)
	random := rand.New(rand.NewPCG(1, 2))
	seen := map[bool]int{}
	for i, by := range actors {
		for _, c := range all {
			got, err := team.Conversation(by, c.ID)
			if by.Kind == domain.ByVisitor {
				if !errors.Is(err, domain.NotFound) {
					t.Fatal("a visitor asked as an agent would")
				}
				continue
			}
			want := by.Sees(c)
			seen[want]++
			if (err == nil) != want || (err != nil && !errors.Is(err, domain.NotFound)) || (err == nil && got.ID != c.ID) {
				t.Fatalf("%+v and conversation %+v: %v", by, c, err)
			}
		}
		if i >= len(actors)-3 || random.IntN(4) == 0 {
			checkLists(t, team, by, all)
		}
	}
	if seen[true] < 500 || seen[false] < 500 {
		t.Fatalf("the cases prove little: %v", seen)
	}
}

func ids(all []*domain.Conversation, keep func(*domain.Conversation) bool) (out []domain.ConversationID) {
	for _, c := range all {
		if keep(c) {
			out = append(out, c.ID)
		}
	}
	slices.Sort(out)
	return out
}

func checkLists(t *testing.T, team *dbtest.Team, by domain.Actor, all []*domain.Conversation) {
	t.Helper()
	sees := func(c *domain.Conversation) bool { return by.Kind != domain.ByVisitor && by.Sees(c) }
	equal := func(list string, got []domain.ConversationID, err error, want func(*domain.Conversation) bool) {
		t.Helper()
		must(t, err)
		slices.Sort(got)
		if expected := ids(all, want); !slices.Equal(got, expected) {
			t.Fatalf("%s of %+v: %v, want %v", list, by, got, expected)
		}
	}
	everything := func(*domain.Conversation) bool { return true }

	queue, err := team.Queue(by, 1000)
	waiting := func(c *domain.Conversation) bool { return sees(c) && c.State == domain.Queued }
	equal("queue", ids(queue, everything), err, waiting)
	w, err := team.Waiting(by)
	if must(t, err); w.Count != len(queue) || w.Longest.IsZero() != (len(queue) == 0) {
		t.Fatalf("%+v waits for %d of %d", by, w.Count, len(queue))
	}

	others, err := team.Colleagues(by)
	equal("colleagues", entries(others), err, func(c *domain.Conversation) bool { return sees(c) && c.State == domain.Open && c.Agent != by.Agent })

	inbox, err := team.Inbox(by, time.Time{})
	equal("inbox", append(entries(inbox.Open), entries(inbox.Ended)...), err, func(c *domain.Conversation) bool {
		return sees(c) && c.Agent != 0 && c.Agent == by.Agent
	})

	for _, c := range all[:2] {
		earlier, err := team.Earlier(by, c)
		equal("earlier", ids(earlier, everything), err, func(o *domain.Conversation) bool { return sees(o) && o.Customer == c.Customer && o.ID != c.ID })
	}

	missed, err := team.MissedBy(by, 0, 10_000)
	lines := map[domain.ConversationID]int{}
	for _, m := range missed {
		if m.In.ID != m.Line.Conversation {
			t.Fatal("a line of another conversation")
		}
		lines[m.In.ID]++
		if by.Kind == domain.ByVisitor && m.Line.Kind == domain.NotePosted {
			t.Fatal("a note reached a visitor")
		}
	}
	var missedIn []domain.ConversationID
	for id, n := range lines {
		if by.Kind != domain.ByVisitor && n != 3 { // message, queued, note
			t.Fatalf("conversation %d was missed with %d lines", id, n)
		}
		missedIn = append(missedIn, id)
	}
	equal("missed", missedIn, err, by.Sees)

	threads(t, team, by, all, sees)
}

func entries(list []domain.Entry) (out []domain.ConversationID) {
	for _, e := range list {
		out = append(out, e.ID)
	}
	return out
}

// threads asks for what stands inside each conversation.
func threads(t *testing.T, team *dbtest.Team, by domain.Actor, all []*domain.Conversation, sees func(*domain.Conversation) bool) {
	t.Helper()
	for _, c := range all {
		thread, err := team.Thread(by, c.ID, 0, 50)
		after, errAfter := team.ThreadAfter(by, c.ID, 0, 50)
		hits, errHits := team.FindInThread(by, c.ID, "needle", 50)
		if sees(c) {
			must(t, errors.Join(err, errAfter, errHits))
			if len(thread.Lines) != 3 || len(after) != 3 || len(hits) != 2 {
				t.Fatalf("%+v sees %d, %d and %d lines of %d", by, len(thread.Lines), len(after), len(hits), c.ID)
			}
			continue
		}
		for _, err := range []error{err, errAfter, errHits} {
			if !errors.Is(err, domain.NotFound) {
				t.Fatalf("%+v looks into %d: %v", by, c.ID, err)
			}
		}
	}
}

// TestS18_ChangesRespectScope: what may not be seen is not found, whatever is
// done to it.
func TestS18_ChangesRespectScope(t *testing.T) {
	team := dbtest.New(t)
	second, _ := team.Branch("Second")
	lin := team.Agent("Lin", "agent", domain.ScopeSelf, second)
	mo := team.Agent("Mo", "agent", domain.ScopeSelf, team.Group)
	_, c := team.Visitor("v", "hello")
	by := team.As(lin)
	for what, err := range map[string]error{
		"reply":  reply(team, by, c.ID, text("a", "x")),
		"note":   reply(team, by, c.ID, note("b", "x")),
		"end":    team.End(by, c.ID),
		"accept": team.Accept(by, c.ID),
		"read":   team.Read(by, c.ID, c.LastID),
	} {
		if !errors.Is(err, domain.NotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	must(t, team.Accept(team.As(mo), c.ID))
	if err := team.Accept(by, c.ID); !errors.Is(err, domain.NotFound) {
		t.Errorf("a foreign group learns who took it: %v", err)
	}
	analyst := team.As(team.Agent("An", "analyst", domain.ScopeAll))
	for what, err := range map[string]error{
		"reply": reply(team, analyst, c.ID, text("a", "x")), "note": reply(team, analyst, c.ID, note("b", "x")),
		"end": team.End(analyst, c.ID), "accept": team.Accept(analyst, c.ID),
	} {
		if !errors.Is(err, domain.Forbidden) {
			t.Errorf("%s without permission: %v", what, err)
		}
	}
	if n := lines(t, team, c.ID); n[domain.MessagePosted] != 1 || n[domain.NotePosted] != 0 || n[domain.WasEnded] != 0 {
		t.Errorf("something was stored: %v", n)
	}
}

func reply(team *dbtest.Team, by domain.Actor, id domain.ConversationID, d domain.Draft) error {
	_, err := team.Reply(by, id, d)
	return err
}

// TestS22_NotesNeverReachTheVisitor asks every door the visitor has.
func TestS22_NotesNeverReachTheVisitor(t *testing.T) {
	team := dbtest.New(t)
	team.Status(team.Admin, domain.Online)
	v, c := team.Visitor("v", "hello")
	must(t, reply(team, team.As(team.Admin), c.ID, note("n", "secret")))
	must(t, reply(team, team.As(team.Admin), c.ID, text("r", "answer")))
	c = state(t, team, c.ID)
	own, err := team.OwnThread(c, 0, 50)
	must(t, err)
	after, err := team.OwnThreadAfter(c, 0, 50)
	must(t, err)
	missed, err := team.MissedBy(domain.Actor{Kind: domain.ByVisitor, Visitor: v.ID}, 0, 50)
	must(t, err)
	for _, m := range missed {
		after = append(after, m.Line)
	}
	if len(own.Lines) != 3 || len(after) != 6 {
		t.Fatalf("%d and %d lines", len(own.Lines), len(after))
	}
	for _, l := range append(own.Lines, after...) {
		if l.Kind == domain.NotePosted || l.Message != nil && l.Message.Kind == domain.Note {
			t.Fatal("a note reached the visitor")
		}
	}
	if c.Preview != "answer" || c.UnreadOut != 1 {
		t.Errorf("the note left a trace: %q, %d unread", c.Preview, c.UnreadOut)
	}
}

// TestThreadPages reads a thread backwards and forwards in parts.
func TestThreadPages(t *testing.T) {
	team := dbtest.New(t)
	team.Status(team.Admin, domain.Online)
	v, c := team.Visitor("v", "0")
	for i := 1; i < 20; i++ {
		_, _, err := team.Say(again(team, v, fmt.Sprintf("c%d", i), fmt.Sprint(i)))
		must(t, err)
	}
	var whole []domain.EventID
	for before, more := domain.EventID(0), true; more; {
		s, err := team.Thread(domain.System, c.ID, before, 6)
		must(t, err)
		var part []domain.EventID
		for _, l := range s.Lines {
			part = append(part, l.ID)
		}
		whole, before, more = append(part, whole...), part[0], s.More
	}
	if len(whole) != 21 || !slices.IsSorted(whole) {
		t.Fatalf("backwards: %v", whole)
	}
	var forward []domain.EventID
	for cursor := domain.EventID(0); ; cursor = forward[len(forward)-1] {
		part, err := team.ThreadAfter(domain.System, c.ID, cursor, 6)
		must(t, err)
		if len(part) == 0 {
			break
		}
		for _, l := range part {
			if l.Message != nil && l.Message.Continues != (l.Message.Body != "0" && l.Message.Body != "1") {
				t.Errorf("message %s continues: %v", l.Message.Body, l.Message.Continues)
			}
			forward = append(forward, l.ID)
		}
	}
	if !slices.Equal(whole, forward) {
		t.Fatalf("forwards: %v, backwards: %v", forward, whole)
	}
	if last, err := team.LastEvent(); err != nil || last < forward[len(forward)-1] {
		t.Fatal(last, err)
	}
}
