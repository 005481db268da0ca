package db_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"parlor/db"
	"parlor/db/dbtest"
	"parlor/domain"
)

// claim lets every agent accept one waiting conversation while something else
// happens, and returns who won, by hand or otherwise.
func claim(t *testing.T, team *dbtest.Team, agents []domain.Actor, c *domain.Conversation, meanwhile func()) domain.AgentID {
	t.Helper()
	var mu sync.Mutex
	var winners, named []domain.AgentID
	var ended int
	race(len(agents)+1, func(i int) {
		if i == len(agents) {
			meanwhile()
			return
		}
		err := team.Accept(agents[i], c.ID)
		mu.Lock()
		defer mu.Unlock()
		var conflict domain.Conflict
		switch {
		case err == nil:
			winners = append(winners, agents[i].Agent)
		case errors.As(err, &conflict) && conflict.Key == "conversation.taken":
			named = append(named, conflict.Owner)
		case refused(err, "conversation.ended"):
			ended++
		default:
			t.Error(err)
		}
	})
	got := state(t, team, c.ID)
	for _, id := range append(winners, named...) {
		if id != got.Agent {
			t.Errorf("%d holds it, won by %v, named %v", got.Agent, winners, named)
			break
		}
	}
	if len(winners) > 1 || ended > 0 && got.State != domain.Ended {
		t.Errorf("winners %v, %d times ended, %+v", winners, ended, got)
	}
	return got.Agent
}

func TestR15_OneAgentWinsAWaitingConversation(t *testing.T) {
	team := dbtest.New(t)
	router := team.Agent("router", "agent", domain.ScopeSelf, team.Group)
	var agents []domain.Actor
	for i := range 50 { // half of them lose sight of what a colleague takes
		scope := []domain.Scope{domain.ScopeSelf, domain.ScopeAll}[i%2]
		agents = append(agents, team.As(team.Agent(fmt.Sprint("agent", i), "agent", scope, team.Group)))
	}
	for round := range 150 {
		v, c := team.Visitor(fmt.Sprint(round), "hello")
		meanwhile, endings := func() {}, 0
		switch round % 3 {
		case 1:
			endings = 1
			meanwhile = func() {
				if err := team.EndOwn(domain.Actor{Kind: domain.ByVisitor, Visitor: v.ID}); err != nil {
					t.Error("the visitor's end:", err)
				}
			}
		case 2:
			meanwhile = func() {
				if err := team.SetStatus(team.As(router), domain.Online, "test"); err != nil {
					t.Error(err)
				}
			}
		}
		winner := claim(t, team, agents, c, meanwhile)
		n := lines(t, team, c.ID)
		if n[domain.WasAssigned] != min(1, int(winner)) || n[domain.WasEnded] != endings || winner == 0 && endings == 0 {
			t.Fatalf("round %d: %d won, lines %v", round, winner, n)
		}
		team.Status(router, domain.Offline)
		if endings == 0 {
			must(t, team.End(team.As(winner), c.ID))
		}
	}
}

func TestAcceptExplainsWhatHappened(t *testing.T) {
	team := dbtest.New(t)
	lin, mo := team.As(team.Agent("Lin", "agent", domain.ScopeSelf, team.Group)), team.As(team.Agent("Mo", "agent", domain.ScopeSelf, team.Group))
	_, c := team.Visitor("v", "hello")
	must(t, team.Accept(lin, c.ID))
	must(t, team.Accept(lin, c.ID)) // a second click
	var conflict domain.Conflict
	if err := team.Accept(mo, c.ID); !errors.As(err, &conflict) || conflict.Owner != lin.Agent {
		t.Errorf("taken: %v", err)
	}
	v, gone := team.Visitor("w", "hello")
	must(t, team.EndOwn(domain.Actor{Kind: domain.ByVisitor, Visitor: v.ID}))
	if err := team.Accept(mo, gone.ID); !refused(err, "conversation.ended") {
		t.Errorf("ended while waiting: %v", err)
	}
	if err := team.Accept(mo, 999); !errors.Is(err, domain.NotFound) {
		t.Errorf("never there: %v", err)
	}
}

