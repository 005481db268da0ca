package faults

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// TestR02_KilledUnderLoad kills the program again and again: at random
// moments and at its n-th write to a file.
func TestR02_KilledUnderLoad(t *testing.T) {
	for _, way := range []struct {
		name string
		runs int
		die  func(*desk)
	}{
		{"at a moment", rounds(8, 200), (*desk).dieAtSomeMoment},
		{"at a write", rounds(6, 200), (*desk).dieAtSomeWrite},
	} {
		t.Run(way.name, func(t *testing.T) {
			const together = 20 // runs on one file: the comparison reads it all each time
			for done := 0; done < way.runs; done += together {
				killed(t, min(together, way.runs-done), way.die)
			}
		})
	}
}

func killed(t *testing.T, runs int, die func(*desk)) {
	d := newDesk(t)
	l := d.newLoad(4)
	v := d.visitor("watched")
	f := v.follow(d.addr, 0)
	l.add(func() *post { return v.write("and so on") })
	for range runs {
		l.start()
		die(d)
		if took := d.start(); took > 3*time.Second {
			t.Errorf("ready %s after the start", took)
		}
		time.Sleep(100 * time.Millisecond) // everybody comes back, under load
		l.stop()
		l.settle()
		f.sawAll(t, 0)
		d.ledger.holds(d.file)
		if t.Failed() {
			return
		}
	}
	t.Logf("%d messages acknowledged over %d kills", len(d.ledger.acknowledged()), runs)
}

func (d *desk) dieAtSomeMoment() {
	time.Sleep(50*time.Millisecond + rand.N(1450*time.Millisecond))
	d.kill()
}

// dieAtSomeWrite starts the program anew so that it dies at a write, be that
// one of its start, of a message or of the log being moved into the file.
func (d *desk) dieAtSomeWrite() {
	d.kill()
	n := 1 + rand.IntN([]int{10, 100, 600}[rand.IntN(3)])
	d.under("pwrite64", fmt.Sprintf("signal=SIGKILL:when=%d", n))
	select {
	case <-d.gone:
	case <-time.After(30 * time.Second):
		d.t.Fatalf("there was no write %d in 30 s", n)
	}
}
