package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
	"syscall"
	"time"
)

// conversation is a visitor's two sockets.
type conversation struct {
	number     int
	post, sse  int
	headers    string
	t0         int64 // of the message on its way
	postOpen   bool  // its answer is still to come
	streamOpen bool  // its event is still to come
	due        []int64
	rest       []byte // an event cut off at the end of a read
}

// loop is everything the one thread works with.
type loop struct {
	target        target
	rate          float64
	poll          *poller
	conversations []*conversation
	byFD          map[int32]*conversation
	agents        map[int32]*listener
	buf, out      []byte

	measuring        bool
	done, lines      int64
	acks, deliveries []int64
	cuts             int
}

func newLoop(t target, rate float64) (*loop, error) {
	poll, err := newPoller()
	return &loop{
		target: t, rate: rate, poll: poll, byFD: map[int32]*conversation{}, agents: map[int32]*listener{}, buf: make([]byte, 256<<10),
		acks: make([]int64, 0, 1<<20), deliveries: make([]int64, 0, 1<<20),
	}, err
}

// add takes a conversation in. Its sockets may be written to without waiting.
func (l *loop) add(c *conversation) error {
	c.number = len(l.conversations) + 1
	l.conversations = append(l.conversations, c)
	for _, fd := range []int{c.post, c.sse} {
		if err := syscall.SetNonblock(fd, true); err != nil {
			return err
		}
		if err := l.poll.add(fd); err != nil {
			return err
		}
		l.byFD[int32(fd)] = c
	}
	return nil
}

// run drives the conversations and returns the samples that bound the
// measured time.
func (l *loop) run(warm, dur time.Duration, most int64) (from, to sample, err error) {
	samples := make(chan any, 1)
	ask := func() {
		s, err := l.target.sample()
		if s.at = time.Now(); err != nil {
			samples <- err
			return
		}
		samples <- s
	}
	begin := time.AfterFunc(warm, ask)
	defer begin.Stop()
	asked := false
	due := time.Now()
	if l.rate == 0 {
		for _, c := range l.conversations {
			if err := l.send(c, time.Now().UnixNano()); err != nil {
				return from, to, err
			}
		}
	}
	for limit := time.Now().Add(warm + dur + 30*time.Second); time.Now().Before(limit); {
		select {
		case v := <-samples:
			s, ok := v.(sample)
			if !ok {
				return from, to, v.(error)
			}
			s.done, s.lines = l.done, l.lines
			if l.measuring {
				return from, s, nil
			}
			from, l.measuring = s, true
		default:
		}
		if l.measuring && !asked && (time.Since(from.at) >= dur || l.done >= most) {
			asked = true
			go ask()
		}
		if due, err = l.sendDue(due); err != nil {
			return from, to, err
		}
		if err := l.step(due); err != nil {
			return from, to, err
		}
	}
	return from, to, fmt.Errorf("not finished in time")
}

// sendDue sends what is due by now in an open loop and returns the next moment.
func (l *loop) sendDue(due time.Time) (time.Time, error) {
	for now := time.Now(); l.rate > 0 && !due.After(now); {
		c := l.conversations[rand.IntN(len(l.conversations))]
		if c.postOpen || c.streamOpen {
			c.due = append(c.due, due.UnixNano())
		} else if err := l.send(c, due.UnixNano()); err != nil {
			return due, err
		}
		due = due.Add(time.Duration(rand.ExpFloat64() / l.rate * 1e9))
	}
	return due, nil
}

// step waits for sockets and reads them once.
func (l *loop) step(due time.Time) error {
	wait := 20 * time.Millisecond
	if l.rate > 0 {
		wait = min(wait, time.Until(due))
	}
	ready, err := l.poll.wait(wait)
	if err != nil {
		return err
	}
	for _, e := range ready {
		n, err := syscall.Read(int(e.Fd), l.buf)
		if a := l.agents[e.Fd]; a != nil {
			if err := l.heard(a, n); err != nil {
				return err
			}
			continue
		}
		if err != nil || n <= 0 {
			return fmt.Errorf("a socket was closed (stream: %t) after %d messages: %v", int(e.Fd) == l.byFD[e.Fd].sse, l.done, err)
		}
		if err := l.read(l.byFD[e.Fd], int(e.Fd), l.buf[:n], time.Now().UnixNano()); err != nil {
			return err
		}
	}
	return nil
}

func (l *loop) read(c *conversation, fd int, b []byte, now int64) error {
	if fd == c.post {
		if !bytes.HasPrefix(b, []byte("HTTP/1.1 20")) {
			return fmt.Errorf("refused: %.500s", b)
		}
		if c.postOpen = false; l.measuring {
			l.acks = append(l.acks, now-c.t0)
		}
		return l.finish(c)
	}
	if bytes.HasSuffix(b, streamEnd) {
		return fmt.Errorf("the server ended a visitor's stream after %d messages", l.done)
	}
	t0, rest := stamp(append(c.rest, b...))
	c.rest = append(c.rest[:0], rest...)
	switch {
	case t0 == 0:
		return nil
	case t0 != c.t0:
		return fmt.Errorf("out of order: %d for %d", t0, c.t0)
	}
	if c.streamOpen = false; l.measuring {
		l.deliveries = append(l.deliveries, now-t0)
	}
	return l.finish(c)
}

const digits = 19 // of a moment in nanoseconds

// stamp finds the moment a message was due in its event; rest is what must be
// looked at again together with the next read.
func stamp(b []byte) (t0 int64, rest []byte) {
	i := bytes.Index(b, []byte("t0="))
	if i < 0 {
		return 0, b[max(0, len(b)-2):]
	}
	if b = b[i:]; len(b) < 3+digits {
		return 0, b
	}
	t0, _ = strconv.ParseInt(string(b[3:3+digits]), 10, 64)
	return t0, nil
}

func (l *loop) finish(c *conversation) error {
	if c.postOpen || c.streamOpen {
		return nil
	}
	l.done++
	switch {
	case l.rate == 0:
		return l.send(c, time.Now().UnixNano())
	case len(c.due) > 0:
		t0 := c.due[0]
		c.due = c.due[1:]
		return l.send(c, t0)
	}
	return nil
}

func (l *loop) send(c *conversation, t0 int64) error {
	c.t0, c.postOpen, c.streamOpen = t0, true, true
	l.out = l.target.request(l.out[:0], c, t0)
	_, err := syscall.Write(c.post, l.out)
	return err
}
