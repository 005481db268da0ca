package db

import (
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"

	"parlor/domain"
)

// batchMost bounds how many closures share one transaction, so that nobody
// waits long behind strangers.
const batchMost = 256

// Tx is the inside of one closure given to Write. It must not outlive it.
type Tx struct {
	d         *DB
	now       time.Time
	changes   []domain.Change
	directory bool       // this transaction changes the directory
	dir       *Directory // as this transaction sees it; nil while that is what everyone sees
	after     []func()
	touched   []domain.VisitorID // whose running conversation was remembered
}

type job struct {
	do   func(*Tx) error
	done chan error
}

var answers = sync.Pool{New: func() any { return make(chan error, 1) }}

// Write runs do in a transaction and returns once it is on disk. Everything
// waiting at one moment shares a transaction, each closure in its own
// savepoint; events are published after the commit, in commit order. A closure
// does no network, hashing, rendering or file work.
//
// Errors: whatever do returns, then nothing of it is stored; domain.Unavailable
// or domain.Full when the transaction could not be completed.
func (d *DB) Write(do func(*Tx) error) error {
	j := job{do: do, done: answers.Get().(chan error)}
	defer answers.Put(j.done)
	if d.broken.Load() || !d.enter(j) {
		return domain.Unavailable
	}
	return <-j.done
}

// enter hands j to the writer, unless the file is being closed.
func (d *DB) enter(j job) bool {
	d.entry.RLock()
	defer d.entry.RUnlock()
	if d.closed {
		return false
	}
	d.jobs <- j
	return true
}

// run is the writer: the only goroutine that touches the write connection.
func (d *DB) run() {
	defer close(d.stopped)
	batch := make([]job, 0, batchMost)
	for j := range d.jobs {
		batch = d.gather(append(batch[:0], j))
		d.commit(batch)
	}
}

// gather adds what is waiting right now, without waiting for more.
func (d *DB) gather(batch []job) []job {
	for len(batch) < batchMost {
		select {
		case j, ok := <-d.jobs:
			if !ok {
				return batch
			}
			batch = append(batch, j)
		default:
			return batch
		}
	}
	return batch
}

// commit runs one batch in one transaction and answers every caller.
func (d *DB) commit(batch []job) {
	tx := &Tx{d: d, now: d.clock()}
	results, err := d.attempt(tx, batch)
	if err != nil {
		d.abandon(err)
		for _, j := range batch {
			j.done <- outage(err)
		}
		d.refuseWaiting(err)
		return
	}
	d.commits.Add(1)
	d.changes.Add(int64(len(batch)))
	d.refresh(tx)
	for _, f := range tx.after {
		f()
	}
	if len(tx.changes) > 0 {
		d.publish(tx.changes)
		poke(d.indexing)
	}
	for i, j := range batch {
		j.done <- results[i]
	}
}

// refresh shows everyone the directory that a transaction changed.
func (d *DB) refresh(tx *Tx) {
	if !tx.directory {
		return
	}
	dir, err := readDirectory(d)
	if err != nil {
		slog.Error("directory not reloaded", "err", err)
		return
	}
	d.directory.Store(dir)
}

// attempt fills one transaction. Its error means that nothing was stored.
func (d *DB) attempt(tx *Tx, batch []job) ([]error, error) {
	if err := d.exec(begin); err != nil {
		return nil, err
	}
	results := make([]error, len(batch))
	for i, j := range batch {
		var err error
		if results[i], err = d.step(tx, j); err != nil {
			return nil, err
		}
	}
	return results, d.exec(commit)
}

// step runs one closure in its savepoint. The first error is the closure's
// own; the second means that the whole transaction is lost.
func (d *DB) step(tx *Tx, j job) (own, lost error) {
	changes, after, touched, next, directory, dir := len(tx.changes), len(tx.after), len(tx.touched), d.nextEvent, tx.directory, tx.dir
	if err := d.exec(savepoint); err != nil {
		return nil, err
	}
	own = contain(j.do, tx)
	if own == nil {
		return nil, d.exec(release)
	}
	tx.changes, tx.after, tx.directory, tx.dir, d.nextEvent = tx.changes[:changes], tx.after[:after], directory, dir, next
	tx.forget(touched)
	if fatalCode(own) {
		return nil, own
	}
	if err := d.exec(rewind); err != nil {
		return nil, err
	}
	return own, d.exec(release)
}

