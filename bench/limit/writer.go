package main

import (
	"context"
	"database/sql"
	"sync/atomic"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"
)

const schema = `
CREATE TABLE IF NOT EXISTS conversations (id INTEGER PRIMARY KEY, last_id INT, last_at INT, unread INT NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY, conversation_id INT NOT NULL, author INT NOT NULL, body TEXT NOT NULL, created_at INT NOT NULL);
CREATE INDEX IF NOT EXISTS messages_conversation ON messages (conversation_id, id);
CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, conversation_id INT NOT NULL, kind TEXT NOT NULL, message_id INT NOT NULL, at INT NOT NULL);`

const (
	insertMessage = `INSERT INTO messages (conversation_id, author, body, created_at) VALUES (?, 1, ?, ?)`
	touch         = `INSERT INTO conversations (id, last_id, last_at, unread) VALUES (?, ?, ?, 1)
		ON CONFLICT (id) DO UPDATE SET last_id = excluded.last_id, last_at = excluded.last_at, unread = unread + 1`
	insertEvent = `INSERT INTO events (conversation_id, kind, message_id, at) VALUES (?, 'message', ?, ?)`
)

const batchMost = 256

type job struct {
	conversation int64
	body         string
	done         chan int64
}

// writer owns the only write connection. Whatever waits while one transaction
// runs is committed together in the next.
type writer struct {
	jobs    chan job
	commits atomic.Int64
	publish func(conversation, event int64, body string)

	begin, commit, message, touch, event *sql.Stmt
}

func newWriter(path string, publish func(conversation, event int64, body string)) *writer {
	sql.Register("limit", &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
		_, err := c.Exec("PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 268435456", nil)
		return err
	}})
	db, err := sql.Open("limit", "file:"+path+"?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=5000&_cache_size=-32000")
	must(err)
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(context.Background())
	must(err)
	_, err = conn.ExecContext(context.Background(), schema)
	must(err)
	prepare := func(text string) *sql.Stmt {
		s, err := conn.PrepareContext(context.Background(), text)
		must(err)
		return s
	}
	w := &writer{
		jobs: make(chan job, 8192), publish: publish,
		begin: prepare("BEGIN IMMEDIATE"), commit: prepare("COMMIT"),
		message: prepare(insertMessage), touch: prepare(touch), event: prepare(insertEvent),
	}
	go w.run()
	return w
}

func (w *writer) run() {
	batch := make([]job, 0, batchMost)
	events := make([]int64, 0, batchMost)
	for j := range w.jobs {
		batch, events = w.gather(append(batch[:0], j)), events[:0]
		exec(w.begin)
		now := time.Now().UnixMilli()
		for _, j := range batch {
			events = append(events, w.store(j, now))
		}
		exec(w.commit)
		w.commits.Add(1)
		for i, j := range batch {
			w.publish(j.conversation, events[i], j.body)
			j.done <- events[i]
		}
	}
}

func (w *writer) gather(batch []job) []job {
	for len(batch) < batchMost {
		select {
		case j := <-w.jobs:
			batch = append(batch, j)
		default:
			return batch
		}
	}
	return batch
}

func (w *writer) store(j job, now int64) (event int64) {
	id := exec(w.message, j.conversation, j.body, now)
	exec(w.touch, j.conversation, id, now)
	return exec(w.event, j.conversation, id, now)
}

// exec returns the new row's id where there is one.
func exec(s *sql.Stmt, args ...any) int64 {
	r, err := s.Exec(args...)
	must(err)
	id, err := r.LastInsertId()
	must(err)
	return id
}
