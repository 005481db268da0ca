package faults

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestR01_AcknowledgedAndShownAfterTheDisk watches the system calls of a run
// of posts: the message goes to the write-ahead log, the log to the disk, and
// only then may anything about it reach a socket.
func TestR01_AcknowledgedAndShownAfterTheDisk(t *testing.T) {
	d := newDeskIn(t, t.TempDir())
	posts := rounds(60, 1000)
	calls := d.traced("pwrite64,fsync,fdatasync,write", func() {
		v := d.visitor("visitor")
		f := v.follow(d.addr, 0)
		f.connected(1)
		for range posts {
			v.say("to be kept;")
		}
		f.sawAll(t, 0)
		d.ledger.holds(d.file)
	})
	answered := 0
	for n := 2; n <= posts+1; n++ {
		body := fmt.Sprintf("visitor-%d to be kept;", n)
		ack := fmt.Sprintf(`"client_id":"visitor-%d"`, n)
		kept := durable(calls, d.file, body)
		if kept < 0 {
			t.Fatalf("message %d was never written and synced", n)
		}
		for _, c := range calls {
			if !strings.HasPrefix(c.path, "socket:") || !(strings.Contains(c.data, body) || strings.Contains(c.data, ack)) {
				continue
			}
			if answered++; c.begun < kept {
				t.Errorf("message %d left at step %d; it was on the disk at %d: %.60q", n, c.begun, kept, c.data)
			}
		}
	}
	if want := 2 * posts; answered < want {
		t.Errorf("saw %d answers and events leave, want %d", answered, want)
	}
}

// durable is the step at which the log that holds text was first on the disk.
func durable(calls []call, file, text string) int {
	wal := file + "-wal"
	written := slices.IndexFunc(calls, func(c call) bool {
		return c.name == "pwrite64" && c.path == wal && strings.Contains(c.data, text)
	})
	if written < 0 {
		return -1
	}
	synced := slices.IndexFunc(calls, func(c call) bool {
		return strings.HasSuffix(c.name, "sync") && c.path == wal && c.begun > calls[written].ended
	})
	if synced < 0 {
		return -1
	}
	return calls[synced].ended
}
