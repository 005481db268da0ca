package faults

import (
	"context"
	"database/sql"
	"net/http"
	"testing"
	"time"
)

// TestR13_ABlockedFileDelaysAndThenRefuses lets another process hold the
// file: for a while posts wait, then they are told to come back.
func TestR13_ABlockedFileDelaysAndThenRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	vs := d.visitors(10)

	time.AfterFunc(3*time.Second, d.block())
	begun := time.Now()
	vs[0].say("worth the wait")
	if took := time.Since(begun); took < 2*time.Second || took > 5*time.Second {
		t.Errorf("a post behind a lock of 3 s took %s", took)
	}

	release := d.block()
	begun = time.Now()
	together(len(vs), func(i int) { vs[i].mustWait() })
	if took := time.Since(begun); took < 4*time.Second || took > 7*time.Second {
		t.Errorf("posts behind a lasting lock were refused after %s", took)
	}
	release()
	for _, v := range vs {
		v.say("after the lock")
	}
	d.ledger.holds(d.file)
}

// block begins a write on the file from this process; the returned function ends it.
func (d *desk) block() (release func()) {
	d.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+d.file+"?_busy_timeout=5000")
	if err != nil {
		d.t.Fatal(err)
	}
	conn, err := db.Conn(context.Background())
	if err == nil {
		_, err = conn.ExecContext(context.Background(), "BEGIN IMMEDIATE")
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return func() {
		if _, err := conn.ExecContext(context.Background(), "ROLLBACK"); err != nil {
			d.t.Error(err)
		}
		conn.Close()
		db.Close()
	}
}

// mustWait sends a message that must be refused for now.
func (s *sender) mustWait() {
	s.d.t.Helper()
	a, err := s.attempt(s.write("too early"))
	switch {
	case err != nil:
		s.d.t.Error(err)
	case a.StatusCode != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "":
		s.d.t.Errorf("answered %d with Retry-After %q, want 503 and a time", a.StatusCode, a.Header.Get("Retry-After"))
	}
}
