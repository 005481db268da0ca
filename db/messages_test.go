package db_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parlor/db/dbtest"
	"parlor/domain"
)

// same posts one draft n times at once and returns the ids of the answers.
func same(t *testing.T, n int, post func() (domain.Message, error)) []domain.EventID {
	t.Helper()
	var mu sync.Mutex
	var out []domain.EventID
	race(n, func(int) {
		m, err := post()
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			t.Error(err)
		}
		out = append(out, m.ID)
	})
	slices.Sort(out)
	return slices.Compact(out)
}

func TestR03_SameClientIDStoresOneMessage(t *testing.T) {
	team := dbtest.New(t)
	team.Status(team.Admin, domain.Online)
	v, c := team.Visitor("v", "hello")
	by := team.As(team.Admin)
	conn := raw(t, team.Path)
	for name, post := range map[string]func() (domain.Message, error){
		"visitor": func() (domain.Message, error) {
			_, m, err := team.Say(again(team, v, "one", "body of visitor"))
			return m, err
		},
		"text": func() (domain.Message, error) { return team.Reply(by, c.ID, text("one", "body of text")) },
		"note": func() (domain.Message, error) { return team.Reply(by, c.ID, note("two", "body of note")) },
	} {
		published, stored := len(team.Changes()), count(t, conn, `SELECT COUNT(*) FROM events`)
		if got := same(t, 50, post); len(got) != 1 || got[0] == 0 {
			t.Errorf("%s: answers %v", name, got)
		}
		if n := count(t, conn, `SELECT COUNT(*) FROM messages WHERE body = ?`, "body of "+name); n != 1 {
			t.Errorf("%s: %d rows", name, n)
		}
		if n := count(t, conn, `SELECT COUNT(*) FROM events`) - stored; n != 1 {
			t.Errorf("%s: %d events", name, n)
		}
		if n := len(team.Changes()) - published; n != 1 {
			t.Errorf("%s: %d changes published", name, n)
		}
	}
	if got := state(t, team, c.ID); got.UnreadOut != 1 || got.Unread > 1 {
		t.Errorf("counted more than once: %+v", got)
	}
}

