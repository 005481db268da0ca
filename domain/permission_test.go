package domain_test

import (
	"testing"

	"parlor/domain"
)

// TestS16_Sees walks scope × permission × group × state × holder. Group 1 is
// within the actor's scope, group 2 is where the actor receives work, group 3
// is neither.
func TestS16_Sees(t *testing.T) {
	const me, other = domain.AgentID(7), domain.AgentID(8)
	for _, scope := range []domain.Scope{domain.ScopeSelf, domain.ScopeGroups, domain.ScopeAll, ""} {
		for _, grants := range [][]domain.Permission{nil, {domain.PermReply}, {domain.PermView}} {
			for _, state := range []domain.State{domain.Queued, domain.Open, domain.Ended} {
				for _, holder := range []domain.AgentID{0, me, other} {
					for group := domain.GroupID(1); group <= 3; group++ {
						by := domain.Actor{Kind: domain.ByAgent, Agent: me, Grants: grants, Scope: scope, ScopeIn: []domain.GroupID{1}, Groups: []domain.GroupID{2}}
						c := &domain.Conversation{Group: group, State: state, Agent: holder}
						may := len(grants) == 1 && grants[0] == domain.PermView
						want := may && (scope == domain.ScopeAll || holder == me ||
							group == 1 && scope == domain.ScopeGroups || group == 2 && state == domain.Queued)
						if got := by.Sees(c); got != want {
							t.Errorf("scope %q, grants %v, %s, holder %d, group %d: %v", scope, grants, state, holder, group, got)
						}
					}
				}
			}
		}
	}
}

func TestS16_SeesForOtherParties(t *testing.T) {
	c := &domain.Conversation{Visitor: 3, Group: 1, State: domain.Queued}
	for _, row := range []struct {
		name string
		by   domain.Actor
		want bool
	}{
		{"the visitor", domain.Actor{Kind: domain.ByVisitor, Visitor: 3}, true},
		{"another visitor", domain.Actor{Kind: domain.ByVisitor, Visitor: 4}, false},
		{"a new visitor", domain.Actor{Kind: domain.ByVisitor}, false},
		{"the system", domain.System, true},
		{"nobody", domain.Actor{}, false},
		{"an agent without id", domain.Actor{Kind: domain.ByAgent, Grants: []domain.Permission{domain.PermView}, Scope: domain.ScopeSelf}, false},
	} {
		if row.by.Sees(c) != row.want {
			t.Error(row.name)
		}
	}
	if (domain.Actor{Kind: domain.ByVisitor}).Sees(&domain.Conversation{}) {
		t.Error("a visitor without id sees a conversation without visitor")
	}
}

func TestActorForTakesTheAgentsPlace(t *testing.T) {
	a := domain.Agent{ID: 7, Scope: domain.ScopeGroups, ScopeIn: []domain.GroupID{1}, Groups: []domain.GroupID{2}}
	by := domain.ActorFor(a, domain.Role{Grants: []domain.Permission{domain.PermView}})
	if by.Kind != domain.ByAgent || by.ID() != 7 || by.Scope != a.Scope || by.ScopeIn[0] != 1 || by.Groups[0] != 2 || !by.Can(domain.PermView) || by.Can(domain.PermReply) {
		t.Fatalf("%+v", by)
	}
	if domain.System.ID() != 0 || (domain.Actor{Kind: domain.ByVisitor, Visitor: 3}).ID() != 3 {
		t.Fatal("ids of other parties")
	}
}

func TestS21_CanGrantOnlyWhatOneHas(t *testing.T) {
	for i, by := range domain.DefaultRoles {
		for j, role := range domain.DefaultRoles {
			actor := domain.Actor{Kind: domain.ByAgent, Grants: by.Grants}
			if got := actor.CanGrant(role); got != (i <= j) { // each default role holds all that follow it
				t.Errorf("%s grants %s: %v", by.Key, role.Key, got)
			}
		}
	}
}

func TestS21_CanLendOnlyWhatOneSees(t *testing.T) {
	one, two, both := []domain.GroupID{1}, []domain.GroupID{2}, []domain.GroupID{1, 2}
	all := domain.Actor{Scope: domain.ScopeAll}
	some := domain.Actor{Scope: domain.ScopeGroups, ScopeIn: one, Groups: two}
	self := domain.Actor{Scope: domain.ScopeSelf, ScopeIn: one, Groups: two}
	for _, row := range []struct {
		name             string
		to               domain.Agent
		all, some, selfs bool
	}{
		{"everything", domain.Agent{Scope: domain.ScopeAll}, true, false, false},
		{"a group seen", domain.Agent{Scope: domain.ScopeGroups, ScopeIn: one}, true, true, false},
		{"a group received for", domain.Agent{Scope: domain.ScopeGroups, ScopeIn: two}, true, false, false},
		{"one group too many", domain.Agent{Scope: domain.ScopeGroups, ScopeIn: both}, true, false, false},
		{"own work", domain.Agent{Scope: domain.ScopeSelf}, true, true, true},
		{"the queue of a group seen", domain.Agent{Scope: domain.ScopeSelf, Groups: one}, true, true, false},
		{"the queue of a group received for", domain.Agent{Scope: domain.ScopeSelf, Groups: two}, true, true, true},
		{"the queue of a foreign group", domain.Agent{Scope: domain.ScopeSelf, Groups: []domain.GroupID{3}}, true, false, false},
	} {
		for by, want := range map[*domain.Actor]bool{&all: row.all, &some: row.some, &self: row.selfs} {
			if got := by.CanLend(row.to); got != want {
				t.Errorf("%s lends %s: %v", by.Scope, row.name, got)
			}
		}
	}
}
