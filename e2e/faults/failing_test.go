package faults

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// under launches the program so that some of its system calls fail or kill it.
func (d *desk) under(calls, fault string) {
	d.t.Helper()
	d.launch("strace", "-f", "-D", "-o", "/dev/null", "-e", "signal=none", "-e", "trace="+calls, "-e", "inject="+calls+":"+fault, "--")
}

// TestR11_NoRoomForSomeWrites refuses some writes for lack of room, be they to
// the log, its index or the file: the program goes on and keeps its word.
func TestR11_NoRoomForSomeWrites(t *testing.T) {
	d := newDesk(t)
	l := d.newLoad(4)
	for range rounds(3, 50) {
		d.stop()
		first := 20 + rand.IntN(400)
		d.under("pwrite64", fmt.Sprintf("error=ENOSPC:when=%d..%d", first, first+20))
		if !d.becomesReady() {
			t.Fatal("the program ended for want of room")
		}
		before := d.ledger.fullDisk()
		l.start()
		eventually(t, 20*time.Second, "messages are refused for lack of room", func() bool { return d.ledger.fullDisk() > before })
		l.stop()
		l.settle()
		d.ledger.holds(d.file)
	}
}

// TestR12_AFailedSyncEndsTheProgram makes the disk fail to keep what it was
// given. Nobody knows what it holds then, so nothing more may be acknowledged.
func TestR12_AFailedSyncEndsTheProgram(t *testing.T) {
	d := newDesk(t)
	l := d.newLoad(4)
	for range rounds(3, 50) {
		d.stop()
		d.under("fsync,fdatasync", fmt.Sprintf("error=EIO:when=%d", 10+rand.IntN(60)))
		l.start()
		select {
		case <-d.gone:
		case <-time.After(20 * time.Second):
			t.Fatal("the program goes on after a failed sync")
		}
		if code := d.cmd.ProcessState.ExitCode(); code != 1 {
			t.Errorf("ended with %d", code)
		}
		d.start()
		l.stop()
		l.settle()
		d.ledger.holds(d.file)
	}
}
