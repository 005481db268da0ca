package live

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"parlor/db"
	"parlor/domain"
	"parlor/views/ui"
)

// fanOut brings each change to whoever may see it.
func (h *Hub) fanOut(changes []domain.Change) {
	for i := range changes {
		h.change(&changes[i])
	}
}

func (h *Hub) change(ch *domain.Change) {
	switch {
	case ch.SessionsOver != 0:
		h.endAgent(ch.SessionsOver)
	case ch.Directory:
		h.everyone(h.teamChanged)
	case ch.Kind == domain.WasRead:
		h.read(ch)
	case ch.Snapshot != nil:
		h.line(ch)
	}
	if ch.QueueMoved {
		poke(h.places)
	}
}

// teamChanged tells agents to look again and ends the streams of those whom
// the change signed out.
func (h *Hub) teamChanged(c *conn) {
	switch {
	case c.agent == 0:
	case h.over(c):
		c.end()
	default:
		c.poke("team")
	}
}

func (h *Hub) endAgent(id domain.AgentID) {
	h.everyone(func(c *conn) {
		if c.agent == id {
			c.end()
		}
	})
}

// line pushes a new thread line and pokes the lists it moved.
func (h *Hub) line(ch *domain.Change) {
	c := ch.Snapshot
	r := h.render(domain.Line{Event: ch.Event, Message: ch.Message}, c)
	moved := ch.WasState != c.State || ch.Before != c.Agent
	h.mu.RLock()
	defer h.mu.RUnlock()
	for v := range h.visitors[c.Visitor] {
		v.send("line", r.forVisitor(v.lang), ch.ID)
		if moved || ch.Kind == domain.WasQueued {
			v.send("state", "1", 0)
		}
	}
	dir := h.db.Directory()
	for id, conns := range h.agents {
		actor, ok := dir.Actor(id)
		if !ok {
			continue
		}
		sees := actor.Sees(c)
		if !sees && id != ch.Before {
			if moved && ch.WasState == domain.Queued {
				pokeAll(conns, "queue", "list")
			}
			continue
		}
		notice := h.notice(ch, id)
		carries := sees && (id == c.Agent || slices.Contains(h.watching[id], c.ID))
		for a := range conns {
			if carries {
				a.send("line", r.forAgents(a.lang), ch.ID)
			}
			if notice != "" {
				a.notify(notice, noticeData(notice, ch, a.lang))
			}
			if moved {
				a.send("moved", strconv.FormatInt(int64(c.ID), 10), 0)
			}
			a.poke("list")
			if moved || c.State == domain.Queued {
				a.poke("queue")
			}
		}
	}
}

func pokeAll(conns map[*conn]struct{}, regions ...string) {
	for c := range conns {
		for _, r := range regions {
			c.poke(r)
		}
	}
}

// notice says why an agent should look up, or "".
func (h *Hub) notice(ch *domain.Change, id domain.AgentID) string {
	c := ch.Snapshot
	switch {
	case slices.Contains(ch.Data.Mention, id):
		return "mention"
	case ch.Kind == domain.WasAssigned && c.Agent == id && ch.By != domain.ByAgent:
		return "assigned"
	case ch.Kind == domain.MessagePosted && ch.By == domain.ByVisitor && c.Agent == id:
		return "message"
	case ch.Kind == domain.WasQueued:
		return "queued"
	}
	return ""
}

// noticeData is what a page needs to tell a person.
func noticeData(kind string, ch *domain.Change, lang string) string {
	c := ch.Snapshot
	name := c.CustomerName
	if name == "" {
		name = ui.Text(lang, "customer.unnamed", "code", c.CustomerCode)
	}
	text := c.Preview
	if kind == "mention" {
		text = domain.Preview(ch.Message.Body)
	}
	return asJSON(map[string]any{
		"kind": kind, "conversation": c.ID, "title": ui.Text(lang, "notice."+kind, "name", name), "text": text,
	})
}

func asJSON(v any) string {
	b, _ := json.Marshal(v) // plain values cannot fail; the encoder escapes line ends itself
	return string(b)
}

// read tells the other side how far its messages were read.
func (h *Hub) read(ch *domain.Change) {
	c := ch.Snapshot
	h.mu.RLock()
	defer h.mu.RUnlock()
	if ch.By == domain.ByAgent {
		for v := range h.visitors[c.Visitor] {
			v.send("read", strconv.FormatInt(int64(c.ReadByAgent), 10), 0)
		}
		pokeAll(h.agents[c.Agent], "list")
		return
	}
	data := asJSON(map[string]any{"conversation": c.ID, "upto": c.ReadByOther})
	dir := h.db.Directory()
	for id, conns := range h.agents {
		if !h.follows(dir, id, c) {
			continue
		}
		for a := range conns {
			a.send("read", data, 0)
		}
	}
}

// follows reports whether an agent holds the conversation or looks into it,
// and may still see it. The caller holds mu.
func (h *Hub) follows(dir *db.Directory, id domain.AgentID, c *domain.Conversation) bool {
	actor, ok := dir.Actor(id)
	return ok && actor.Sees(c) && (id == c.Agent || slices.Contains(h.watching[id], c.ID))
}

// VisitorTyping shows the agents on a conversation what the visitor is
// typing. It touches nothing but memory.
func (h *Hub) VisitorTyping(c *domain.Conversation, text string) {
	dir := h.db.Directory()
	h.mu.RLock()
	defer h.mu.RUnlock()
	for id, conns := range h.agents {
		if !h.follows(dir, id, c) {
			continue
		}
		shown := text
		if dir.Agents[id].Prefs.HidePreview && text != "" {
			shown = "…"
		}
		data := oneLine.Replace(asJSON(map[string]any{"conversation": c.ID, "text": shown}))
		for a := range conns {
			a.send("typing", data, 0)
		}
	}
}

// AgentTyping shows the visitor that somebody is answering.
func (h *Hub) AgentTyping(c *domain.Conversation) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for v := range h.visitors[c.Visitor] {
		v.send("typing", "1", 0)
	}
}

// runPlaces tells waiting visitors where they stand, at most once a second.
func (h *Hub) runPlaces(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.places:
		}
		places, err := h.db.Places()
		if err != nil {
			slog.Error("places not read", "err", err)
		}
		h.mu.RLock()
		for _, p := range places {
			for v := range h.visitors[p.Visitor] {
				v.send("place", strconv.Itoa(p.Position), 0)
			}
		}
		h.mu.RUnlock()
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
	}
}
