package db_test

import (
	"database/sql"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"parlor/db"
	"parlor/db/dbtest"
	"parlor/domain"
)

// raw is a connection of another process, which knows nothing of the writer.
func raw(t testing.TB, path string) *sql.DB {
	t.Helper()
	conn, err := sql.Open("sqlite3", "file:"+path+"?_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	conn.SetMaxOpenConns(1)
	t.Cleanup(func() { conn.Close() })
	return conn
}

// count answers a query for one number.
func count(t testing.TB, conn *sql.DB, query string, args ...any) (n int) {
	t.Helper()
	if err := conn.QueryRow(query, args...).Scan(&n); err != nil {
		t.Fatal(query, err)
	}
	return n
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// race starts n calls of f at once and waits for them.
func race(n int, f func(i int)) {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			<-start
			f(i)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
}

// together lets the jobs, each of which writes once, share one transaction in
// the given order.
func together(t testing.TB, d *db.DB, jobs ...func()) {
	t.Helper()
	entered, leave := make(chan struct{}), make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() {
		_ = d.Write(func(*db.Tx) error {
			close(entered)
			<-leave
			return nil
		})
	})
	<-entered
	before := d.Stats().Commits
	for i, job := range jobs {
		done.Go(job)
		for deadline := time.Now().Add(5 * time.Second); d.Pending() <= i; time.Sleep(100 * time.Microsecond) {
			if time.Now().After(deadline) {
				t.Error("a job did not write")
				break
			}
		}
	}
	close(leave)
	done.Wait()
	if n := d.Stats().Commits - before; n > 2 {
		t.Errorf("the jobs took %d transactions", n-1)
	}
}

func text(client, body string) domain.Draft { return domain.NewDraft(client, domain.Text, body) }

func note(client, body string) domain.Draft { return domain.NewDraft(client, domain.Note, body) }

// again is another message of a visitor who wrote before.
func again(team *dbtest.Team, v db.Visitor, client, body string) db.Opening {
	o := team.Opening("known", body)
	o.Visitor, o.Draft = v, text(client, body)
	return o
}

// refused reports whether err is a conflict with the given key.
func refused(err error, key string) bool {
	var c domain.Conflict
	return errors.As(err, &c) && c.Key == key
}

// lines counts the lines of a thread by kind.
func lines(t testing.TB, team *dbtest.Team, id domain.ConversationID) map[domain.EventKind]int {
	t.Helper()
	s, err := team.Thread(domain.System, id, 0, 10_000)
	must(t, err)
	out := map[domain.EventKind]int{}
	for _, l := range s.Lines {
		out[l.Kind]++
	}
	return out
}

// state reads a conversation as it stands.
func state(t testing.TB, team *dbtest.Team, id domain.ConversationID) *domain.Conversation {
	t.Helper()
	c, err := team.Conversation(domain.System, id)
	must(t, err)
	return c
}

// onDisk reports whether a secret stands anywhere in the file or its log.
func onDisk(t testing.TB, path, secret string) bool {
	t.Helper()
	for _, name := range []string{path, path + "-wal"} {
		b, err := os.ReadFile(name)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		if strings.Contains(string(b), secret) {
			return true
		}
	}
	return false
}
