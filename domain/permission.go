package domain

import "slices"

// Permission is one function point that a role grants.
type Permission string

const (
	PermView     Permission = "conversation.view"  // look into conversations within scope
	PermReply    Permission = "conversation.reply" // receive, answer, note, end
	PermQueue    Permission = "queue.accept"       // take a waiting customer by hand
	PermAgents   Permission = "agent.manage"       // agents, groups, invitations
	PermSites    Permission = "site.manage"        // widget installations
	PermSettings Permission = "team.manage"        // settings of the whole team
)

// Permissions lists every function point.
var Permissions = []Permission{PermView, PermReply, PermQueue, PermAgents, PermSites, PermSettings}

// Role is a named set of permissions. Key is set on the built-in ones.
type Role struct {
	ID     RoleID
	Key    string
	Name   string
	Grants []Permission
}

// DefaultRoles are the roles every new team starts with.
var DefaultRoles = []Role{
	{Key: "admin", Grants: Permissions},
	{Key: "supervisor", Grants: []Permission{PermView, PermReply, PermQueue, PermAgents}},
	{Key: "agent", Grants: []Permission{PermView, PermReply, PermQueue}},
	{Key: "analyst", Grants: []Permission{PermView}},
}

// Scope says whose work an agent may see.
type Scope string

const (
	ScopeSelf   Scope = "self"
	ScopeGroups Scope = "groups"
	ScopeAll    Scope = "all"
)

// Valid reports whether s is a known scope.
func (s Scope) Valid() bool { return s == ScopeSelf || s == ScopeGroups || s == ScopeAll }

// ActorKind says what sort of party acts or speaks.
type ActorKind string

const (
	ByVisitor ActorKind = "visitor"
	ByAgent   ActorKind = "agent"
	BySystem  ActorKind = "system"
)

// Actor is who causes a change or asks a question. Every query a person
// causes takes one and returns only what it may see.
type Actor struct {
	Kind    ActorKind
	Agent   AgentID
	Visitor VisitorID
	Grants  []Permission
	Scope   Scope
	ScopeIn []GroupID
	Groups  []GroupID
}

// System is the actor behind timers and routing.
var System = Actor{Kind: BySystem, Scope: ScopeAll, Grants: Permissions}

// ActorFor is the agent a acting with the permissions of role.
func ActorFor(a Agent, role Role) Actor {
	return Actor{Kind: ByAgent, Agent: a.ID, Grants: role.Grants, Scope: a.Scope, ScopeIn: a.ScopeIn, Groups: a.Groups}
}

// ID is the row id of the actor within its kind; 0 for the system.
func (a Actor) ID() int64 {
	if a.Kind == ByAgent {
		return int64(a.Agent)
	}
	return int64(a.Visitor)
}

// Can reports whether the actor holds p.
func (a Actor) Can(p Permission) bool { return slices.Contains(a.Grants, p) }

// Sees is the one decision about which conversations an actor may see.
// Pages, fragments, streams and search all come down to it; db holds the same
// rule as SQL and a test keeps the two equal.
func (a Actor) Sees(c *Conversation) bool {
	switch a.Kind {
	case BySystem:
		return true
	case ByVisitor:
		return a.Visitor != 0 && a.Visitor == c.Visitor
	}
	if !a.Can(PermView) {
		return false
	}
	switch {
	case a.Scope == ScopeAll, c.Agent != 0 && c.Agent == a.Agent:
		return true
	case c.State == Queued && slices.Contains(a.Groups, c.Group):
		return true // whoever may be asked to take it may see it
	}
	return a.Scope == ScopeGroups && slices.Contains(a.ScopeIn, c.Group)
}

// CanGrant reports whether the actor may hand out role: nobody grants what
// they lack.
func (a Actor) CanGrant(role Role) bool {
	for _, p := range role.Grants {
		if !a.Can(p) {
			return false
		}
	}
	return true
}

// CanLend reports whether the actor may give an agent the place it has:
// nobody shows others more than they see, nor the queue of a group they do
// not see the queue of.
func (a Actor) CanLend(to Agent) bool {
	if a.Scope == ScopeAll {
		return true
	}
	var whole []GroupID
	if a.Scope == ScopeGroups {
		whole = a.ScopeIn
	}
	for _, g := range to.Groups {
		if !slices.Contains(whole, g) && !slices.Contains(a.Groups, g) {
			return false
		}
	}
	if to.Scope != ScopeGroups {
		return to.Scope == ScopeSelf
	}
	return !slices.ContainsFunc(to.ScopeIn, func(g GroupID) bool { return !slices.Contains(whole, g) })
}
