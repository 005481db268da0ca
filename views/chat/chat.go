package chat

import (
	"context"
	"fmt"
	"strconv"

	"parlor/domain"
	"parlor/views/ui"
)

func rowClass(e domain.Entry) string {
	switch {
	case e.State == domain.Ended:
		return "conv done"
	case e.Unread > 0:
		return "conv unread"
	}
	return "conv"
}

func conversationURL(id domain.ConversationID, tab string) string {
	if tab == "colleagues" {
		return fmt.Sprintf("/desk/conversations/%d?tab=colleagues", id)
	}
	return fmt.Sprintf("/desk/conversations/%d", id)
}

// pip is the state of the i-th mark of a load meter.
func pip(i int, l domain.Load) string {
	switch {
	case i >= l.Maximum:
		return "over"
	case i < l.Open:
		return "on"
	}
	return ""
}

// Open is a conversation as one agent looks at it.
type Open struct {
	*domain.Conversation
	Page     domain.Stretch
	Viewer   domain.Actor
	Names    func(domain.AgentID) string
	Site     domain.Site
	Visit    domain.Visit
	Group    string
	Earlier  []*domain.Conversation
	Draft    string   // what was typed when a plain form was refused
	Error    string   // message key for the composer
	Client   string   // client id of the next message
	Mode     string   // text or note
	Mentions []string // names that a note can call
}

// Mine reports whether the viewer holds the conversation.
func (o Open) Mine() bool {
	return o.State == domain.Open && o.Agent == o.Viewer.Agent && o.Viewer.Can(domain.PermReply)
}

// Held names the conversation's relation to the viewer, for scripts.
func (o Open) Held() string {
	switch {
	case o.State == domain.Ended:
		return "ended"
	case o.State == domain.Queued:
		return "queued"
	case o.Mine():
		return "mine"
	}
	return "other"
}

func (o Open) url(tail string) string { return fmt.Sprintf("/desk/conversations/%d%s", o.ID, tail) }

// firstUnread is the line before which the divider stands; 0 for none.
func (o Open) firstUnread() domain.EventID {
	if o.Unread == 0 || !o.Mine() {
		return 0
	}
	for _, l := range o.Page.Lines {
		if l.Message != nil && l.By == domain.ByVisitor && l.ID > o.ReadByAgent {
			return l.ID
		}
	}
	return 0
}

// oldest is the first line shown, from which older ones are asked for.
func (o Open) oldest() domain.EventID {
	if len(o.Page.Lines) == 0 {
		return 0
	}
	return o.Page.Lines[0].ID
}

func (o Open) newest() domain.EventID {
	if n := len(o.Page.Lines); n > 0 {
		return o.Page.Lines[n-1].ID
	}
	return 0
}

// Said is everything a line of a thread needs besides itself.
type Said struct {
	Customer     string // how the customer is called
	Name, Code   string // what the avatar is made of
	CustomerID   domain.CustomerID
	ReadByOther  domain.EventID
	Names        func(domain.AgentID) string
	Conversation domain.ConversationID
}

// SaidIn is what the lines of a conversation need.
func SaidIn(ctx context.Context, c *domain.Conversation, names func(domain.AgentID) string) Said {
	return Said{
		Customer: ui.Customer(ctx, c.CustomerName, c.CustomerCode), Name: c.CustomerName, Code: c.CustomerCode, CustomerID: c.Customer,
		ReadByOther: c.ReadByOther, Names: names, Conversation: c.ID,
	}
}

func lineID(l domain.Line) string { return "m" + strconv.FormatInt(int64(l.ID), 10) }

func idText(id domain.ConversationID) string { return strconv.FormatInt(int64(id), 10) }

func newDay(ctx context.Context, lines []domain.Line, i int) bool {
	return i == 0 || ui.DayKey(ctx, lines[i].At) != ui.DayKey(ctx, lines[i-1].At)
}

// eventText says what an event line means.
func eventText(ctx context.Context, l domain.Line, s Said) string {
	switch l.Kind {
	case domain.WasQueued:
		if l.Data.Reason != "" {
			return ui.T(ctx, "event.queued."+l.Data.Reason)
		}
		return ui.T(ctx, "event.queued")
	case domain.WasAssigned:
		return ui.T(ctx, "event.assigned."+l.Data.Reason, "name", s.Names(l.Data.Agent))
	case domain.WasEnded:
		if l.By == domain.ByAgent {
			return ui.T(ctx, "event.ended.agent", "name", s.Names(domain.AgentID(l.Actor)))
		}
		return ui.T(ctx, "event.ended."+l.Data.Reason)
	}
	return string(l.Kind)
}

func messageClass(m *domain.Message) string {
	class := "msg"
	if m.By == domain.ByAgent {
		class = "msg out"
	}
	if m.Continues {
		class += " cont"
	}
	return class
}
