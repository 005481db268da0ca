package domain

import (
	"slices"
	"time"
)

// Status is what an agent has chosen to be; it decides who receives conversations.
type Status string

const (
	Online  Status = "online"
	Busy    Status = "busy"
	Away    Status = "away"
	Offline Status = "offline"
)

// Statuses lists every status in the order menus show them.
var Statuses = []Status{Online, Busy, Away, Offline}

// Valid reports whether s is a known status.
func (s Status) Valid() bool { return s == Online || s == Busy || s == Away || s == Offline }

// Bounds of an agent's maximum of concurrent conversations.
const (
	MaximumLeast   = 1
	MaximumMost    = 100
	MaximumDefault = 8
)

// Agent is a person who logs in.
type Agent struct {
	ID       AgentID
	Name     string
	Email    string
	Role     RoleID
	Scope    Scope
	ScopeIn  []GroupID // groups whose work the agent may see when Scope is ScopeGroups
	Groups   []GroupID // groups the agent receives conversations for
	Status   Status
	Maximum  int // concurrent conversations before the agent counts as full
	Ceiling  int // the highest maximum the agent may choose
	Position int // rank among equals when conversations are assigned
	Epoch    int // raised whenever every session of the agent must end
	Prefs    Prefs
	Active   bool
	Created  time.Time
}

// Prefs are an agent's own choices about the workspace.
type Prefs struct {
	Language    string `json:"language,omitempty"` // "" follows the browser
	CtrlEnter   bool   `json:"ctrl_enter,omitempty"`
	Mute        bool   `json:"mute,omitempty"`
	Quiet       bool   `json:"quiet,omitempty"` // no desktop notifications
	HidePreview bool   `json:"hide_preview,omitempty"`
	NoKeys      bool   `json:"no_keys,omitempty"`
}

// Group is a set of agents who share work.
type Group struct {
	ID       GroupID
	Name     string
	Position int
}

// Load is how many conversations an agent holds against the maximum.
type Load struct{ Open, Maximum int }

// Level names the load for display: ok, full or over.
func (l Load) Level() string {
	switch {
	case l.Open > l.Maximum:
		return "over"
	case l.Open == l.Maximum:
		return "full"
	}
	return "ok"
}

// NameMost is the longest name of a person or a thing, in characters.
const NameMost = 40

// CeilingDefault is the ceiling of a new agent.
const CeilingDefault = 20

// Validate reports what is wrong with an agent's place in the team.
// Errors: Invalid.
func (a Agent) Validate(roles map[RoleID]Role, groups map[GroupID]Group) error {
	v := Invalid{}
	v.CheckName("name", a.Name, NameMost)
	if _, ok := roles[a.Role]; !ok {
		v["role"] = "agent.role.unknown"
	}
	if !a.Scope.Valid() {
		v["scope"] = "agent.scope.unknown"
	}
	for _, g := range append(slices.Clone(a.Groups), a.ScopeIn...) {
		if _, ok := groups[g]; !ok {
			v["groups"] = "agent.group.unknown"
		}
	}
	if a.Scope == ScopeGroups && len(a.ScopeIn) == 0 {
		v["scope"] = "agent.scope.empty"
	}
	if a.Ceiling < MaximumLeast || a.Ceiling > MaximumMost {
		v["ceiling"] = "agent.ceiling.range"
	} else if a.Maximum < MaximumLeast || a.Maximum > a.Ceiling {
		v["maximum"] = "agent.maximum.range"
	}
	return v.Err()
}
