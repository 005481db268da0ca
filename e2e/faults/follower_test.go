package faults

import (
	"slices"
	"sync"
	"testing"
	"time"
)

// follower reads a stream over all interruptions: it comes back with the id
// of the last line it saw.
type follower struct {
	v    *sender
	addr string // where it connects
	stop chan struct{}
	done chan struct{}

	mu       sync.Mutex
	last     int64
	lines    []int64
	resyncs  int
	restarts int
	opened   int // streams that were answered with 200
	current  *stream
}

// follow starts to read the visitor's stream after a cursor, from the server
// or from a proxy before it.
func (v *sender) follow(addr string, after int64) *follower {
	v.d.t.Helper()
	f := newFollower(v, addr, after)
	f.begin()
	return f
}

func newFollower(v *sender, addr string, after int64) *follower {
	return &follower{v: v, addr: addr, last: after, stop: make(chan struct{}), done: make(chan struct{})}
}

func (f *follower) begin() {
	go f.run()
	f.v.d.t.Cleanup(f.end)
}

func (f *follower) run() {
	defer close(f.done)
	for {
		if s, err := connect(f.addr, f.v.live(f.cursor()), f.v.header, 0); err == nil {
			if s.answer.StatusCode == 200 {
				f.read(s)
			}
			s.conn.Close()
		}
		select {
		case <-f.stop:
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (f *follower) read(s *stream) {
	f.mu.Lock()
	f.current = s
	f.opened++
	f.mu.Unlock()
	defer f.drop()
	select {
	case <-f.stop:
		return
	default:
	}
	for {
		e, err := s.next()
		if err != nil {
			return
		}
		f.take(e)
	}
}

func (f *follower) take(e event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch e.kind {
	case "line":
		f.lines = append(f.lines, e.id)
		f.v.d.ledger.showed(e.id)
	case "resync":
		f.resyncs++
	case "restart":
		f.restarts++
	}
	f.last = max(f.last, e.id)
}

// cut breaks the connection; false when there is none.
func (f *follower) cut() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.current == nil {
		return false
	}
	f.current.conn.Close()
	return true
}

func (f *follower) drop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.current = nil
}

func (f *follower) end() {
	select {
	case <-f.stop:
	default:
		close(f.stop)
	}
	f.cut()
	<-f.done
}

func (f *follower) cursor() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last
}

// connected waits until the follower reads a stream for the n-th time.
func (f *follower) connected(n int) {
	f.v.d.t.Helper()
	eventually(f.v.d.t, 15*time.Second, "the stream is open", func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.opened >= n && f.current != nil
	})
}

// sawAll fails the test unless the follower saw every line of its
// conversation after a cursor exactly once, in order, without starting afresh.
func (f *follower) sawAll(t *testing.T, after int64) {
	t.Helper()
	want := thread(t, f.v.d.file, f.v.in())
	want = want[slices.Index(want, after)+1:]
	eventually(t, 15*time.Second, "the stream reaches the last line", func() bool { return f.cursor() >= want[len(want)-1] })
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.resyncs > 0 {
		t.Errorf("the stream asked %d times to start afresh", f.resyncs)
	}
	if !slices.Equal(f.lines, want) {
		t.Errorf("the stream of %d parts showed %d lines, of %d stored, or not in their order:\n%v\n%v", f.opened, len(f.lines), len(want), f.lines, want)
	}
}
