package domain

import "time"

// EventKind names what happened.
type EventKind string

const (
	MessagePosted EventKind = "message"
	NotePosted    EventKind = "note"
	WasQueued     EventKind = "queued"
	WasAssigned   EventKind = "assigned"
	WasEnded      EventKind = "ended"
	WasRead       EventKind = "read" // a signal, not stored

	StatusChanged  EventKind = "status"
	SignedIn       EventKind = "signed_in"
	SignInDenied   EventKind = "sign_in_denied"
	SignedOut      EventKind = "signed_out"
	SettingChanged EventKind = "setting"
)

// Event is one entry of the append-only log. Its id is the live cursor.
type Event struct {
	ID           EventID
	At           time.Time
	By           ActorKind
	Actor        int64
	Kind         EventKind
	Conversation ConversationID
	Customer     CustomerID
	Data         Data
}

// Data is what an event says beyond who, what and when. Only the fields its
// kind needs are set.
type Data struct {
	Agent   AgentID   `json:"agent,omitempty"`
	Reason  string    `json:"reason,omitempty"`
	Status  Status    `json:"status,omitempty"`
	Cause   string    `json:"cause,omitempty"`
	Subject string    `json:"subject,omitempty"`
	Mention []AgentID `json:"mention,omitempty"`
}

// Line is one line of a thread: an event, with its message when it has one.
type Line struct {
	Event
	Message *Message
}

// Change is an event together with the state it left behind, handed to the
// live side after the commit. A change without an event id is a signal: it
// tells pages to look again and is not stored.
type Change struct {
	Event
	Message      *Message
	Before       AgentID // who held the conversation before
	WasState     State
	Snapshot     *Conversation
	Directory    bool // agents, groups, roles or sites changed
	QueueMoved   bool
	ReadByOther  bool
	SessionsOver AgentID // every session of this agent must end
}

// Follow marks the line's message as continuing the run of the line before it.
func (l *Line) Follow(previous Line) {
	m, p := l.Message, previous.Message
	if m == nil || p == nil || m.Kind != Text || p.Kind != Text {
		return
	}
	m.Continues = m.By == p.By && m.Author == p.Author && m.At.Sub(p.At) < runGap
}
