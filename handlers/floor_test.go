package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"parlor/domain"
)

// floor is a team of two groups, each with a site of its own, an agent and
// conversations that are held, ended and in the queue. A supervisor of the
// first group holds some as well.
type floor struct {
	*desk
	south         domain.GroupID
	lin, mei      domain.AgentID // agents of the first and of the second group, seeing their own work
	chen, analyst domain.AgentID // both see the first group
	browsers      map[string]*browser
	visitors      map[domain.ConversationID]*browser
}

// The conversations of a floor, in the order they start.
const (
	northHeld domain.ConversationID = iota + 1
	northEnded
	southHeld
	southEnded
	chenHeld
	chenEnded
	northQueued
	southQueued
	absent domain.ConversationID = 999
)

var (
	north = []domain.ConversationID{northHeld, northEnded, chenHeld, chenEnded, northQueued}
	south = []domain.ConversationID{southHeld, southEnded, southQueued}
)

// sees is who may look into which conversation, written down by hand.
var sees = map[string][]domain.ConversationID{
	"stranger": {}, "lin": {northHeld, northEnded, northQueued}, "mei": south, "chen": north, "analyst": north, "admin": slices.Concat(north, south),
}

func words(c domain.ConversationID) string { return fmt.Sprintf("words of conversation %d.", c) }

func newFloor(t *testing.T) *floor {
	t.Helper()
	f := &floor{desk: newDesk(t), browsers: map[string]*browser{}, visitors: map[domain.ConversationID]*browser{}}
	f.south = f.group("South")
	f.site("SOUTHKEY", f.south)
	f.lin = f.hire("lin", "agent", domain.ScopeSelf, f.Group)
	f.mei = f.hire("mei", "agent", domain.ScopeSelf, f.south)
	f.chen = f.hire("chen", "supervisor", domain.ScopeGroups, f.Group)
	f.analyst = f.hire("analyst", "analyst", domain.ScopeGroups, f.Group)
	f.receive(f.lin, "SITEKEY", northHeld, northEnded)
	f.receive(f.mei, "SOUTHKEY", southHeld, southEnded)
	f.receive(f.chen, "SITEKEY", chenHeld, chenEnded)
	f.knock("SITEKEY", northQueued)
	f.knock("SOUTHKEY", southQueued)
	f.browsers["stranger"] = f.browser()
	for name, id := range map[string]domain.AgentID{"admin": f.Admin, "lin": f.lin, "mei": f.mei, "chen": f.chen, "analyst": f.analyst} {
		f.browsers[name] = f.inside(id)
	}
	return f
}

// inside is a browser with a session of an agent, made without the password:
// checking one is slow on purpose.
func (d *desk) inside(id domain.AgentID) *browser {
	d.T.Helper()
	ctx, err := d.app.Sessions.Load(context.Background(), "")
	if err == nil {
		err = d.app.SignIn(ctx, id, d.Directory().Agents[id].Epoch, true)
	}
	if err != nil {
		d.T.Fatal(err)
	}
	token, _, err := d.app.Sessions.Commit(ctx)
	if err != nil {
		d.T.Fatal(err)
	}
	b := d.browser()
	u, _ := url.Parse(b.base)
	b.http.Jar.SetCookies(u, []*http.Cookie{{Name: "parlor", Value: token}})
	return b
}

// receive lets an agent take two conversations and end the second.
func (f *floor) receive(by domain.AgentID, key string, held, ended domain.ConversationID) {
	f.T.Helper()
	f.Status(by, domain.Online)
	f.knock(key, held)
	f.knock(key, ended)
	f.reply(by, held, fmt.Sprintf("note%d", held), "note: "+words(held), domain.Note)
	if err := f.End(f.As(by), ended); err != nil {
		f.T.Fatal(err)
	}
	f.Status(by, domain.Busy)
}

// knock is a new visitor's first message.
func (f *floor) knock(key string, c domain.ConversationID) {
	f.T.Helper()
	f.visitors[c] = f.browser()
	f.visitors[c].write(key, "first", words(c))
	if got, err := f.Conversation(f.As(f.Admin), c); err != nil || got.Site != f.siteOf(key) {
		f.T.Fatalf("conversation %d is not the one expected: %v", c, err)
	}
}

func (f *floor) siteOf(key string) domain.SiteID {
	s, _ := f.Directory().Site(key)
	return s.ID
}

// live opens a person's stream from now on.
func (f *floor) live(name string) *source {
	f.T.Helper()
	last, err := f.LastEvent()
	if err != nil {
		f.T.Fatal(err)
	}
	return f.browsers[name].listen(fmt.Sprintf("/desk/live?after=%d", last)).ready()
}

// settle makes every agent's stream hear of something, so that whatever was to
// come before has come.
func (f *floor) settle(streams ...*source) {
	f.T.Helper()
	heard := make([]int, len(streams))
	for i, s := range streams {
		heard[i] = len(s.all())
	}
	if err := f.RenameTeam(f.As(f.Admin), f.Directory().Team+"!"); err != nil {
		f.T.Fatal(err)
	}
	for i, s := range streams {
		eventually(f.T, 5e9, "news of the team", func() bool {
			return slices.ContainsFunc(s.all()[heard[i]:], func(e event) bool { return e.kind == "team" })
		})
	}
}
