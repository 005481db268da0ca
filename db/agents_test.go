package db_test

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"parlor/db"
	"parlor/db/dbtest"
	"parlor/domain"
)

func role(team *dbtest.Team, key string) domain.RoleID {
	for _, r := range team.Directory().RoleList() {
		if r.Key == key {
			return r.ID
		}
	}
	return 0
}

// invalid reports whether err marks a field with a message key.
func invalid(err error, field, key string) bool {
	var v domain.Invalid
	return errors.As(err, &v) && v[field] == key
}

func TestTheLastAdministratorStays(t *testing.T) {
	team := dbtest.New(t)
	by := team.As(team.Admin)
	a := team.Directory().Agents[team.Admin]
	demoted, deactivated := a, a
	demoted.Role = role(team, "supervisor")
	deactivated.Active = false
	for _, change := range []domain.Agent{demoted, deactivated} {
		if err := team.SaveAgent(by, change); !invalid(err, "role", "agent.last.admin") {
			t.Errorf("%+v: %v", change, err)
		}
	}
	for round := range 10 { // two administrators let each other go
		second := team.Agent(fmt.Sprint("second", round), "admin", domain.ScopeAll)
		other := team.Directory().Agents[second]
		other.Active = false
		var done atomic.Int32
		race(2, func(i int) {
			err := team.SaveAgent([]domain.Actor{by, by}[i], []domain.Agent{demoted, other}[i])
			if err == nil {
				done.Add(1)
			} else if !invalid(err, "role", "agent.last.admin") {
				t.Error(err)
			}
		})
		if done.Load() != 1 {
			t.Fatalf("%d of two changes passed", done.Load())
		}
		var left []domain.AgentID
		for _, x := range team.Directory().AgentList() {
			if x.Active && x.Role == role(team, "admin") {
				left = append(left, x.ID)
			}
		}
		if len(left) != 1 {
			t.Fatalf("administrators: %v", left)
		}
		if left[0] == second { // the next round starts as the first did
			must(t, team.SaveAgent(team.As(second), a))
			must(t, team.SaveAgent(by, other))
		}
	}
}

