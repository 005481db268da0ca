package db_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"parlor/db"
	"parlor/db/dbtest"
	"parlor/domain"
)

var _ scs.CtxStore = (*db.Sessions)(nil)

// sessions is the store; its test data is "of " and the agent's letter.
func sessions(team *dbtest.Team) *db.Sessions {
	return team.Sessions(func(data []byte) domain.AgentID {
		if strings.HasPrefix(string(data), "of admin") {
			return team.Admin
		}
		return 0
	})
}

func commit(t testing.TB, team *dbtest.Team, token string) {
	t.Helper()
	must(t, sessions(team).Commit(token, []byte("of admin "+token), team.Clock.Now().Add(14*24*time.Hour)))
}

// alive asks the store, and the file as well.
func alive(t testing.TB, team *dbtest.Team, token string) (found, stored bool) {
	t.Helper()
	data, found, err := sessions(team).Find(token)
	must(t, err)
	if found && string(data) != "of admin "+token {
		t.Errorf("%s holds %q", token, data)
	}
	return found, count(t, raw(t, team.Path), `SELECT COUNT(*) FROM sessions WHERE token_hash = ?`, token) == 1
}

func dead(t testing.TB, team *dbtest.Team, token, when string) {
	t.Helper()
	if found, stored := alive(t, team, token); found || stored {
		t.Errorf("%s: found %v, stored %v", when, found, stored)
	}
}

func TestSessionsSurviveARestart(t *testing.T) {
	team := dbtest.New(t)
	commit(t, team, "a")
	team.Reopen()
	if found, stored := alive(t, team, "a"); !found || !stored {
		t.Error(found, stored)
	}
	if found, _ := alive(t, team, "b"); found {
		t.Error("a token nobody was given")
	}
}

func TestF10_S13_ADeletedTokenNeverComesBack(t *testing.T) {
	team := dbtest.New(t)
	commit(t, team, "a")
	must(t, sessions(team).Delete("a"))
	dead(t, team, "a", "deleted")
	commit(t, team, "a") // a slow request that began before
	dead(t, team, "a", "after a slow request")
	team.Clock.Advance(30 * time.Minute)
	must(t, team.SweepSessions())
	commit(t, team, "a")
	dead(t, team, "a", "half an hour later")
	team.Reopen()
	dead(t, team, "a", "after a restart")
}

// TestF10_S13_InOneTransaction: the slow request and the end of the session
// meet in one commit.
func TestF10_S13_InOneTransaction(t *testing.T) {
	for name, order := range map[string]string{
		"logged out after": "slow logout", "ended everywhere after": "slow everywhere", "ended everywhere before": "everywhere slow",
	} {
		team := dbtest.New(t)
		commit(t, team, "a")
		var jobs []func()
		for _, job := range strings.Fields(order) {
			jobs = append(jobs, map[string]func(){
				"slow": func() { commit(t, team, "a") },
				"logout": func() {
					if err := sessions(team).Delete("a"); err != nil {
						t.Error(err)
					}
				},
				"everywhere": func() {
					if err := team.ChangePassword(team.As(team.Admin), "new"); err != nil {
						t.Error(err)
					}
				},
			}[job])
		}
		together(t, team.DB, jobs...)
		dead(t, team, "a", name)
		team.Clock.Advance(2 * time.Hour)
		must(t, team.SweepSessions())
		dead(t, team, "a", name+", and two hours")
		team.Reopen()
		dead(t, team, "a", name+", and a restart")
	}
}

func TestF10_S13_UnderARace(t *testing.T) {
	team := dbtest.New(t)
	for range 20 {
		commit(t, team, "a")
		race(20, func(i int) {
			if i == 10 {
				if err := sessions(team).Delete("a"); err != nil {
					t.Error(err)
				}
				return
			}
			commit(t, team, "a")
			if _, _, err := sessions(team).Find("a"); err != nil {
				t.Error(err)
			}
		})
		dead(t, team, "a", "after the race")
		team.Reopen()
	}
}

func TestS13_EveryReasonEndsAllSessionsOfTheAgent(t *testing.T) {
	for name, change := range map[string]func(*dbtest.Team) error{
		"password": func(team *dbtest.Team) error { return team.ChangePassword(team.As(team.Admin), "new") },
		"deactivation": func(team *dbtest.Team) error {
			second := team.Agent("Second", "admin", domain.ScopeAll)
			a := team.Directory().Agents[team.Admin]
			a.Active = false
			return team.SaveAgent(team.As(second), a)
		},
	} {
		team := dbtest.New(t)
		commit(t, team, "a")
		commit(t, team, "b")
		must(t, sessions(team).Commit("guest", []byte("of nobody"), team.Clock.Now().Add(time.Hour)))
		epoch := team.Directory().Agents[team.Admin].Epoch
		before := len(team.Changes())
		must(t, change(team))
		dead(t, team, "a", name)
		dead(t, team, "b", name)
		commit(t, team, "a")
		dead(t, team, "a", name+", after a slow request")
		if n := count(t, raw(t, team.Path), `SELECT COUNT(*) FROM sessions`); n != 1 {
			t.Errorf("%s: %d sessions are left of others", name, n)
		}
		over := false
		for _, c := range team.Changes()[before:] {
			over = over || c.SessionsOver == team.Admin
		}
		if !over || team.Directory().Agents[team.Admin].Epoch == epoch {
			t.Errorf("%s: streams told %v, epoch %d", name, over, epoch)
		}
	}
}

