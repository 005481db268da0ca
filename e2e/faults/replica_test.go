package faults

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestR21_TheReplicaHoldsAllButTheLastMoment loses a database in the middle of
// writing, with nothing left but what make replicate carried away, and goes on
// from what make restore makes of it: on a new machine, in the old place beside
// what Litestream left there, and on a new machine again.
func TestR21_TheReplicaHoldsAllButTheLastMoment(t *testing.T) {
	d := newDesk(t)
	target := filepath.Join(t.TempDir(), "replica")
	for n := range rounds(3, 30) {
		lost := d.loseMachine(target)
		file := filepath.Join(t.TempDir(), "parlor.db")
		if n%2 == 1 {
			file = d.file
			d.vanish()
		}
		restore(t, file, target, 0)
		restore(t, file, target, 2)
		last := number(t, file, `SELECT MAX(id) FROM events`)
		d.ledger.holdsUpTo(file, last)
		d = d.goesOnIn(file, last, lost)
	}
}

// vanish removes the database and nothing beside it.
func (d *desk) vanish() {
	d.t.Helper()
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(d.file + end); err != nil {
			d.t.Fatal(err)
		}
	}
}

// loseMachine writes and replicates for a while, kills both programs and
// returns when.
func (d *desk) loseMachine(target string) time.Time {
	d.t.Helper()
	l := d.newLoad(4)
	litestream := d.replicate(target)
	l.start()
	time.Sleep(3 * time.Second)
	litestream()
	at := time.Now()
	d.kill()
	l.stop()
	return at
}

// goesOnIn serves the restored file, to which everybody comes back, and looks
// at what was lost.
func (d *desk) goesOnIn(file string, last int64, lost time.Time) *desk {
	d.t.Helper()
	next := deskOn(d.t, file, d.team)
	var gap time.Duration
	missing := 0
	for _, p := range d.ledger.posts {
		if p.id > last {
			missing++
			gap = max(gap, lost.Sub(p.acked))
			continue
		}
		next.ledger.posts = append(next.ledger.posts, p)
	}
	d.t.Logf("%d messages restored; %d of the last %s are lost", len(next.ledger.posts), missing, gap.Round(time.Millisecond))
	if gap > 2*time.Second || len(next.ledger.posts) < 100 {
		d.t.Errorf("%d messages restored; %d of the last %s are lost", len(next.ledger.posts), missing, gap)
	}
	next.start()
	next.ask(http.MethodGet, "/desk", d.agents[2]).want(d.t, http.StatusOK)
	return next
}

// replicate runs make replicate beside the server until the first copy is
// there; the returned function kills it.
func (d *desk) replicate(target string) (kill func()) {
	d.t.Helper()
	cmd := makes(d.file, target, "replicate")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // make and what it runs
	var log journal
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	kill = func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may be gone
		_ = cmd.Wait()                                      // killed is how it ends
	}
	d.t.Cleanup(func() {
		kill()
		if d.t.Failed() {
			d.t.Logf("litestream said:\n%s", log.tail())
		}
	})
	eventually(d.t, time.Minute, "the first copy is there", func() bool {
		files, _ := filepath.Glob(filepath.Join(target, "ltx", "*", "*.ltx")) // the pattern is well formed
		return len(files) > 0
	})
	return kill
}

// restore runs make restore, which must end with a status.
func restore(t *testing.T, file, target string, status int) {
	t.Helper()
	cmd := makes(file, target, "restore")
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != status {
		t.Fatalf("make restore: %v, want status %d\n%s", err, status, out)
	}
}

func makes(file, target, what string) *exec.Cmd {
	cmd := exec.Command("make", "-C", "../..", what)
	cmd.Env = append(os.Environ(), "PARLOR_DB="+file, "LITESTREAM_REPLICA_URL=file://"+target)
	return cmd
}

// TestLitestreamTakesABucketFromTheEnvironment reads the configuration as it
// is used with one.
func TestLitestreamTakesABucketFromTheEnvironment(t *testing.T) {
	if out, err := exec.Command("make", "-C", "../..", "bin/litestream").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command("../../bin/litestream", "databases", "-config", "../../litestream.yml")
	cmd.Env = append(os.Environ(), "PARLOR_DB=/srv/parlor.db", "LITESTREAM_REPLICA_URL=s3://bucket/parlor?region=eu-central-1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "/srv/parlor.db") || !strings.Contains(string(out), "s3") {
		t.Errorf("%v\n%s", err, out)
	}
}
