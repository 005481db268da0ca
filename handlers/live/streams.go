package live

import (
	"log/slog"
	"net/http"
	"time"

	"parlor/db"
	"parlor/domain"
)

// Agent serves an agent's stream: one for the person, whatever pages are open.
func (h *Hub) Agent(w http.ResponseWriter, r *http.Request, id domain.AgentID, epoch int, session, lang string) {
	c := &conn{hub: h, agent: id, session: session, epoch: epoch, lang: lang, last: cursor(r)}
	c.serve(w, r)
}

// Visitor serves a visitor's stream.
func (h *Hub) Visitor(w http.ResponseWriter, r *http.Request, v db.Visitor, lang string) {
	c := &conn{hub: h, visitor: v.ID, lang: lang, last: cursor(r)}
	c.serve(w, r)
}

// cursor reads where the client left off; -1 when it says nothing readable.
func cursor(r *http.Request) domain.EventID {
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		text = r.URL.Query().Get("after")
	}
	var n int64
	for _, d := range text {
		if d < '0' || d > '9' || n > 1<<60 {
			return -1
		}
		n = n*10 + int64(d-'0')
	}
	if text == "" {
		return -1
	}
	return domain.EventID(n)
}

// add registers a stream before it is subscribed, so that nothing is missed in between.
func (h *Hub) add(c *conn) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.conns[c.name] = c
	if c.agent != 0 {
		put(h.agents, c.agent, c)
		h.returned(c.agent)
	} else {
		put(h.visitors, c.visitor, c)
	}
	return true
}

func (h *Hub) remove(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.conns, c.name)
	if c.agent != 0 {
		if drop(h.agents, c.agent, c); len(h.agents[c.agent]) == 0 {
			h.lostSight(c.agent)
		}
		return
	}
	drop(h.visitors, c.visitor, c)
}

func put[K comparable](m map[K]map[*conn]struct{}, k K, c *conn) {
	if m[k] == nil {
		m[k] = map[*conn]struct{}{}
	}
	m[k][c] = struct{}{}
}

func drop[K comparable](m map[K]map[*conn]struct{}, k K, c *conn) {
	delete(m[k], c)
	if len(m[k]) == 0 {
		delete(m, k)
	}
}

// subscribed makes up for what the stream missed. The library calls it in a
// goroutine of its own once the stream can take events.
func (h *Hub) subscribed(name string) {
	h.mu.RLock()
	c := h.conns[name]
	h.mu.RUnlock()
	if c == nil {
		return
	}
	if h.over(c) { // it ended while this stream was being opened
		c.end()
		return
	}
	missed, err := h.missed(c)
	if err != nil {
		slog.Error("stream not caught up", "err", err)
		c.end()
		return
	}
	c.catchUp(missed)
}

// missed returns the frames after the stream's cursor. A cursor that says
// nothing, or too much, is answered with a request to start afresh.
func (h *Hub) missed(c *conn) ([]frame, error) {
	newest, err := h.db.LastEvent()
	if err != nil {
		return nil, err
	}
	after := c.last
	if after < 0 || after > newest {
		c.last = newest
		return []frame{{event: "resync", data: "1"}}, nil
	}
	lines, err := h.missedLines(c, after)
	if err != nil {
		return nil, err
	}
	if len(lines) > replayMost {
		c.last = newest
		return []frame{{event: "resync", data: "1"}}, nil
	}
	frames := []frame{{event: "hello", data: "1"}}
	for _, m := range lines {
		r := h.render(m.Line, m.In)
		text := ""
		if c.agent != 0 {
			text = r.forAgents(c.lang)
		} else {
			text = r.forVisitor(c.lang)
		}
		frames = append(frames, frame{event: "line", data: text, id: m.Line.ID})
	}
	return append(frames, frame{event: "list", data: "1"}, frame{event: "queue", data: "1"}, frame{event: "state", data: "1"}), nil
}

func (h *Hub) missedLines(c *conn, after domain.EventID) ([]db.Missed, error) {
	if c.agent == 0 {
		return h.db.MissedBy(domain.Actor{Kind: domain.ByVisitor, Visitor: c.visitor}, after, replayMost+1)
	}
	actor, ok := h.db.Directory().Actor(c.agent)
	if !ok {
		return nil, domain.NotFound
	}
	return h.db.MissedBy(actor, after, replayMost+1)
}

// returned keeps an agent on duty who came back in time. The caller holds mu.
func (h *Hub) returned(id domain.AgentID) {
	if t := h.leaving[id]; t != nil {
		t.Stop()
		delete(h.leaving, id)
	}
	if was, ok := h.left[id]; ok {
		delete(h.left, id)
		go h.setStatus(id, was, "returned")
	}
}

// lostSight starts the grace after an agent's last stream went. The caller holds mu.
func (h *Hub) lostSight(id domain.AgentID) {
	if h.closed {
		return
	}
	h.leaving[id] = time.AfterFunc(graceAgent, func() { h.gone(id) })
}

// gone takes an agent off duty who did not come back.
func (h *Hub) gone(id domain.AgentID) {
	status := h.db.Directory().Agents[id].Status
	h.mu.Lock()
	here := len(h.agents[id]) > 0
	delete(h.leaving, id)
	if !here && status != domain.Offline {
		h.left[id] = status
	}
	h.mu.Unlock()
	if !here {
		h.setStatus(id, domain.Offline, "disconnected")
	}
}

func (h *Hub) setStatus(id domain.AgentID, s domain.Status, cause string) {
	actor, ok := h.db.Directory().Actor(id)
	if !ok {
		return
	}
	if err := h.db.SetStatus(actor, s, cause); err != nil {
		slog.Error("status not changed", "agent", int64(id), "err", err)
	}
}

// expectAgents gives everyone who was on duty before a restart the usual
// grace to come back.
func (h *Hub) expectAgents() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range h.db.Directory().AgentList() {
		if a.Status != domain.Offline && len(h.agents[a.ID]) == 0 {
			h.lostSight(a.ID)
		}
	}
}

// watchedMost is how many conversations of others an agent follows at once.
const watchedMost = 5

// Watch makes an agent's streams carry a conversation the agent looks into.
func (h *Hub) Watch(id domain.AgentID, c domain.ConversationID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := h.watching[id]
	kept := list[:0:0]
	for _, w := range list {
		if w != c {
			kept = append(kept, w)
		}
	}
	kept = append(kept, c)
	h.watching[id] = kept[max(0, len(kept)-watchedMost):]
}
