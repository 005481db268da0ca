package faults

import (
	"database/sql"
	"errors"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestR11_AFullDiskRefusesAndRecovers fills the disk under a running server.
// Posts are refused in words, what was acknowledged stays, reading goes on,
// and once there is room everything works again without a restart.
func TestR11_AFullDiskRefusesAndRecovers(t *testing.T) {
	if os.Getuid() != 0 {
		t.Fatal("this test mounts a small file system, which takes root")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=8m"); err != nil {
		t.Fatalf("no small file system: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	d := newDeskIn(t, dir)
	d.idleSince(2 * time.Minute)
	d.start()
	v := d.visitor("visitor")
	for n := range rounds(4, 50) {
		most := fill(t, dir, "most", rand.Int64N(300<<10))
		refused := d.untilRefused(v)
		rest := fill(t, dir, "rest", 0)
		for i := range 5 { // their sessions being noted takes what room is left in the log
			d.ask(http.MethodGet, "/desk", d.agents[(5*n+i)%teamSize]).want(t, http.StatusOK)
		}
		for range 5 {
			if a, err := v.attempt(refused); err != nil || !refusedInWords(a) {
				t.Errorf("on a full disk: %v %v", a, err)
			}
		}
		if err := errors.Join(os.Remove(most), os.Remove(rest)); err != nil {
			t.Fatal(err)
		}
		eventually(t, 5*time.Second, "posts are accepted again", func() bool { return v.try(refused) })
		d.ledger.holds(d.file)
	}
}

// idleSince makes the file believe that nobody used a session for a while, so
// that the next use is one to be noted.
func (d *desk) idleSince(ago time.Duration) {
	d.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+d.file)
	if err == nil {
		_, err = db.Exec(`UPDATE sessions SET seen_at = seen_at - ?`, ago.Milliseconds())
	}
	if err = errors.Join(err, db.Close()); err != nil {
		d.t.Fatal(err)
	}
}

// untilRefused writes until the disk is full.
func (d *desk) untilRefused(v *sender) *post {
	d.t.Helper()
	for range 2000 {
		p := v.write(strings.Repeat("fill", 500))
		a, err := v.attempt(p)
		switch {
		case err != nil:
			d.t.Fatal(err)
		case a.StatusCode == http.StatusCreated:
			continue
		case !refusedInWords(a):
			d.t.Errorf("the disk is full: %d %.200s", a.StatusCode, a.body)
		}
		return p
	}
	d.t.Fatal("the disk did not fill up")
	return nil
}

func refusedInWords(a *answer) bool {
	clear := a.StatusCode == http.StatusInsufficientStorage || a.StatusCode == http.StatusServiceUnavailable
	return clear && strings.Contains(a.body, `"error":"`)
}

// fill takes all room but some with one file.
func fill(t *testing.T, dir, name string, left int64) string {
	t.Helper()
	path := filepath.Join(dir, name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	block, size := make([]byte, 4<<10), int64(0)
	for {
		n, err := f.Write(block)
		size += int64(n)
		if errors.Is(err, syscall.ENOSPC) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Truncate(max(0, size-left)); err != nil {
		t.Fatal(err)
	}
	return path
}
