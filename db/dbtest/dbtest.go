// Package dbtest makes database files with a team in them for tests.
package dbtest

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"parlor/db"
	"parlor/domain"
)

// Clock is a clock that tests set.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that stands at a fixed moment.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)} }

// Now is the moment the clock stands at.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Team is a database with an administrator, one group and one site.
type Team struct {
	*db.DB
	T     testing.TB
	Path  string
	Clock *Clock
	Admin domain.AgentID
	Group domain.GroupID
	Site  domain.Site
	mu    sync.Mutex
	seen  []domain.Change
}

// New opens a fresh file and sets the team up.
func New(t testing.TB) *Team {
	t.Helper()
	team := &Team{T: t, Path: filepath.Join(t.TempDir(), "parlor.db"), Clock: NewClock()}
	team.open()
	t.Cleanup(func() { team.DB.Close() })
	var err error
	team.Admin, err = team.SetUp(db.Founding{
		Team: "Lanshe", Name: "Zhou Yian", Email: "zhou@lanshe.example", Hash: "no password", Group: "Service",
		Site: domain.Site{Key: "SITEKEY", Name: "Shop", Brand: "cobalt", Side: "right", Silence: 30},
	})
	if err != nil {
		t.Fatal(err)
	}
	team.Site, _ = team.Directory().Site("SITEKEY")
	team.Group = team.Site.Group
	return team
}

func (team *Team) open() {
	team.T.Helper()
	d, err := db.Open(team.Path, db.Options{Clock: team.Clock.Now, Publish: team.keep})
	if err != nil {
		team.T.Fatal(err)
	}
	team.DB = d
}

// Reopen closes the file and opens it again, as a restart does.
func (team *Team) Reopen() {
	team.T.Helper()
	if err := team.Close(); err != nil {
		team.T.Fatal(err)
	}
	team.open()
}

// Branch adds a group with a site of its own.
func (team *Team) Branch(name string) (domain.GroupID, domain.Site) {
	team.T.Helper()
	group, err := team.SaveGroup(team.As(team.Admin), domain.Group{Name: name})
	if err != nil {
		team.T.Fatal(err)
	}
	key := "KEY-" + name
	if _, err := team.SaveSite(team.As(team.Admin), domain.Site{Key: key, Name: name, Group: group, Brand: "plum", Side: "left", Silence: 30}); err != nil {
		team.T.Fatal(err)
	}
	site, _ := team.Directory().Site(key)
	return group, site
}

func (team *Team) keep(c []domain.Change) {
	team.mu.Lock()
	defer team.mu.Unlock()
	team.seen = append(team.seen, c...)
}

// Changes returns what was published so far.
func (team *Team) Changes() []domain.Change {
	team.mu.Lock()
	defer team.mu.Unlock()
	return append([]domain.Change(nil), team.seen...)
}

// Agent adds an agent with a built-in role through an invitation.
func (team *Team) Agent(name, role string, scope domain.Scope, groups ...domain.GroupID) domain.AgentID {
	team.T.Helper()
	token := "token-" + name
	var id domain.RoleID
	for _, r := range team.Directory().RoleList() {
		if r.Key == role {
			id = r.ID
		}
	}
	admin := team.As(team.Admin)
	if err := team.Invite(admin, domain.Invite{Name: name, Role: id, Scope: scope, Groups: groups}, token, nil); err != nil {
		team.T.Fatal(err)
	}
	agent, err := team.Join(token, name, name+"@lanshe.example", "no password")
	if err != nil {
		team.T.Fatal(err)
	}
	return agent
}

// As is the actor of an agent.
func (team *Team) As(id domain.AgentID) domain.Actor {
	team.T.Helper()
	actor, ok := team.Directory().Actor(id)
	if !ok {
		team.T.Fatalf("agent %d may do nothing", id)
	}
	return actor
}

// Status sets an agent's status.
func (team *Team) Status(id domain.AgentID, s domain.Status) {
	team.T.Helper()
	if err := team.SetStatus(team.As(id), s, "test"); err != nil {
		team.T.Fatal(err)
	}
}

// Visitor writes a first message from a new browser.
func (team *Team) Visitor(name, text string) (db.Visitor, *domain.Conversation) {
	team.T.Helper()
	v, _, err := team.Say(team.Opening(name, text))
	if err != nil {
		team.T.Fatal(err)
	}
	c, err := team.LatestConversation(v.ID)
	if err != nil {
		team.T.Fatal(err)
	}
	return v, c
}

// Opening is the first message of a browser called name.
func (team *Team) Opening(name, text string) db.Opening {
	return db.Opening{
		Site: team.Site, Token: "visitor-" + name, Code: "8F2A",
		Visit: domain.Visit{Page: "https://shop.example/", Title: "Shop", Language: "zh-CN"},
		Draft: domain.NewDraft(fmt.Sprintf("first-%x", name), domain.Text, text),
	}
}
