package live

import (
	"context"
	"crypto/rand"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/r3labs/sse/v2"

	"parlor/domain"
)

const (
	streamBuffer  = 64
	writeDeadline = 10 * time.Second
)

// conn is one open stream. Each has a library stream of its own under a
// random name, so that one stalled reader can hold up nobody else.
type conn struct {
	hub     *Hub
	name    string
	cancel  context.CancelFunc
	agent   domain.AgentID
	visitor domain.VisitorID
	session string
	epoch   int
	lang    string

	mu      sync.Mutex
	live    bool // replay is over; before that events are held
	held    []frame
	last    domain.EventID
	ended   bool
	poked   map[string]time.Time
	pending atomic.Int32 // frames handed over and not yet written
}

type frame struct {
	event, data string
	id          domain.EventID
}

// send hands one frame over; id 0 marks one that is not in the event log. A
// stream that cannot take it is cut and comes back with its cursor.
func (c *conn) send(event, data string, id domain.EventID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.live {
		c.held = append(c.held, frame{event, data, id})
		return
	}
	c.publish(frame{event, data, id})
}

// publish writes to the library's stream. The caller holds mu.
func (c *conn) publish(f frame) {
	if c.ended || f.data == "" || (f.id != 0 && f.id <= c.last) {
		return
	}
	if f.id != 0 {
		c.last = f.id
	}
	c.pending.Add(1)
	e := &sse.Event{ID: strconv.AppendInt(nil, int64(c.last), 10), Event: []byte(f.event), Data: []byte(f.data)}
	if !c.hub.server.TryPublish(c.name, e) {
		c.ended = true
		c.cancel()
	}
}

// poke tells the page to look at a region again, at most every pokeEvery.
func (c *conn) poke(region string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	next := c.poked[region].Add(pokeEvery)
	switch {
	case !now.Before(next):
		c.poked[region] = now
		if c.live {
			c.publish(frame{event: region, data: "1"})
		} else {
			c.held = append(c.held, frame{event: region, data: "1"})
		}
	case next.Sub(now) <= pokeEvery:
		c.poked[region] = next
		time.AfterFunc(next.Sub(now), func() { c.send(region, "1", 0) })
	}
}

// comment keeps the connection open and finds out whether anyone is there.
func (c *conn) comment() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.live || c.ended {
		return
	}
	c.pending.Add(1)
	if !c.hub.server.TryPublish(c.name, &sse.Event{Comment: []byte("here")}) {
		c.ended = true
		c.cancel()
	}
}

// end closes the stream. The library's own way of removing one leaks.
func (c *conn) end() {
	c.mu.Lock()
	c.ended = true
	c.mu.Unlock()
	c.cancel()
}

// catchUp replays what was missed, then what arrived meanwhile, and goes live.
func (c *conn) catchUp(missed []frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.live = true
	for _, f := range append(missed, c.held...) {
		c.publish(f)
	}
	c.held = nil
}

// serve runs the stream until either side ends it.
func (c *conn) serve(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	c.name, c.cancel, c.poked = rand.Text(), cancel, map[string]time.Time{}
	if !c.hub.add(c) {
		w.Header().Set("Retry-After", "2")
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	defer c.hub.remove(c)
	inner := r.Clone(ctx)
	inner.URL.RawQuery = "stream=" + c.name // never the client's choice
	inner.Header.Del("Last-Event-ID")       // the library refuses what is not a number
	w.Header().Set("X-Accel-Buffering", "no")
	c.hub.server.ServeHTTP(&deadlineWriter{ResponseWriter: w, control: http.NewResponseController(w), conn: c}, inner)
}

// deadlineWriter gives every write a deadline and flushes once for frames
// that wait together.
type deadlineWriter struct {
	http.ResponseWriter
	control *http.ResponseController
	conn    *conn
	set     time.Time
	begun   bool
}

func (w *deadlineWriter) WriteHeader(code int) {
	w.Header().Set("Cache-Control", "no-store")
	w.ResponseWriter.WriteHeader(code)
}

func (w *deadlineWriter) Write(b []byte) (int, error) {
	if now := time.Now(); now.Sub(w.set) > time.Second {
		w.set = now
		_ = w.control.SetWriteDeadline(now.Add(writeDeadline)) // a connection without deadlines is a test's
	}
	return w.ResponseWriter.Write(b)
}

// Flush sends what was written unless more is about to follow.
func (w *deadlineWriter) Flush() {
	if w.begun && w.conn.pending.Add(-1) > 0 {
		return
	}
	w.begun = true
	if err := w.control.Flush(); err != nil {
		w.conn.cancel()
	}
}
