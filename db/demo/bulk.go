package demo

import (
	"database/sql"
	"errors"
	"os"
	"strings"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3", with settings of its own

	"parlor/domain"
)

// bulk writes rows as fast as they come, on the only connection there is:
// many to a statement, without a journal and with the indexes made at the end.
type bulk struct {
	path    string
	db      *sql.DB
	last    domain.EventID // of the events found in the file
	indexes []string
	tables  map[string]*table
	chunks  chan chunk
	failed  chan error
	indexed domain.EventID
}

// table collects rows until there are enough for a statement.
type table struct {
	one, many *sql.Stmt
	width     int
	held      []any
}

// chunk is rows of one table.
type chunk struct {
	*table
	values []any
}

const (
	perStatement = 50
	perCommit    = 4000 // statements
)

var columns = map[string]string{
	"customers": "id, code, name, created_at",
	"visitors":  "id, token_hash, site_id, customer_id, created_at",
	"visits":    "id, visitor_id, page, title, referrer, language, user_agent, ip, started_at",
	"conversations": "id, site_id, visitor_id, customer_id, visit_id, group_id, agent_id, state, started_at, assigned_at, first_reply_at, ended_at, " +
		"end_reason, last_id, last_at, last_by, last_author, preview, waiting_since, unread, unread_out, read_by_agent, read_by_visitor",
	"events":        "id, at, actor_kind, actor_id, kind, conversation_id, customer_id, data",
	"messages":      "id, conversation_id, author_kind, author_id, kind, client_id, body, created_at",
	"message_index": "rowid, body",
}

func newBulk(path string) (b *bulk, err error) {
	b = &bulk{path: path, tables: map[string]*table{}, chunks: make(chan chunk, 64), failed: make(chan error, 1)}
	if b.db, err = sql.Open("sqlite3", "file:"+path+"?_synchronous=OFF&_cache_size=-500000&_locking_mode=EXCLUSIVE&_journal_mode=OFF"); err != nil {
		return nil, err
	}
	b.db.SetMaxOpenConns(1)
	if err := errors.Join(b.prepare(), b.dropIndexes()); err != nil {
		return nil, errors.Join(err, b.db.Close())
	}
	go func() { b.failed <- b.write() }()
	return b, nil
}

func (b *bulk) prepare() error {
	for name, list := range columns {
		width := strings.Count(list, ",") + 1
		row := "(?" + strings.Repeat(",?", width-1) + ")"
		insert := "INSERT INTO " + name + " (" + list + ") VALUES " + row
		one, err := b.db.Prepare(insert)
		if err != nil {
			return err
		}
		many, err := b.db.Prepare(insert + strings.Repeat(","+row, perStatement-1))
		if err != nil {
			return err
		}
		b.tables[name] = &table{one: one, many: many, width: width}
	}
	return b.db.QueryRow("SELECT COALESCE(MAX(id), 0) FROM events").Scan(&b.last)
}

// dropIndexes keeps how to make them again.
func (b *bulk) dropIndexes() error {
	const list = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('conversations', 'events', 'messages')"
	rows, err := b.db.Query(list)
	if err != nil {
		return err
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			return err
		}
		names, b.indexes = append(names, name), append(b.indexes, text)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, name := range names {
		if _, err := b.db.Exec("DROP INDEX " + name); err != nil {
			return err
		}
	}
	return nil
}

// write stores chunks, in large transactions, until there are no more.
func (b *bulk) write() (err error) {
	defer func() {
		for range b.chunks { // whoever makes rows must not wait for ever
		}
	}()
	open := 0
	for c := range b.chunks {
		if open == 0 {
			if _, err := b.db.Exec("BEGIN"); err != nil {
				return err
			}
		}
		if err := c.store(); err != nil {
			return err
		}
		if open++; open == perCommit {
			open = 0
			if _, err := b.db.Exec("COMMIT"); err != nil {
				return err
			}
		}
	}
	if open > 0 {
		_, err = b.db.Exec("COMMIT")
	}
	return err
}

func (c chunk) store() error {
	if len(c.values) == c.width*perStatement {
		_, err := c.many.Exec(c.values...)
		return err
	}
	for ; len(c.values) > 0; c.values = c.values[c.width:] {
		if _, err := c.one.Exec(c.values[:c.width]...); err != nil {
			return err
		}
	}
	return nil
}

func (b *bulk) add(name string, values ...any) {
	t := b.tables[name]
	if t.held = append(t.held, values...); len(t.held) == t.width*perStatement {
		b.flush(t)
	}
}

func (b *bulk) flush(t *table) {
	b.chunks <- chunk{t, t.held}
	t.held = make([]any, 0, t.width*perStatement)
}

// finish writes what is left, makes the indexes and hands the file back the
// way the product wants it.
func (b *bulk) finish() error {
	for _, t := range b.tables {
		b.flush(t)
	}
	close(b.chunks)
	err := <-b.failed
	for _, text := range append(b.indexes, "PRAGMA journal_mode = WAL") {
		if err == nil {
			_, err = b.db.Exec(text)
		}
	}
	if err == nil {
		_, err = b.db.Exec("UPDATE search_state SET watermark = ?", int64(b.indexed))
	}
	return errors.Join(err, b.db.Close(), settle(b.path))
}

// settle waits until the file is on disk.
func settle(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
