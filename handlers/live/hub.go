// Package live carries changes to the browsers that may see them, after the
// commit and without ever holding up the writer.
package live

import (
	"context"
	"runtime/debug"
	"sync"
	"time"

	"github.com/r3labs/sse/v2"

	"parlor/db"
	"parlor/domain"
)

const (
	heartbeat   = 20 * time.Second
	backlogMost = 20_000 // changes the fan-out may lag behind before everyone starts afresh
	replayMost  = 200    // missed lines a stream makes up for; beyond that the page reloads
	pokeEvery   = 300 * time.Millisecond
	graceAgent  = 2 * time.Minute // how long an agent stays on duty without a connection
)

// Hub holds every open stream.
type Hub struct {
	db       *db.DB
	sessions *db.Sessions
	server   *sse.Server

	mu       sync.RWMutex
	conns    map[string]*conn
	visitors map[domain.VisitorID]map[*conn]struct{}
	agents   map[domain.AgentID]map[*conn]struct{}
	watching map[domain.AgentID][]domain.ConversationID
	leaving  map[domain.AgentID]*time.Timer
	left     map[domain.AgentID]domain.Status // who was taken off duty for being away, and from what
	closed   bool
	tidied   int // streams at the last tidy-up

	backlog struct {
		sync.Mutex
		changes []domain.Change
		lost    bool
	}
	wake   chan struct{}
	places chan struct{}
}

// New returns a hub that is not yet connected to a database.
func New() *Hub {
	h := &Hub{
		conns: map[string]*conn{}, visitors: map[domain.VisitorID]map[*conn]struct{}{}, agents: map[domain.AgentID]map[*conn]struct{}{},
		watching: map[domain.AgentID][]domain.ConversationID{}, leaving: map[domain.AgentID]*time.Timer{},
		left: map[domain.AgentID]domain.Status{}, wake: make(chan struct{}, 1), places: make(chan struct{}, 1),
	}
	h.server = sse.New()
	h.server.AutoReplay = false // it keeps every event for ever and repeats the last one; replay is ours
	h.server.AutoStream = true  // with it, and only so, a stream goes when its one reader goes
	h.server.SplitData = true   // without it data beginning with a colon is lost
	h.server.BufferSize = streamBuffer
	h.server.OnSubscribe = func(name string, _ *sse.Subscriber) { h.subscribed(name) }
	return h
}

// Use connects the hub to its database.
func (h *Hub) Use(d *db.DB) { h.db, h.sessions = d, d.Sessions(nil) }

// Publish takes the changes of a commit. It never blocks.
func (h *Hub) Publish(changes []domain.Change) {
	h.backlog.Lock()
	if len(h.backlog.changes) > backlogMost {
		h.backlog.changes, h.backlog.lost = h.backlog.changes[:0], true
	}
	h.backlog.changes = append(h.backlog.changes, changes...)
	h.backlog.Unlock()
	poke(h.wake)
}

// Run fans changes out until ctx ends.
func (h *Hub) Run(ctx context.Context) {
	go h.runPlaces(ctx)
	h.expectAgents()
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
			h.beat()
		case <-h.wake:
			h.fanOut(h.take())
		}
	}
}

// take empties the backlog.
func (h *Hub) take() []domain.Change {
	h.backlog.Lock()
	changes, lost := h.backlog.changes, h.backlog.lost
	h.backlog.changes, h.backlog.lost = nil, false
	h.backlog.Unlock()
	if lost {
		h.everyone(func(c *conn) { c.send("resync", "1", 0) })
	}
	return changes
}

// everyone calls f for every stream.
func (h *Hub) everyone(f func(*conn)) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, c := range h.conns {
		f(c)
	}
}

// beat finds dead peers and ends streams whose owner may no longer read.
func (h *Hub) beat() {
	h.everyone(func(c *conn) {
		if h.over(c) {
			c.end()
			return
		}
		c.comment()
	})
	h.tidy()
}

// tidyEvery is how many streams must have come or gone for a tidy-up.
const tidyEvery = 1_000

// tidy gives back the memory that opening or closing many streams took; a
// server that is then idle would keep it.
func (h *Hub) tidy() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if change := len(h.conns) - h.tidied; change > tidyEvery || change < -tidyEvery {
		h.tidied = len(h.conns)
		go debug.FreeOSMemory()
	}
}

// over reports whether the session behind an agent's stream has ended.
func (h *Hub) over(c *conn) bool {
	if c.agent == 0 {
		return false
	}
	dir := h.db.Directory()
	if _, ok := dir.Actor(c.agent); !ok || dir.Agents[c.agent].Epoch != c.epoch {
		return true
	}
	_, live, err := h.sessions.Find(c.session)
	return err == nil && !live
}

// SessionEnded ends the streams of one session.
func (h *Hub) SessionEnded(key string) {
	h.everyone(func(c *conn) {
		if c.agent != 0 && c.session == key {
			c.end()
		}
	})
}

// Close tells every stream to come back at a moment of its own and ends it.
func (h *Hub) Close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.everyone(func(c *conn) { c.send("restart", "1", 0) })
	time.Sleep(100 * time.Millisecond) // let the farewell reach the sockets
	h.everyone(func(c *conn) { c.end() })
}

// Count returns how many streams are open, of visitors and of agents.
func (h *Hub) Count() (visitors, agents int) {
	h.everyone(func(c *conn) {
		if c.agent != 0 {
			agents++
		} else {
			visitors++
		}
	})
	return visitors, agents
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