func TestAcceptGoesAboveTheMaximum(t *testing.T) {
	team := dbtest.New(t)
	by := team.As(team.Admin)
	must(t, team.SetMaximum(by, 1))
	team.Status(team.Admin, domain.Online)
	team.Visitor("a", "hello")
	_, c := team.Visitor("b", "hello")
	if c.State != domain.Queued {
		t.Fatalf("%+v", c)
	}
	must(t, team.Accept(by, c.ID))
	if load, err := team.Load(team.Admin); err != nil || load.Level() != "over" {
		t.Error(load, err)
	}
}

// positions is where every visitor stands, by both ways of asking.
func positions(t *testing.T, team *dbtest.Team, waiting ...*domain.Conversation) []int {
	t.Helper()
	places, err := team.Places()
	must(t, err)
	out := make([]int, len(waiting))
	for i, c := range waiting {
		out[i], err = team.Position(state(t, team, c.ID))
		must(t, err)
		at := slices.IndexFunc(places, func(p db.Place) bool { return p.Visitor == c.Visitor })
		if (at < 0) != (out[i] == 0) || at >= 0 && places[at].Position != out[i] {
			t.Errorf("visitor %d stands at %d and in %v", c.Visitor, out[i], places)
		}
	}
	return out
}

func TestQueuePositionsCountWithinTheGroup(t *testing.T) {
	team := dbtest.New(t)
	_, site := team.Branch("Other")
	_, a := team.Visitor("a", "hello")
	o := team.Opening("other", "hello")
	o.Site = site
	v, _, err := team.Say(o)
	must(t, err)
	other, err := team.LatestConversation(v.ID)
	must(t, err)
	_, b := team.Visitor("b", "hello")
	_, c := team.Visitor("c", "hello")
	if got := positions(t, team, a, other, b, c); !slices.Equal(got, []int{1, 1, 2, 3}) {
		t.Errorf("%v", got)
	}
	must(t, team.Accept(team.As(team.Admin), b.ID))
	must(t, team.EndOwn(domain.Actor{Kind: domain.ByVisitor, Visitor: a.Visitor}))
	if got := positions(t, team, a, other, b, c); !slices.Equal(got, []int{0, 1, 0, 1}) {
		t.Errorf("after one was taken and one left: %v", got)
	}
}

// held is who holds each conversation now.
func held(t *testing.T, team *dbtest.Team, all []*domain.Conversation) []domain.AgentID {
	t.Helper()
	out := make([]domain.AgentID, len(all))
	for i, c := range all {
		out[i] = state(t, team, c.ID).Agent
	}
	return out
}

func TestTheQueueDrainsOldestFirst(t *testing.T) {
	team := dbtest.New(t)
	by, me := team.As(team.Admin), team.Admin
	must(t, team.SetMaximum(by, 1))
	var all []*domain.Conversation
	for i := range 5 {
		team.Clock.Advance(time.Second)
		_, c := team.Visitor(fmt.Sprint(i), "hello")
		all = append(all, c)
	}
	moved := func() int {
		n := 0
		for _, c := range team.Changes() {
			if c.QueueMoved {
				n++
			}
		}
		return n
	}
	if w, err := team.Waiting(by); err != nil || w.Count != 5 || !w.Longest.Equal(all[0].Started) {
		t.Fatal(w, err)
	}
	for _, step := range []struct {
		what  string
		do    func() error
		want  []domain.AgentID
		moves int
	}{
		{"comes online", func() error { return team.SetStatus(by, domain.Online, "test") }, []domain.AgentID{me, 0, 0, 0, 0}, 1},
		{"ends one", func() error { return team.End(by, all[0].ID) }, []domain.AgentID{me, me, 0, 0, 0}, 1},
		{"raises the maximum", func() error { return team.SetMaximum(by, 2) }, []domain.AgentID{me, me, me, 0, 0}, 1},
		{"is away and a visitor ends one", func() error {
			return errors.Join(team.SetStatus(by, domain.Away, "test"), team.EndOwn(domain.Actor{Kind: domain.ByVisitor, Visitor: all[1].Visitor}))
		}, []domain.AgentID{me, me, me, 0, 0}, 0},
		{"is back", func() error { return team.SetStatus(by, domain.Online, "test") }, []domain.AgentID{me, me, me, me, 0}, 1},
		{"is given more by an administrator", func() error {
			a := team.Directory().Agents[me]
			a.Maximum = 3
			return team.SaveAgent(by, a)
		}, []domain.AgentID{me, me, me, me, me}, 1},
	} {
		before := moved()
		must(t, step.do())
		if got := held(t, team, all); !slices.Equal(got, step.want) {
			t.Errorf("%s: %v, want %v", step.what, got, step.want)
		}
		if n := moved() - before; n != step.moves {
			t.Errorf("%s: the queue moved %d times, want %d", step.what, n, step.moves)
		}
	}
}