func TestR03_SameClientIDWithOtherBodyConflicts(t *testing.T) {
	team := dbtest.New(t)
	team.Status(team.Admin, domain.Online)
	v, c := team.Visitor("v", "hello")
	_, other := team.Visitor("w", "hello")
	by := team.As(team.Admin)
	must(t, reply(team, by, c.ID, text("r", "one")))
	_, _, said := team.Say(again(team, v, team.Opening("v", "").Draft.ClientID, "another"))
	for what, err := range map[string]error{
		"visitor": said, "agent": reply(team, by, c.ID, text("r", "two")), "as a note": reply(team, by, c.ID, note("r", "one")),
		"elsewhere": reply(team, by, other.ID, text("r", "one")),
	} {
		if !refused(err, "message.reused") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := lines(t, team, c.ID)[domain.MessagePosted]; n != 2 {
		t.Errorf("%d messages", n)
	}
	if err := reply(team, team.As(team.Agent("Mo", "admin", domain.ScopeAll)), c.ID, note("r", "of another author")); err != nil {
		t.Errorf("client ids of two authors meet: %v", err)
	}
}

func TestR03_ARetryAfterTheEndFindsTheMessage(t *testing.T) {
	team := dbtest.New(t)
	team.Status(team.Admin, domain.Online)
	by := team.As(team.Admin)
	v, c := team.Visitor("v", "hello")
	_, said, err := team.Say(again(team, v, "a", "said"))
	must(t, err)
	replied, err := team.Reply(by, c.ID, text("r", "replied"))
	must(t, err)
	must(t, team.End(by, c.ID))
	before := lastEvent(t, team)
	retry := func() {
		t.Helper()
		if _, m, err := team.Say(again(team, v, "a", "said")); err != nil || m.ID != said.ID || m.Conversation != c.ID {
			t.Errorf("the visitor's retry gave %d, %v; want %d", m.ID, err, said.ID)
		}
		if m, err := team.Reply(by, c.ID, text("r", "replied")); err != nil || m.ID != replied.ID || !m.At.Equal(replied.At) {
			t.Errorf("the agent's retry gave %d, %v; want %d", m.ID, err, replied.ID)
		}
		if _, _, err := team.Say(again(team, v, "a", "other")); !refused(err, "message.reused") {
			t.Errorf("other words: %v", err)
		}
		if err := reply(team, by, c.ID, text("new", "x")); !refused(err, "conversation.ended") {
			t.Errorf("something new from the agent: %v", err)
		}
	}
	retry()
	if latest, _ := team.LatestConversation(v.ID); latest.ID != c.ID || lastEvent(t, team) != before {
		t.Error("a retry started a conversation")
	}
	_, _, err = team.Say(again(team, v, "b", "a new matter"))
	must(t, err)
	retry()
	if latest, _ := team.LatestConversation(v.ID); latest.ID == c.ID || latest.Customer != c.Customer || latest.State != domain.Open {
		t.Errorf("something new from the visitor: %+v", latest)
	}
}

func TestR16_OneRunningConversationPerVisitor(t *testing.T) {
	team := dbtest.New(t)
	team.Status(team.Admin, domain.Online)
	v, c := team.Visitor("v", "hello")
	conn := raw(t, team.Path)
	for round := range 10 {
		must(t, team.EndOwn(domain.Actor{Kind: domain.ByVisitor, Visitor: v.ID}))
		race(50, func(i int) {
			if _, _, err := team.Say(again(team, v, fmt.Sprintf("r%d-%d", round, i), "hello")); err != nil {
				t.Error(err)
			}
		})
		latest, err := team.LatestConversation(v.ID)
		must(t, err)
		if n := count(t, conn, `SELECT COUNT(*) FROM messages WHERE conversation_id = ?`, latest.ID); latest.ID == c.ID || n != 50 || latest.Unread != 50 {
			t.Errorf("round %d: conversation %d holds %d messages, %d unread", round, latest.ID, n, latest.Unread)
		}
		if n := lines(t, team, latest.ID)[domain.WasAssigned]; n != 1 {
			t.Errorf("round %d: assigned %d times", round, n)
		}
	}
	if n := count(t, conn, `SELECT COUNT(*) FROM conversations`); n != 11 {
		t.Errorf("%d conversations", n)
	}
	if _, err := conn.Exec(`UPDATE conversations SET state = 'open' WHERE id = ?`, c.ID); err == nil {
		t.Error("the file itself allows two")
	}
}

// TestR16_FirstMessagesOfOneBrowser: it holds a token that no row knows yet.
func TestR16_FirstMessagesOfOneBrowser(t *testing.T) {
	team := dbtest.New(t)
	team.Status(team.Admin, domain.Online)
	race(50, func(i int) {
		o := team.Opening("v", "hello")
		if i%2 == 0 { // the others are one message sent again and again
			o.Draft.ClientID = fmt.Sprint("other", i)
		}
		if _, _, err := team.Say(o); err != nil {
			t.Error(err)
		}
	})
	conn := raw(t, team.Path)
	for table, want := range map[string]int{"visitors": 1, "customers": 1, "conversations": 1, "messages": 26} {
		if n := count(t, conn, `SELECT COUNT(*) FROM `+table); n != want {
			t.Errorf("%d %s, want %d", n, table, want)
		}
	}
	_, other := team.Branch("Other")
	o := team.Opening("v", "hello")
	o.Site = other
	if _, _, err := team.Say(o); !errors.Is(err, domain.NotFound) {
		t.Errorf("the token of another site: %v", err)
	}
}

func TestAMessageIsRefusedBeforeItIsWritten(t *testing.T) {
	team := dbtest.New(t)
	for name, d := range map[string]domain.Draft{
		"empty": text("a", ""), "long": text("a", strings.Repeat("x", domain.MessageMost+1)), "client": text("a b", "x"), "encoding": text("a", "\xff"),
	} {
		o := team.Opening(name, "")
		o.Draft = d
		if _, _, err := team.Say(o); !errors.As(err, &domain.Invalid{}) {
			t.Errorf("%s: %v", name, err)
		}
		if err := reply(team, domain.System, 1, d); !errors.As(err, &domain.Invalid{}) {
			t.Errorf("%s reply: %v", name, err)
		}
	}
	if n := count(t, raw(t, team.Path), `SELECT COUNT(*) FROM visitors`); n != 0 {
		t.Errorf("%d visitors", n)
	}
}

func TestS43_AVisitorIsFoundByTheTokenAloneAndOnItsOwnSite(t *testing.T) {
	team := dbtest.New(t)
	_, other := team.Branch("Other")
	v, c := team.Visitor("v", "hello")
	for range 2 { // from memory, then from the file
		if got, err := team.DB.Visitor(team.Site.ID, "visitor-v"); err != nil || got != v {
			t.Error(got, err)
		}
		if _, err := team.DB.Visitor(other.ID, "visitor-v"); !errors.Is(err, domain.NotFound) {
			t.Error("known on another site:", err)
		}
		if _, err := team.DB.Visitor(team.Site.ID, ""); !errors.Is(err, domain.NotFound) {
			t.Error("an empty token:", err)
		}
		team.Reopen()
	}
	if onDisk(t, team.Path, "visitor-v") {
		t.Error("the token itself is stored")
	}
	if visit, err := team.VisitOf(c); err != nil || visit.Page != "https://shop.example/" {
		t.Error(visit, err)
	}
}

func TestReadMarksAreTheHoldersAndTheVisitors(t *testing.T) {
	team := dbtest.New(t)
	team.Status(team.Admin, domain.Online)
	by := team.As(team.Admin)
	colleague := team.As(team.Agent("Mo", "supervisor", domain.ScopeAll))
	v, c := team.Visitor("v", "hello")
	visitor := domain.Actor{Kind: domain.ByVisitor, Visitor: v.ID}
	must(t, team.Read(colleague, c.ID, c.LastID))
	if n, err := team.Unread(by); err != nil || n != 1 {
		t.Errorf("a colleague's look leaves %d unread, %v", n, err)
	}
	before := len(team.Changes())
	must(t, team.Read(by, c.ID, c.LastID))
	must(t, team.Read(by, c.ID, c.LastID))
	if n, err := team.Unread(by); err != nil || n != 0 {
		t.Errorf("%d unread, %v", n, err)
	}
	if changes := team.Changes()[before:]; len(changes) != 1 || changes[0].Kind != domain.WasRead || changes[0].ID != 0 {
		t.Errorf("published: %+v", changes)
	}
	m, err := team.Reply(by, c.ID, text("r", "answer"))
	must(t, err)
	must(t, team.ReadOwn(visitor, m.ID))
	if got := state(t, team, c.ID); got.ReadByOther != m.ID || got.UnreadOut != 0 {
		t.Errorf("%+v", got)
	}
	if err := team.ReadOwn(domain.Actor{Kind: domain.ByVisitor, Visitor: 99}, 1); !errors.Is(err, domain.NotFound) {
		t.Error(err)
	}
}

func TestAnAnswerReadsWhatCameBefore(t *testing.T) {
	team := dbtest.New(t)
	team.Status(team.Admin, domain.Online)
	v, c := team.Visitor("v", "one")
	_, _, err := team.Say(again(team, v, "b", "two"))
	must(t, err)
	if n := state(t, team, c.ID).Unread; n != 2 {
		t.Fatalf("%d unread", n)
	}
	team.Clock.Advance(time.Minute)
	must(t, reply(team, team.As(team.Admin), c.ID, text("r", "answer")))
	if got := state(t, team, c.ID); got.Unread != 0 || !got.Waiting.IsZero() || !got.FirstReply.Equal(team.Clock.Now()) || got.Preview != "answer" {
		t.Errorf("%+v", got)
	}
}

func TestANoteMentionsOnlyColleaguesWhoMaySeeIt(t *testing.T) {
	team := dbtest.New(t)
	team.Status(team.Admin, domain.Online)
	by := team.As(team.Admin)
	sees := team.Agent("李明", "supervisor", domain.ScopeAll)
	alike := team.Agent("李", "supervisor", domain.ScopeAll)
	blind := team.Agent("Mo", "agent", domain.ScopeSelf, team.Group)
	gone := team.Agent("Gone", "supervisor", domain.ScopeAll)
	a := team.Directory().Agents[gone]
	a.Active = false
	must(t, team.SaveAgent(by, a))
	_, c := team.Visitor("v", "hello")
	before := len(team.Changes())
	must(t, reply(team, by, c.ID, note("n", "@李明 @Mo @Gone @Zhou Yian @nobody")))
	change := team.Changes()[before]
	if !slices.Equal(change.Data.Mention, []domain.AgentID{sees}) {
		t.Errorf("mentioned: %v, want %d", change.Data.Mention, sees)
	}
	must(t, reply(team, by, c.ID, text("r", "@李 is no note")))
	mentioned := func(id domain.AgentID) bool {
		t.Helper()
		list, err := team.Colleagues(team.As(id))
		must(t, err)
		return slices.ContainsFunc(list, func(e domain.Entry) bool { return e.ID == c.ID && e.Mentioned })
	}
	if !mentioned(sees) || mentioned(alike) || mentioned(blind) {
		t.Error("the wrong colleagues are told")
	}
	must(t, team.Read(team.As(sees), c.ID, c.LastID))
	if mentioned(sees) {
		t.Error("a look does not clear the mention")
	}
	if thread, _ := team.Thread(by, c.ID, 0, 50); !slices.ContainsFunc(thread.Lines, func(l domain.Line) bool {
		return l.Kind == domain.NotePosted && slices.Equal(l.Data.Mention, []domain.AgentID{sees})
	}) {
		t.Error("the line has lost its mention")
	}
	before = len(team.Changes())
	must(t, reply(team, by, c.ID, note("n", "@李明 @Mo @Gone @Zhou Yian @nobody")))
	if len(team.Changes()) != before || mentioned(sees) {
		t.Error("a repeated note mentions again")
	}
}
