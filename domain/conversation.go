package domain

import "time"

// State of a conversation.
type State string

const (
	Queued State = "queued"
	Open   State = "open"
	Ended  State = "ended"
)

// EndReason says why a conversation ended.
type EndReason string

const (
	EndedByAgent   EndReason = "agent"
	EndedByVisitor EndReason = "visitor"
	EndedBySilence EndReason = "silence"
)

// Conversation is one reception, with what lists need kept at write time.
type Conversation struct {
	ID       ConversationID
	Site     SiteID
	Visitor  VisitorID
	Customer CustomerID
	Visit    int64
	Group    GroupID
	Agent    AgentID // 0 while queued
	State    State

	Started    time.Time
	Assigned   time.Time
	FirstReply time.Time // first message by a human agent
	EndedAt    time.Time
	EndReason  EndReason

	LastID       EventID // newest message the customer can see
	LastAt       time.Time
	LastBy       ActorKind
	LastAuthor   int64
	Preview      string
	Waiting      time.Time // since when the customer waits for an answer; zero when answered
	Unread       int       // customer's messages the agent has not read
	UnreadOut    int       // agent's messages the customer has not read
	ReadByAgent  EventID
	ReadByOther  EventID // newest agent message the customer has read
	CustomerName string
	CustomerCode string // four characters that tell nameless customers apart
}

// runGap is the silence after which a message starts a new run with name and time.
const runGap = 5 * time.Minute

// Post applies a new message by actor and returns it, ready to be stored.
// Errors: Forbidden, Conflict, Invalid.
func (c *Conversation) Post(by Actor, d Draft, now time.Time) (Message, error) {
	if err := d.Validate(); err != nil {
		return Message{}, err
	}
	if c.State == Ended && d.Kind != Note {
		return Message{}, Conflict{Key: "conversation.ended"}
	}
	switch {
	case by.Kind == ByAgent && !by.Can(PermReply):
		return Message{}, Forbidden
	case by.Kind == ByAgent && d.Kind == Text && c.Agent != by.Agent:
		return Message{}, Conflict{Key: "conversation.held", Owner: c.Agent}
	case by.Kind == ByVisitor && d.Kind != Text:
		return Message{}, Forbidden
	}
	m := Message{
		Conversation: c.ID, By: by.Kind, Author: by.ID(), Kind: d.Kind, ClientID: d.ClientID,
		Body: d.Body, At: now,
	}
	if d.Kind == Note {
		return m, nil
	}
	m.Continues = c.LastID != 0 && c.LastBy == by.Kind && c.LastAuthor == by.ID() && now.Sub(c.LastAt) < runGap
	c.LastAt, c.LastBy, c.LastAuthor, c.Preview = now, by.Kind, by.ID(), Preview(d.Body)
	if by.Kind == ByVisitor {
		c.Unread++
		if c.Waiting.IsZero() {
			c.Waiting = now
		}
		return m, nil
	}
	c.UnreadOut++
	if by.Kind != ByAgent {
		return m, nil // an automatic message answers nobody
	}
	c.Waiting = time.Time{}
	if c.FirstReply.IsZero() {
		c.FirstReply = now
	}
	return m, nil
}

// Assign gives a waiting conversation to an agent.
// Errors: Conflict naming the holder when it is no longer waiting.
func (c *Conversation) Assign(to AgentID, now time.Time) error {
	switch c.State {
	case Open:
		return Conflict{Key: "conversation.taken", Owner: c.Agent}
	case Ended:
		return Conflict{Key: "conversation.ended"}
	}
	c.Agent, c.State, c.Assigned = to, Open, now
	return nil
}

// End closes the conversation. Errors: Forbidden, Conflict.
func (c *Conversation) End(by Actor, reason EndReason, now time.Time) error {
	if c.State == Ended {
		return Conflict{Key: "conversation.ended"}
	}
	if by.Kind == ByAgent {
		if !by.Can(PermReply) {
			return Forbidden
		}
		if c.Agent != by.Agent {
			return Conflict{Key: "conversation.held", Owner: c.Agent}
		}
	}
	c.State, c.EndedAt, c.EndReason = Ended, now, reason
	c.Waiting, c.Unread = time.Time{}, 0
	return nil
}

// Read marks everything up to id as read by the actor's side and reports
// whether that changed anything. Only the agent who holds the conversation
// reads for the agents' side: a colleague looking in must not hide it. A mark
// that an unseen message has overtaken leaves the count as it is.
func (c *Conversation) Read(by Actor, id EventID) bool {
	id = min(id, c.LastID)
	was := *c
	switch {
	case by.Kind == ByVisitor:
		c.ReadByOther = max(id, c.ReadByOther)
		if id == c.LastID || c.LastBy == ByVisitor && id > was.ReadByOther {
			c.UnreadOut = 0
		}
	case by.Kind == ByAgent && by.Agent == c.Agent:
		c.ReadByAgent = max(id, c.ReadByAgent)
		if id == c.LastID {
			c.Unread = 0
		}
	}
	return *c != was
}

// SilentUntil is when the conversation ends by itself: minutes after its last
// message. Zero minutes means never, reported as the zero time.
func (c *Conversation) SilentUntil(minutes int) time.Time {
	if minutes <= 0 || c.State != Open {
		return time.Time{}
	}
	last := c.LastAt
	if last.Before(c.Assigned) {
		last = c.Assigned // time spent in the queue is not silence
	}
	return last.Add(time.Duration(minutes) * time.Minute)
}

// WaitLevel grades how long a customer has waited: ok, warn or over.
func WaitLevel(d time.Duration) string {
	switch {
	case d >= 5*time.Minute:
		return "over"
	case d >= 2*time.Minute:
		return "warn"
	}
	return "ok"
}

// Requeue takes an open conversation from its agent and lets it wait again.
func (c *Conversation) Requeue() { c.Agent, c.State, c.Assigned = 0, Queued, time.Time{} }