func TestS21_NobodyGivesMoreThanTheyHave(t *testing.T) {
	team := dbtest.New(t)
	second, _ := team.Branch("Second")
	boss := team.As(team.Agent("Boss", "supervisor", domain.ScopeGroups, team.Group))
	id := team.Agent("Lin", "agent", domain.ScopeSelf, team.Group)
	lin := team.Directory().Agents[id]
	peer := team.Agent("Peer", "admin", domain.ScopeGroups, team.Group)
	for name, change := range map[string]func(*domain.Agent){
		"a higher role":            func(a *domain.Agent) { a.Role = role(team, "admin") },
		"everything to see":        func(a *domain.Agent) { a.Scope = domain.ScopeAll },
		"a foreign group to see":   func(a *domain.Agent) { a.Scope, a.ScopeIn = domain.ScopeGroups, []domain.GroupID{second} },
		"a foreign group's queue":  func(a *domain.Agent) { a.Groups = append(slices.Clone(a.Groups), second) },
		"an administrator's place": func(a *domain.Agent) { *a = team.Directory().Agents[peer]; a.Role = lin.Role },
	} {
		a := lin
		change(&a)
		if err := team.SaveAgent(boss, a); !errors.Is(err, domain.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
		invite := domain.Invite{Name: "New", Role: a.Role, Scope: a.Scope, Groups: a.Groups}
		if a.Scope == domain.ScopeGroups {
			invite.Groups = a.ScopeIn
		}
		if err := team.Invite(boss, invite, "token-"+name, nil); !errors.Is(err, domain.Forbidden) && a.ID == lin.ID {
			t.Errorf("%s by invitation: %v", name, err)
		}
	}
	lin.Scope, lin.ScopeIn = domain.ScopeGroups, []domain.GroupID{team.Group}
	must(t, team.SaveAgent(boss, lin))
	if err := team.SaveAgent(boss, domain.Agent{ID: 99}); !errors.Is(err, domain.NotFound) {
		t.Error(err)
	}
	lin.Groups = []domain.GroupID{team.Group, team.Group}
	must(t, team.SaveAgent(boss, lin))
	if g := team.Directory().Agents[lin.ID].Groups; !slices.Equal(g, []domain.GroupID{team.Group}) {
		t.Errorf("a group named twice: %v", g)
	}
}

func TestSettingsTakeEffectAtOnceAndSurvive(t *testing.T) {
	team := dbtest.New(t)
	by := team.As(team.Admin)
	prefs := domain.Prefs{Language: "en", CtrlEnter: true}
	must(t, team.SetProfile(by, "Zhou", prefs))
	must(t, team.SetMaximum(by, 20))
	must(t, team.RenameTeam(by, "Lan she"))
	group, site := team.Branch("Second")
	_, err := team.SaveGroup(by, domain.Group{ID: group, Name: "After-sales"})
	must(t, err)
	site.Domains, site.Greeting = []string{"shop.example"}, "Hi"
	_, err = team.SaveSite(by, site)
	must(t, err)
	must(t, team.OrderGroups(by, []domain.GroupID{group, team.Group}))
	for range 2 {
		dir := team.Directory()
		a := dir.Agents[team.Admin]
		if a.Name != "Zhou" || a.Prefs != prefs || a.Maximum != 20 || dir.Team != "Lan she" || dir.GroupList()[0].Name != "After-sales" ||
			!slices.Equal(dir.Sites[site.ID].Domains, site.Domains) || dir.Sites[site.ID].Greeting != "Hi" || len(dir.SiteList()) != 2 {
			t.Errorf("%+v", dir)
		}
		team.Reopen()
	}
	for what, got := range map[string]bool{
		"maximum above the ceiling": invalid(team.SetMaximum(by, 21), "maximum", "agent.maximum.range"),
		"maximum of nothing":        invalid(team.SetMaximum(by, 0), "maximum", "agent.maximum.range"),
		"unknown status":            invalid(team.SetStatus(by, "gone", ""), "status", "status.unknown"),
		"no name":                   invalid(team.SetProfile(by, "", prefs), "name", "field.required"),
		"no team name":              invalid(team.RenameTeam(by, ""), "team", "field.required"),
		"group name taken": func() bool {
			_, err := team.SaveGroup(by, domain.Group{Name: "AFTER-sales"})
			return invalid(err, "name", "group.name.taken")
		}(),
		"group renamed to a taken": func() bool {
			_, err := team.SaveGroup(by, domain.Group{ID: team.Group, Name: "After-sales"})
			return invalid(err, "name", "group.name.taken")
		}(),
		"no such group": func() bool {
			_, err := team.SaveGroup(by, domain.Group{ID: 99, Name: "x"})
			return errors.Is(err, domain.NotFound)
		}(),
		"no such site": func() bool {
			s := site
			s.ID = 99
			_, err := team.SaveSite(by, s)
			return errors.Is(err, domain.NotFound)
		}(),
	} {
		if !got {
			t.Error(what)
		}
	}
}

func TestS06_AnInvitationWorksOnce(t *testing.T) {
	team := dbtest.New(t)
	by := team.As(team.Admin)
	const token = "S06-secret-of-the-link"
	must(t, team.Invite(by, domain.Invite{Name: "Lin", Role: role(team, "agent"), Scope: domain.ScopeSelf, Groups: []domain.GroupID{team.Group}}, token, nil))
	if i, err := team.InviteByToken(token); err != nil || i.Name != "Lin" || i.By != team.Admin {
		t.Fatal(i, err)
	}
	if onDisk(t, team.Path, token) {
		t.Error("the token itself is stored")
	}
	if _, err := team.Join(token, "", "zhou@lanshe.example", "hash"); !invalid(err, "email", "agent.email.taken") {
		t.Errorf("a taken address: %v", err)
	}
	var joined atomic.Int32
	race(20, func(i int) {
		_, err := team.Join(token, "", fmt.Sprintf("lin%d@lanshe.example", i), "hash")
		if err == nil {
			joined.Add(1)
		} else if !errors.Is(err, domain.NotFound) {
			t.Error(err)
		}
	})
	if n := joined.Load(); n != 1 || len(team.Directory().Agents) != 2 {
		t.Errorf("%d joined", n)
	}
	for _, gone := range []string{token, "", "other"} {
		if _, err := team.InviteByToken(gone); !errors.Is(err, domain.NotFound) {
			t.Errorf("%q: %v", gone, err)
		}
	}
}

func TestS06_AnInvitationExpiresAndIsRevoked(t *testing.T) {
	team := dbtest.New(t)
	by := team.As(team.Admin)
	invite := domain.Invite{Name: "Lin", Role: role(team, "agent"), Scope: domain.ScopeSelf}
	must(t, team.Invite(by, invite, "one", nil))
	must(t, team.Invite(by, invite, "two", nil))
	open, err := team.Invites()
	if must(t, err); len(open) != 2 {
		t.Fatal(open)
	}
	must(t, team.Revoke(by, open[0].ID))
	if _, err := team.Join("one", "", "a@lanshe.example", "hash"); !errors.Is(err, domain.NotFound) {
		t.Errorf("revoked: %v", err)
	}
	team.Clock.Advance(domain.InviteLife - time.Millisecond)
	if _, err := team.InviteByToken("two"); err != nil {
		t.Errorf("a moment before the end: %v", err)
	}
	team.Clock.Advance(time.Millisecond)
	if _, err := team.Join("two", "", "a@lanshe.example", "hash"); !errors.Is(err, domain.NotFound) {
		t.Errorf("expired: %v", err)
	}
	if open, err := team.Invites(); err != nil || len(open) != 0 {
		t.Error(open, err)
	}
}

func TestS04_FailuresSurviveARestart(t *testing.T) {
	team := dbtest.New(t)
	race(6, func(int) {
		if err := team.Denied("192.0.2.1", "account a", "address x"); err != nil {
			t.Error(err)
		}
	})
	team.Reopen()
	for _, key := range []string{"account a", "address x"} {
		th, err := team.Throttle(key)
		if must(t, err); th.Failures != 6 || th.Wait(5, team.Now()) != 4*time.Second {
			t.Errorf("%s: %+v", key, th)
		}
	}
	if th, err := team.Throttle("account b"); err != nil || th.Failures != 0 {
		t.Error("a stranger to it:", th, err)
	}
	must(t, team.SignedIn(team.As(team.Admin), "192.0.2.1", "account a"))
	a, _ := team.Throttle("account a")
	x, _ := team.Throttle("address x")
	if a.Failures != 0 || x.Failures != 6 {
		t.Errorf("after signing in: %+v, %+v", a, x)
	}
	must(t, team.SweepSessions())
	if x, _ := team.Throttle("address x"); x.Failures != 6 {
		t.Error("swept too early")
	}
	team.Clock.Advance(domain.ThrottleMemory + time.Second)
	must(t, team.SweepSessions())
	if n := count(t, raw(t, team.Path), `SELECT COUNT(*) FROM throttles`); n != 0 {
		t.Errorf("%d forgotten failures are kept", n)
	}
}

func TestS64_SigningInAndOutIsRecorded(t *testing.T) {
	team := dbtest.New(t)
	by := team.As(team.Admin)
	must(t, team.SignedIn(by, "192.0.2.1"))
	must(t, team.SetStatus(by, domain.Online, "signed_in"))
	must(t, team.SetStatus(by, domain.Online, "twice"))
	must(t, team.Denied("192.0.2.9", "k"))
	must(t, team.SignedOut(by))
	conn := raw(t, team.Path)
	for kind, want := range map[domain.EventKind]int{domain.SignedIn: 1, domain.SignedOut: 1, domain.SignInDenied: 1, domain.StatusChanged: 2} {
		if n := count(t, conn, `SELECT COUNT(*) FROM events WHERE kind = ?`, string(kind)); n != want {
			t.Errorf("%s: %d, want %d", kind, n, want)
		}
	}
	if count(t, conn, `SELECT COUNT(*) FROM events WHERE kind = 'sign_in_denied' AND data LIKE '%192.0.2.9%'`) != 1 {
		t.Error("the address is not recorded")
	}
	if s := team.Directory().Agents[team.Admin].Status; s != domain.Offline {
		t.Errorf("after signing out: %s", s)
	}
}

func TestPasswordsAndLogins(t *testing.T) {
	team := dbtest.New(t)
	l, err := team.Login("zhou@lanshe.example")
	if must(t, err); l != (db.Login{Agent: team.Admin, Hash: "no password", Active: true}) {
		t.Errorf("%+v", l)
	}
	if _, err := team.Login("nobody@lanshe.example"); !errors.Is(err, domain.NotFound) {
		t.Error(err)
	}
	epoch := team.Directory().Agents[team.Admin].Epoch
	must(t, team.Rehash(team.Admin, "no password", "stronger"))
	if hash, err := team.PasswordHash(team.Admin); err != nil || hash != "stronger" || team.Directory().Agents[team.Admin].Epoch != epoch {
		t.Error(hash, err)
	}
	must(t, team.ChangePassword(team.As(team.Admin), "new"))
	if hash, _ := team.PasswordHash(team.Admin); hash != "new" || team.Directory().Agents[team.Admin].Epoch != epoch+1 {
		t.Error("the old sessions go on")
	}
}