// contain turns a panic of one closure into its own error.
func contain(do func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			slog.Error("panic in a write", "panic", r, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return do(tx)
}

// abandon rolls back and, when the disk itself failed, gives up for good:
// after a failed fsync nobody knows what is stored.
func (d *DB) abandon(cause error) {
	_ = d.exec(rollback) // SQLite may have rolled back by itself
	clear(d.running)
	if err := d.row(lastEvent).Scan(&d.nextEvent); err != nil {
		cause = errors.Join(cause, err)
	}
	var e sqlite3.Error
	if errors.As(cause, &e) && e.Code == sqlite3.ErrIoErr && !passing(e) {
		d.broken.Store(true)
		select {
		case d.failed <- cause:
		default:
		}
	}
	slog.Error("transaction failed", "err", cause)
}

// passing reports whether an I/O error leaves what is stored beyond doubt: a
// write refused, or no room for the index of the log.
func passing(e sqlite3.Error) bool {
	switch e.ExtendedCode {
	case sqlite3.ErrIoErrWrite, sqlite3.ErrIoErrSHMSize, sqlite3.ErrIoErrSHMMap, sqlite3.ErrIoErrSHMOpen:
		return true
	}
	return false
}

// refuseWaiting answers those who queued behind a blocked file: they have
// waited as long as anyone should.
func (d *DB) refuseWaiting(err error) {
	for n := len(d.jobs); n > 0; n -= batchMost {
		for _, j := range d.gather(nil) {
			j.done <- outage(err)
		}
	}
}

// fatalCode reports whether SQLite may have rolled the whole transaction back.
func fatalCode(err error) bool {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case sqlite3.ErrFull, sqlite3.ErrIoErr, sqlite3.ErrNomem, sqlite3.ErrBusy, sqlite3.ErrInterrupt, sqlite3.ErrReadonly, sqlite3.ErrCorrupt:
		return true
	}
	return false
}

// outage is what the caller is told when the transaction was lost.
func outage(err error) error {
	var e sqlite3.Error
	if errors.As(err, &e) && (e.Code == sqlite3.ErrFull || e.ExtendedCode == sqlite3.ErrIoErrSHMSize) {
		return domain.Full
	}
	return fmt.Errorf("%w: %w", domain.Unavailable, err)
}

var (
	begin     = change("BEGIN IMMEDIATE")
	commit    = change("COMMIT")
	rollback  = change("ROLLBACK")
	savepoint = change("SAVEPOINT s")
	release   = change("RELEASE s")
	rewind    = change("ROLLBACK TO s")
)

func (d *DB) exec(s *statement) error {
	_, err := d.write[len(reading)+s.slot].Exec()
	return err
}

// slot finds a statement among the writer's, which hold the readers' first.
func (tx *Tx) slot(s *statement) *sql.Stmt {
	if s.slot < len(reading) && reading[s.slot] == s {
		return tx.d.write[s.slot]
	}
	return tx.d.write[len(reading)+s.slot]
}

func (tx *Tx) row(s *statement, args ...any) *sql.Row { return tx.slot(s).QueryRow(args...) }

func (tx *Tx) rows(s *statement, args ...any) (*sql.Rows, error) { return tx.slot(s).Query(args...) }

func (tx *Tx) exec(s *statement, args ...any) (sql.Result, error) { return tx.slot(s).Exec(args...) }

// insert runs an INSERT and returns the new row's id.
func (tx *Tx) insert(s *statement, args ...any) (int64, error) {
	r, err := tx.exec(s, args...)
	if err != nil {
		return 0, err
	}
	return r.LastInsertId()
}

// isUnique reports whether err is a broken UNIQUE rule that names column.
func isUnique(err error, column string) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && e.ExtendedCode == sqlite3.ErrConstraintUnique && strings.Contains(e.Error(), column)
}

// poke wakes a loop without waiting for it.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
