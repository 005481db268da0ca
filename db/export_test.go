package db

import (
	"context"
	"database/sql"
	"io/fs"
	"time"

	"parlor/domain"
)

// What tests reach beyond the package's surface.

// Pending is how many closures wait for the writer.
func (d *DB) Pending() int { return len(d.jobs) }

// Reader is the pool of read-only connections.
func (d *DB) Reader() *sql.DB { return d.pool }

// Writer is the one connection that changes the file.
func (d *DB) Writer() *sql.Conn { return d.conn }

// NextDue is one turn of RunDue.
func (d *DB) NextDue() time.Duration { return d.nextDue() }

// Fire is what RunDue does with a due row it has read.
func (d *DB) Fire(c domain.ConversationID, generation int64) error {
	return d.Write(func(tx *Tx) error { return tx.fire(silence, int64(c), generation) })
}

// NextDelivery is one turn of RunOutbox.
func (d *DB) NextDelivery(ctx context.Context, send Send) time.Duration {
	return d.nextDelivery(ctx, send)
}

// IndexAll brings the search index up to date.
func (d *DB) IndexAll() error {
	for {
		if n, err := d.indexSome(); err != nil || n == 0 {
			return err
		}
	}
}

// Log records and publishes an event.
func (tx *Tx) Log(subject string) error { return tx.setting(domain.System, subject) }

// BringOnline changes a status and hands out waiting work, as SetStatus does.
func (tx *Tx) BringOnline(id domain.AgentID) error {
	tx.directory = true
	if _, err := tx.exec(setStatus, string(domain.Online), int64(id)); err != nil {
		return err
	}
	return tx.drain()
}

// Say does what DB.Say does, as part of a closure.
func (tx *Tx) Say(o Opening) (err error) {
	v := o.Visitor
	if v.ID == 0 {
		if v, err = tx.visitor(o); err != nil {
			return err
		}
	}
	_, err = tx.say(o, v)
	return err
}

// EndOf ends a visitor's running conversation, as EndOwn does.
func (tx *Tx) EndOf(v domain.VisitorID) error {
	c, err := tx.running(v)
	if err != nil {
		return err
	}
	return tx.end(domain.Actor{Kind: domain.ByVisitor, Visitor: v}, c, domain.EndedByVisitor)
}

// Migrate brings the file at path to the schema of other migrations.
func Migrate(path string, numbered fs.FS) error { return migrate(path, numbered) }

// Migrations are the program's own.
func Migrations() fs.FS { return migrations }

// Declared counts the statements.
func Declared() int { return len(reading) + len(writing) }

// WithStatement runs f while one more statement is declared.
func WithStatement(text string, f func()) {
	read(text)
	f()
	reading = reading[:len(reading)-1]
}
