package domain

import "time"

// Entry is one conversation of a list.
type Entry struct {
	*Conversation
	Mentioned bool // a note in it names the reader, who has not looked yet
}

// Inbox is an agent's own lists.
type Inbox struct {
	Open       []Entry
	Ended      []Entry
	EndedCount int // also those beyond the listed ones
	Unread     int
}

// Waiting is the size of the queue.
type Waiting struct {
	Count   int
	Longest time.Time // start of the longest wait; zero when nobody waits
}

// Stretch is a part of a thread in order. More says that older lines exist.
type Stretch struct {
	Lines []Line
	More  bool
}

// Visit is what is known of the stay during which somebody writes.
type Visit struct{ Page, Title, Referrer, Language, UserAgent, IP string }

// Hit is a message that search found.
type Hit struct {
	ID   EventID
	Body string
}

// Invite is an invitation that has not been used yet.
type Invite struct {
	ID      int64
	Name    string
	Role    RoleID
	Scope   Scope
	Groups  []GroupID
	By      AgentID
	Expires time.Time
}

// InviteLife is how long an invitation link works.
const InviteLife = 7 * 24 * time.Hour

// Agent is the account the invitation makes. An empty name keeps the invited one.
func (i Invite) Agent(name string) Agent {
	if name == "" {
		name = i.Name
	}
	a := Agent{
		Name: name, Role: i.Role, Scope: i.Scope, Groups: i.Groups,
		Maximum: MaximumDefault, Ceiling: CeilingDefault, Active: true,
	}
	if i.Scope == ScopeGroups {
		a.ScopeIn = i.Groups
	}
	return a
}