func TestANewConversationGoesToTheLeastLoaded(t *testing.T) {
	team := dbtest.New(t)
	other, _ := team.Branch("Other")
	lin := team.Agent("Lin", "agent", domain.ScopeSelf, team.Group)
	mo := team.Agent("Mo", "agent", domain.ScopeSelf, team.Group, other)
	away := team.Agent("Away", "agent", domain.ScopeSelf, team.Group)
	foreign := team.Agent("Foreign", "agent", domain.ScopeSelf, other)
	analyst := team.Agent("An", "analyst", domain.ScopeSelf, team.Group)
	for id, s := range map[domain.AgentID]domain.Status{lin: domain.Online, mo: domain.Online, away: domain.Away, foreign: domain.Online, analyst: domain.Online} {
		team.Status(id, s)
	}
	must(t, team.OrderAgents(team.As(team.Admin), []domain.AgentID{team.Admin, mo, lin, away, foreign, analyst}))
	var got []domain.AgentID
	for i := range 5 {
		_, c := team.Visitor(fmt.Sprint(i), "hello")
		got = append(got, c.Agent)
	}
	if !slices.Equal(got, []domain.AgentID{mo, lin, mo, lin, mo}) {
		t.Errorf("%v, want %d and %d in turn", got, mo, lin)
	}
	loads, err := team.Loads()
	if must(t, err); loads[mo] != 3 || loads[lin] != 2 {
		t.Errorf("%v", loads)
	}
}

func TestDeactivatingHandsConversationsBack(t *testing.T) {
	team := dbtest.New(t)
	admin := team.As(team.Admin)
	lin := team.Agent("Lin", "agent", domain.ScopeSelf, team.Group)
	team.Status(lin, domain.Online)
	_, a := team.Visitor("a", "hello")
	_, b := team.Visitor("b", "hello")
	must(t, reply(team, team.As(lin), a.ID, text("r", "answer")))
	must(t, team.SetMaximum(admin, 1))
	mo := team.Agent("Mo", "agent", domain.ScopeSelf, team.Group)
	_, c := team.Visitor("c", "hello")
	team.Status(lin, domain.Busy)
	_, waiting := team.Visitor("d", "hello")
	before := len(team.Changes())
	leaving := team.Directory().Agents[lin]
	leaving.Active = false
	must(t, team.SaveAgent(admin, leaving))
	var over, moved bool
	for _, ch := range team.Changes()[before:] {
		over = over || ch.SessionsOver == lin
		moved = moved || ch.QueueMoved
	}
	if !over || !moved {
		t.Errorf("sessions over: %v, queue moved: %v", over, moved)
	}
	if got := positions(t, team, a, b, c, waiting); !slices.Equal(got, []int{1, 2, 3, 4}) {
		t.Errorf("those who waited longest come first: %v", got)
	}
	if n := lines(t, team, a.ID); n[domain.WasQueued] != 1 || n[domain.WasAssigned] != 1 {
		t.Errorf("lines of a: %v", n)
	}
	if _, ok := team.Directory().Actor(lin); ok {
		t.Error("a deactivated agent may still act")
	}
	if due := count(t, raw(t, team.Path), `SELECT COUNT(*) FROM due`); due != 0 {
		t.Errorf("%d waiting conversations would fall silent", due)
	}
	team.Status(mo, domain.Online)
	if got := held(t, team, []*domain.Conversation{a, b, c, waiting}); !slices.Equal(got, []domain.AgentID{mo, mo, mo, mo}) {
		t.Errorf("%v", got)
	}
}
