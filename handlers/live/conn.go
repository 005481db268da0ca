package live

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/r3labs/sse/v2"

	"parlor/domain"
)

const (
	streamBuffer  = 32
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
	live    bool    // replay is over; before that frames only queue up
	queue   []frame // waiting until what is in flight is written
	queued  int     // bytes of them
	flight  int     // frames the library holds
	last    domain.EventID
	ended   bool
	poked   map[string]time.Time
	noticed time.Time
}

type frame struct {
	event, data string
	id          domain.EventID
}

// What may wait for one reader before it is cut.
const (
	queueMost = 2_000
	bytesMost = 4 << 20
)

// send queues one frame; id 0 marks one that is not in the event log.
func (c *conn) send(event, data string, id domain.EventID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.enqueue(frame{event, data, id})
}

// enqueue keeps a frame in order behind those before it. A stream that lags
// too far is cut and comes back with its cursor. The caller holds mu.
func (c *conn) enqueue(f frame) {
	if c.ended || (f.id == 0 && slices.Contains(c.queue, f)) {
		return
	}
	c.queue = append(c.queue, f)
	c.queued += len(f.data)
	switch {
	case len(c.queue) > queueMost || c.queued > bytesMost:
		c.cut()
	case c.live && c.flight == 0:
		c.hand()
	}
}

// hand gives what waits to the library, as far as it takes it at once. The
// caller holds mu.
func (c *conn) hand() {
	for _, f := range c.next() {
		c.flight++
		e := &sse.Event{ID: strconv.AppendInt(nil, int64(f.id), 10), Event: []byte(f.event), Data: []byte(f.data)}
		if !c.hub.server.TryPublish(c.name, e) {
			c.cut()
			return
		}
	}
}

// next takes frames from the queue, each with the id of the newest line up to
// it. The caller holds mu.
func (c *conn) next() []frame {
	var out []frame
	taken := 0
	for ; taken < len(c.queue) && len(out) < streamBuffer/2; taken++ {
		f := c.queue[taken]
		c.queued -= len(f.data)
		if f.data == "" || (f.id != 0 && f.id <= c.last) {
			continue // the library takes an empty frame for the end
		}
		c.last = max(c.last, f.id)
		out = append(out, frame{f.event, f.data, c.last})
	}
	c.queue = append(c.queue[:0], c.queue[taken:]...)
	return out
}

// written notes that a frame is on its way out and reports whether more
// follows at once.
func (c *conn) written() (more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.flight--; c.flight == 0 && len(c.queue) > 0 && !c.ended {
		c.hand()
	}
	return c.flight > 0
}

// cut ends a stream that cannot take more. The caller holds mu.
func (c *conn) cut() {
	c.ended = true
	c.cancel()
}

// noticeEvery bounds how often a person is told of new messages.
const noticeEvery = time.Second

// notify tells a person to look up; of many messages only one says so.
func (c *conn) notify(kind, data string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if kind == "message" && now.Sub(c.noticed) < noticeEvery {
		return
	}
	c.noticed = now
	c.enqueue(frame{event: "notice", data: data})
}

// poke tells the page to look at a region again, at most every pokeEvery.
func (c *conn) poke(region string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.poked == nil {
		c.poked = map[string]time.Time{}
	}
	now := time.Now()
	next := c.poked[region].Add(pokeEvery)
	switch {
	case !now.Before(next):
		c.poked[region] = now
		c.enqueue(frame{event: region, data: "1"})
	case next.Sub(now) <= pokeEvery:
		c.poked[region] = next
		time.AfterFunc(next.Sub(now), func() { c.send(region, "1", 0) })
	}
}

// comment keeps the connection open and finds out whether anyone is there.
func (c *conn) comment() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.live || c.ended || c.flight > 0 {
		return // what is on its way finds out as well
	}
	c.flight++
	if !c.hub.server.TryPublish(c.name, &sse.Event{Comment: []byte("here")}) {
		c.cut()
	}
}

// end closes the stream. The library's own way of removing one leaks.
func (c *conn) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut()
}

// catchUp replays what was missed, then what arrived meanwhile, and goes live.
func (c *conn) catchUp(missed []frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range missed {
		c.queued += len(f.data)
	}
	c.queue = append(missed, c.queue...)
	c.live = true
	c.hand()
}

// serve runs the stream until either side ends it.
func (c *conn) serve(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	c.name, c.cancel = rand.Text(), cancel
	if !c.hub.add(c) {
		w.Header().Set("Retry-After", "2")
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	defer c.hub.remove(c)
	inner := r.WithContext(ctx)
	inner.URL = &url.URL{RawQuery: "stream=" + c.name} // never the client's choice
	inner.Header = http.Header{}                       // the library refuses a Last-Event-ID that is not a number
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
	if w.begun && w.conn.written() {
		return
	}
	w.begun = true
	if err := w.control.Flush(); err != nil {
		w.conn.cancel()
	}
}
