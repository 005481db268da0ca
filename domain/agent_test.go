package domain_test

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"parlor/domain"
)

func TestAgentValidate(t *testing.T) {
	roles := map[domain.RoleID]domain.Role{1: {ID: 1}}
	teams := map[domain.GroupID]domain.Group{1: {ID: 1}, 2: {ID: 2}}
	sound := domain.Agent{Name: "Zhou", Role: 1, Scope: domain.ScopeSelf, Groups: []domain.GroupID{1}, Maximum: 8, Ceiling: 20}
	for _, row := range []struct {
		name   string
		change func(*domain.Agent)
		want   domain.Invalid
	}{
		{"sound", func(a *domain.Agent) {}, nil},
		{"least", func(a *domain.Agent) { a.Maximum, a.Ceiling = 1, 1 }, nil},
		{"most", func(a *domain.Agent) { a.Maximum, a.Ceiling = 100, 100 }, nil},
		{"no name", func(a *domain.Agent) { a.Name = "" }, domain.Invalid{"name": "field.required"}},
		{"long name", func(a *domain.Agent) { a.Name = strings.Repeat("a", 41) }, domain.Invalid{"name": "field.long"}},
		{"unknown role", func(a *domain.Agent) { a.Role = 2 }, domain.Invalid{"role": "agent.role.unknown"}},
		{"unknown scope", func(a *domain.Agent) { a.Scope = "team" }, domain.Invalid{"scope": "agent.scope.unknown"}},
		{"unknown group", func(a *domain.Agent) { a.Groups = []domain.GroupID{1, 3} }, domain.Invalid{"groups": "agent.group.unknown"}},
		{"scope in an unknown group", func(a *domain.Agent) { a.Scope, a.ScopeIn = domain.ScopeGroups, []domain.GroupID{3} }, domain.Invalid{"groups": "agent.group.unknown"}},
		{"scope in no group", func(a *domain.Agent) { a.Scope = domain.ScopeGroups }, domain.Invalid{"scope": "agent.scope.empty"}},
		{"scope in a group", func(a *domain.Agent) { a.Scope, a.ScopeIn = domain.ScopeGroups, []domain.GroupID{2} }, nil},
		{"ceiling too low", func(a *domain.Agent) { a.Ceiling = 0 }, domain.Invalid{"ceiling": "agent.ceiling.range"}},
		{"ceiling too high", func(a *domain.Agent) { a.Ceiling = 101 }, domain.Invalid{"ceiling": "agent.ceiling.range"}},
		{"maximum too low", func(a *domain.Agent) { a.Maximum = 0 }, domain.Invalid{"maximum": "agent.maximum.range"}},
		{"maximum above the ceiling", func(a *domain.Agent) { a.Maximum = 21 }, domain.Invalid{"maximum": "agent.maximum.range"}},
	} {
		a := sound
		row.change(&a)
		err := a.Validate(roles, teams)
		var got domain.Invalid
		if errors.As(err, &got); !maps.Equal(got, row.want) || (err == nil) != (row.want == nil) {
			t.Errorf("%s: %v, want %v", row.name, err, row.want)
		}
	}
}

func TestLoadLevel(t *testing.T) {
	for load, want := range map[domain.Load]string{
		{Open: 0, Maximum: 8}: "ok", {Open: 7, Maximum: 8}: "ok", {Open: 8, Maximum: 8}: "full", {Open: 9, Maximum: 8}: "over",
	} {
		if got := load.Level(); got != want {
			t.Errorf("%+v: %s, want %s", load, got, want)
		}
	}
}

func TestStatusAndScopeAreClosedLists(t *testing.T) {
	for _, s := range domain.Statuses {
		if !s.Valid() {
			t.Error(s)
		}
	}
	if domain.Status("").Valid() || domain.Status("gone").Valid() || domain.Scope("").Valid() || domain.Scope("team").Valid() {
		t.Error("an unknown value is valid")
	}
}

func TestInviteMakesAnAgent(t *testing.T) {
	i := domain.Invite{Name: "Lin", Role: 2, Scope: domain.ScopeGroups, Groups: []domain.GroupID{1}}
	if a := i.Agent(""); a.Name != "Lin" || a.Role != 2 || !a.Active || len(a.ScopeIn) != 1 || len(a.Groups) != 1 || a.Maximum != domain.MaximumDefault {
		t.Errorf("%+v", a)
	}
	i.Scope = domain.ScopeSelf
	if a := i.Agent("Lin Mo"); a.Name != "Lin Mo" || a.ScopeIn != nil {
		t.Errorf("%+v", a)
	}
}
