// Package db is the one SQLite file: the writer that everything changing goes
// through, the readers, and every query.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"

	"parlor/domain"
)

// DB is one open database file. All its methods are safe for concurrent use.
type DB struct {
	path    string
	clock   func() time.Time
	lock    *os.File
	pool    *sql.DB // readers
	read    []*sql.Stmt
	writer  *sql.DB
	conn    *sql.Conn
	write   []*sql.Stmt
	jobs    chan job
	stopped chan struct{}
	failed  chan error
	broken  atomic.Bool

	directory atomic.Pointer[Directory]
	publish   func([]domain.Change)
	nextEvent domain.EventID // owned by the writer
	running   runningCache   // owned by the writer
	visitors  visitorCache
	sessions  sessionCache
	indexing  chan struct{}
	dueSoon   chan struct{}
	mailSoon  chan struct{}
	commits   atomic.Int64
	changes   atomic.Int64
	entry     sync.RWMutex // held for reading while a closure is handed over
	closed    bool         // no more may be
}

// Options adjust Open. The zero value is the ordinary way.
type Options struct {
	Clock   func() time.Time      // the wall clock when nil
	Publish func([]domain.Change) // receives the changes of every commit, in order; must not block
}

const driverName = "parlor"

func init() {
	sql.Register(driverName, &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
		// Memory mapping stays off: a truncated file would kill the process.
		_, err := c.Exec("PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA journal_size_limit = 67108864", nil)
		return err
	}})
}

// Open opens or creates the file at path, brings its schema up to date and
// starts the writer. Errors say in words what a person can do.
func Open(path string, o Options) (*DB, error) {
	lock, err := lockFile(path)
	if err != nil {
		return nil, err
	}
	if err := private(path); err != nil {
		lock.Close()
		return nil, err
	}
	if err := migrate(path, migrations); err != nil {
		lock.Close()
		return nil, err
	}
	d := &DB{
		path: path, clock: o.Clock, publish: o.Publish, lock: lock,
		jobs: make(chan job, 4096), stopped: make(chan struct{}), failed: make(chan error, 1),
		running: runningCache{}, indexing: make(chan struct{}, 1), dueSoon: make(chan struct{}, 1), mailSoon: make(chan struct{}, 1),
	}
	if d.clock == nil {
		d.clock = time.Now
	}
	if d.publish == nil {
		d.publish = func([]domain.Change) {}
	}
	if err := d.connect(); err != nil {
		d.release()
		return nil, err
	}
	go d.run()
	return d, nil
}

// private creates a missing file for its owner alone; what SQLite puts beside
// it has the same rights.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("cannot write %s (is it read-only?): %w", path, err)
	}
	return f.Close()
}

// lockFile makes sure that one process alone owns the file: the writer's
// counters and caches would be wrong with two.
func lockFile(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("cannot create the folder of %s: %w", path, err)
	}
	f, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot write beside %s (is the folder read-only?): %w", path, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s is in use by another parlor process", path)
	}
	return f, nil
}

func dsn(path string, extra string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?_busy_timeout=5000&_foreign_keys=1&_cache_size=-32000" + extra
}

func (d *DB) connect() error {
	ctx := context.Background()
	var err error
	if d.writer, err = sql.Open(driverName, dsn(d.path, "&_journal_mode=WAL&_synchronous=FULL&_txlock=immediate")); err != nil {
		return err
	}
	d.writer.SetMaxOpenConns(1)
	if d.conn, err = d.writer.Conn(ctx); err != nil {
		return err
	}
	if err := assertWriter(ctx, d.conn); err != nil {
		return err
	}
	if d.pool, err = sql.Open(driverName, dsn(d.path, "&mode=ro&_query_only=1&_synchronous=FULL")); err != nil {
		return err
	}
	readers := 2 * runtime.GOMAXPROCS(0)
	d.pool.SetMaxOpenConns(readers)
	d.pool.SetMaxIdleConns(readers)
	if d.read, err = prepare(d.pool, reading); err != nil {
		return err
	}
	if d.write, err = prepare(d.conn, append(reading[:len(reading):len(reading)], writing...)); err != nil {
		return err
	}
	return d.load()
}

// load reads what the writer keeps in memory.
func (d *DB) load() error {
	if err := d.row(lastEvent).Scan(&d.nextEvent); err != nil {
		return err
	}
	dir, err := readDirectory(d)
	d.directory.Store(dir)
	return err
}

var lastEvent = read(`SELECT COALESCE(MAX(id), 0) FROM events`)

// assertWriter refuses to run on a connection that would not keep its word:
// the driver ignores a misspelt setting in silence.
func assertWriter(ctx context.Context, conn *sql.Conn) error {
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000", "mmap_size": "0",
	} {
		var got string
		err := conn.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(&got)
		if errors.Is(err, sql.ErrNoRows) {
			got, err = "0", nil // some builds answer mmap_size with no row when it is off
		}
		if err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("the database connection has %s = %s, not %s", pragma, got, want)
		}
	}
	if _, number, _ := sqlite3.Version(); number < 3051003 {
		return fmt.Errorf("SQLite %d is older than 3.51.3", number)
	}
	return nil
}

func (d *DB) row(s *statement, args ...any) *sql.Row { return d.read[s.slot].QueryRow(args...) }

func (d *DB) rows(s *statement, args ...any) (*sql.Rows, error) { return d.read[s.slot].Query(args...) }

// Now is the database's idea of the current time.
func (d *DB) Now() time.Time { return d.clock() }

// Failed receives an error when the disk can no longer be trusted; the
// process must stop without acknowledging anything more.
func (d *DB) Failed() <-chan error { return d.failed }

// Ready reports whether reads and writes work.
func (d *DB) Ready() error {
	if d.broken.Load() {
		return domain.Unavailable
	}
	var n int
	return d.row(ready).Scan(&n)
}

var ready = read(`SELECT COUNT(*) FROM team`)

// Close lets the writer finish what is waiting and closes the file.
func (d *DB) Close() error {
	d.entry.Lock()
	already := d.closed
	d.closed = true
	d.entry.Unlock()
	if already {
		return nil
	}
	close(d.jobs)
	<-d.stopped
	return d.release()
}

func (d *DB) release() error {
	var err error
	if d.pool != nil {
		err = d.pool.Close()
	}
	for _, s := range d.write { // or the connection would stay open behind them
		err = errors.Join(err, s.Close())
	}
	if d.conn != nil {
		err = errors.Join(err, d.conn.Close())
	}
	if d.writer != nil {
		err = errors.Join(err, d.writer.Close())
	}
	return errors.Join(err, d.lock.Close())
}

// at turns stored milliseconds into a time; 0 is the zero time.
func at(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// ms turns a time into stored milliseconds; the zero time is 0.
func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// found translates the absence of a row once for the whole program.
func found(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return domain.NotFound
	}
	return err
}
