package faults

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const healthy = 50

// TestR08_AStalledReaderHoldsUpNobody lets one reader stop reading while its
// conversation is flooded. The others, among them a second tab of the same
// visitor, must not notice; the stalled one is cut, leaves nothing behind, and
// comes back without a loss.
func TestR08_AStalledReaderHoldsUpNobody(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	readers := make([]*reader, healthy)
	for i, v := range d.visitors(healthy) {
		readers[i] = v.reading()
	}
	v := d.visitor("stalled")
	first := thread(t, d.file, v.in())[0]
	by := v.accepted(d.agents[1])
	tab := v.follow(d.addr, first)
	tab.connected(1)
	base := d.metric("parlor_goroutines")
	stalled, err := connect(d.addr, v.live(first), v.header, 4096)
	if err != nil {
		t.Fatal(err)
	}
	defer stalled.conn.Close()

	stop := make(chan struct{})
	var delays []time.Duration
	var talk sync.WaitGroup
	talk.Go(func() { delays = chat(readers, stop) })
	for range 190 { // fewer than a stream makes up for
		by.say(strings.Repeat("<", 9_900)) // in HTML four times as long: more than the kernel keeps for a reader
	}
	full := time.Now()
	eventually(t, 15*time.Second, "the stalled stream is cut", func() bool { return d.metric("parlor_streams_visitors") <= healthy+1 })
	t.Logf("cut %s after the flood", time.Since(full).Round(time.Millisecond))
	close(stop)
	talk.Wait()
	eventually(t, 5*time.Second, "no goroutine is left of it", func() bool { return d.metric("parlor_goroutines") <= base+5 })

	slices.Sort(delays)
	p99 := delays[len(delays)*99/100]
	t.Logf("%d messages to healthy readers, p99 %s", len(delays), p99)
	if p99 > time.Second || len(delays) < 100 {
		t.Errorf("%d messages reached healthy readers, p99 %s", len(delays), p99)
	}
	tab.sawAll(t, first)
	v.resumed(stalled, first).sawAll(t, first)
	d.ledger.holds(d.file)
}

// reader is a visitor who reads what comes at once.
type reader struct {
	*sender
	arrived chan int64
}

func (v *sender) reading() *reader {
	v.d.t.Helper()
	r := &reader{v, make(chan int64, 100)}
	s := v.listen(0)
	go func() {
		for {
			e, err := s.next()
			if err != nil {
				return
			}
			if e.kind == "line" {
				r.arrived <- e.id
			}
		}
	}()
	return r
}

// chat lets the readers write by turns and returns how long each message took
// to come back on its stream.
func chat(readers []*reader, stop chan struct{}) (delays []time.Duration) {
	for n := 0; ; n++ {
		select {
		case <-stop:
			return delays
		case <-time.After(5 * time.Millisecond):
		}
		r, begun := readers[n%len(readers)], time.Now()
		p := r.write("how long does this take?")
		if !r.try(p) {
			r.d.t.Errorf("%s was not acknowledged", p.client)
			return delays
		}
		for limit := time.After(10 * time.Second); ; {
			select {
			case id := <-r.arrived:
				if id != p.id {
					continue
				}
			case <-limit:
				r.d.t.Errorf("%s did not arrive in 10 s", p.client)
			}
			break
		}
		delays = append(delays, time.Since(begun))
	}
}

// resumed reads what the kernel still holds of a cut stream and goes on from there.
func (v *sender) resumed(cut *stream, after int64) *follower {
	v.d.t.Helper()
	f := newFollower(v, v.d.addr, after)
	f.read(cut)
	if len(f.lines) == 0 || len(f.lines) > 150 {
		v.d.t.Errorf("the cut stream had carried %d lines; it was not cut in the middle", len(f.lines))
	}
	f.begin()
	return f
}

// TestR08_HeartbeatOnAnIdleStream waits for a sign of life.
func TestR08_HeartbeatOnAnIdleStream(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v := d.visitor("visitor")
	s := v.listen(0)
	begun := time.Now()
	if _, err := s.until(":", 25*time.Second); err != nil {
		t.Fatal(err)
	}
	t.Logf("after %s", time.Since(begun).Round(time.Second))
}