func TestS13_ANarrowerPlaceRaisesTheEpoch(t *testing.T) {
	team := dbtest.New(t)
	id := team.Agent("Lin", "agent", domain.ScopeAll)
	for what, change := range map[string]func(*domain.Agent){
		"scope": func(a *domain.Agent) { a.Scope = domain.ScopeSelf },
		"role":  func(a *domain.Agent) { a.Role = role(team, "analyst") },
	} {
		a := team.Directory().Agents[id]
		epoch := a.Epoch
		change(&a)
		must(t, team.SaveAgent(team.As(team.Admin), a))
		if got := team.Directory().Agents[id].Epoch; got != epoch+1 {
			t.Errorf("%s: epoch %d after %d", what, got, epoch)
		}
	}
	a := team.Directory().Agents[id]
	a.Name = "Lin Mo"
	must(t, team.SaveAgent(team.As(team.Admin), a))
	if got := team.Directory().Agents[id].Epoch; got != a.Epoch {
		t.Error("a new name signs the agent out")
	}
}

func TestS11_SessionsEndByThemselves(t *testing.T) {
	team := dbtest.New(t)
	commit(t, team, "idle")
	commit(t, team, "used")
	for range 30 {
		team.Clock.Advance(12 * time.Hour)
		must(t, team.TouchSession("used"))
		if found, _ := alive(t, team, "used"); found != (team.Clock.Now().Before(dbtest.NewClock().Now().Add(14*24*time.Hour + 1))) {
			t.Fatalf("at %v: found %v", team.Clock.Now(), found)
		}
	}
	if found, _ := alive(t, team, "idle"); found {
		t.Error("idle for a day and alive")
	}
	must(t, team.SweepSessions())
	dead(t, team, "idle", "swept")
	dead(t, team, "used", "swept")
}

func TestS11_IdleTimeIsKnownAcrossARestart(t *testing.T) {
	team := dbtest.New(t)
	commit(t, team, "a")
	team.Clock.Advance(20 * time.Hour)
	must(t, team.TouchSession("a"))
	team.Reopen()
	team.Clock.Advance(20 * time.Hour)
	if found, _ := alive(t, team, "a"); !found {
		t.Error("use is forgotten")
	}
	team.Reopen()
	team.Clock.Advance(4*time.Hour + time.Second)
	if found, _ := alive(t, team, "a"); found {
		t.Error("the restart counted as use")
	}
	if err := team.TouchSession("a"); err != nil {
		t.Error(err)
	}
	if found, _ := alive(t, team, "a"); found {
		t.Error("a touch revived it")
	}
}

func TestTouchingWritesAtMostOnceAMinute(t *testing.T) {
	team := dbtest.New(t)
	commit(t, team, "a")
	before := team.Stats().Changes
	for range 120 {
		team.Clock.Advance(time.Second)
		must(t, team.TouchSession("a"))
	}
	if n := team.Stats().Changes - before; n != 2 {
		t.Errorf("%d writes in two minutes", n)
	}
}

// TestS12_OnlyTheHashIsStored uses the store as requests do.
func TestS12_OnlyTheHashIsStored(t *testing.T) {
	team := dbtest.New(t)
	sm := scs.New()
	sm.HashTokenInStore = true
	sm.Store = sessions(team)
	ctx, err := sm.Load(context.Background(), "")
	must(t, err)
	sm.Put(ctx, "agent", int64(team.Admin))
	token, _, err := sm.Commit(ctx)
	must(t, err)
	if onDisk(t, team.Path, token) {
		t.Error("the token itself is stored")
	}
	if ctx, err = sm.Load(context.Background(), token); err != nil || sm.GetInt64(ctx, "agent") != int64(team.Admin) {
		t.Error("the session is not found by its token:", err)
	}
	stolen := ""
	must(t, raw(t, team.Path).QueryRow(`SELECT token_hash FROM sessions`).Scan(&stolen))
	if ctx, err = sm.Load(context.Background(), stolen); err != nil || sm.GetInt64(ctx, "agent") != 0 {
		t.Error("what stands in the file signs in:", err)
	}
}
