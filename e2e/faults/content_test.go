package faults

import (
	"database/sql"
	"net/url"
	"testing"

	_ "github.com/mattn/go-sqlite3" // reads files without the program's own code
)

// content is what a file holds, as far as clients can know it.
type content struct {
	rows     []row // in the order of their ids
	byClient map[string]row
	lines    map[int64]bool // ids of all events
	said     int            // events that record a message
}

// row is one stored message.
type row struct {
	id, conversation     int64
	author, client, body string
	recorded             bool // by an event of the same id and conversation
}

// open opens a file without changing it.
func open(t *testing.T, file string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: file}).EscapedPath()+"?mode=ro&_query_only=1&_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func read(t *testing.T, file string) *content {
	t.Helper()
	db := open(t, file)
	defer db.Close()
	c := &content{byClient: map[string]row{}, lines: map[int64]bool{}}
	each(t, db, func(rows *sql.Rows) error {
		var r row
		err := rows.Scan(&r.id, &r.conversation, &r.author, &r.client, &r.body, &r.recorded)
		c.rows = append(c.rows, r)
		c.byClient[r.client] = r
		return err
	}, `SELECT m.id, m.conversation_id, m.author_kind || ' ' || m.author_id, m.client_id, m.body, e.id IS NOT NULL
		FROM messages m LEFT JOIN events e ON e.id = m.id AND e.conversation_id = m.conversation_id AND e.kind IN ('message', 'note')
		ORDER BY m.id`)
	each(t, db, func(rows *sql.Rows) error {
		var id int64
		var message bool
		err := rows.Scan(&id, &message)
		c.lines[id] = true
		if message {
			c.said++
		}
		return err
	}, `SELECT id, kind IN ('message', 'note') FROM events`)
	return c
}

// thread returns the lines of a conversation that its visitor is shown.
func thread(t *testing.T, file string, conversation int64) (ids []int64) {
	t.Helper()
	each(t, open(t, file), func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT id FROM events WHERE conversation_id = ? AND kind IN ('message', 'assigned', 'ended') ORDER BY id`, conversation)
	return ids
}

// number asks for one number.
func number(t *testing.T, file, query string, args ...any) (n int64) {
	t.Helper()
	each(t, open(t, file), func(rows *sql.Rows) error { return rows.Scan(&n) }, query, args...)
	return n
}

func each(t *testing.T, db *sql.DB, scan func(*sql.Rows) error, query string, args ...any) {
	t.Helper()
	rows, err := db.Query(query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}
