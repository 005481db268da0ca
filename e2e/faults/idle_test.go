package faults

import (
	"net/http"
	"testing"
	"time"
)

// TestR24_IdleStreamsAreCheap opens many streams in which nothing happens.
func TestR24_IdleStreamsAreCheap(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	vs := d.visitors(rounds(2_000, 10_000))
	first := d.ledger.acknowledged()
	d.stop()
	d.start() // the memory it took to make the visitors does not count
	d.openMany(100, func(i int) (string, http.Header) { return vs[i].live(first[i].id), vs[i].header })

	goroutines, memory := d.metric("parlor_goroutines"), d.metric("process_resident_memory_bytes")
	open := d.openMany(len(vs), func(i int) (string, http.Header) { return vs[i].live(first[i].id), vs[i].header })
	n := float64(len(open))
	begun, used := time.Now(), d.metric("process_cpu_seconds_total")
	if _, err := open[0].until(":", 25*time.Second); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second) // the others have their heartbeat too
	each := (d.metric("process_resident_memory_bytes") - memory) / n
	share := (d.metric("process_cpu_seconds_total") - used) / time.Since(begun).Seconds()
	t.Logf("%.0f streams: %.0f bytes and %.1f goroutines each, %.2f%% of a processor", n, each, (d.metric("parlor_goroutines")-goroutines)/n, 100*share)
	if each > 40_000 {
		t.Errorf("a stream takes %.0f bytes", each)
	}
	if share > 0.05 {
		t.Errorf("idle streams take %.1f%% of a processor", 100*share)
	}
}

// TestR25_NothingIsLeftOfVanishedReaders opens streams of visitors and of
// agents and drops them without a farewell, again and again.
func TestR25_NothingIsLeftOfVanishedReaders(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	vs := d.visitors(50)
	vanish := func() {
		open := d.openMany(500, func(i int) (string, http.Header) {
			if i%2 == 0 {
				return "/desk/live", http.Header{"Cookie": {d.agents[i/2%teamSize].cookie}}
			}
			v := vs[i/2%len(vs)]
			return v.live(0), v.header
		})
		for _, s := range open {
			s.reset()
		}
		eventually(t, 30*time.Second, "all streams are gone", func() bool {
			return d.metric("parlor_streams_visitors")+d.metric("parlor_streams_agents") == 0
		})
	}
	vanish() // what is made once and kept is made now
	d.http.CloseIdleConnections()
	time.Sleep(time.Second)
	goroutines, descriptors := d.metric("parlor_goroutines"), d.descriptors()
	for range rounds(3, 20) {
		vanish()
	}
	eventually(t, 30*time.Second, "goroutines and descriptors are back", func() bool {
		return d.metric("parlor_goroutines") <= goroutines+5 && d.descriptors() <= descriptors
	})
}

// openMany opens n streams, several at a time, and reads each until it is live.
func (d *desk) openMany(n int, of func(i int) (path string, h http.Header)) []*stream {
	d.t.Helper()
	open := make([]*stream, n)
	const workers = 20
	together(workers, func(w int) {
		for i := w; i < n; i += workers {
			path, h := of(i)
			s, err := connect(d.addr, path, h, 0)
			if err != nil {
				d.t.Error(err)
				return
			}
			open[i] = s
			if e, err := s.next(); err != nil || (e.kind != "hello" && e.kind != "resync") {
				d.t.Errorf("stream %d begins with %q: %v", i, e.kind, err)
				return
			}
		}
	})
	d.t.Cleanup(func() {
		for _, s := range open {
			if s != nil {
				s.conn.Close()
			}
		}
	})
	if d.t.Failed() {
		d.t.FailNow()
	}
	return open
}
