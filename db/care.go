package db

import (
	"database/sql"
	"errors"
	"fmt"
	"os"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// Backup writes a consistent copy of the file at path to target, also while
// another process serves it. The target must not exist.
func Backup(path, target string) error {
	if _, err := os.Stat(target); err == nil {
		return fmt.Errorf("%s exists already", target)
	}
	conn, err := openReadOnly(path)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := private(target); err != nil {
		return err
	}
	_, err = conn.Exec("VACUUM INTO ?", target)
	return err
}

// Check reads the whole file at path and returns what is wrong with it;
// nothing when it is sound.
func Check(path string) ([]string, error) {
	conn, err := openReadOnly(path)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	faults, err := faultsOf(conn)
	var e sqlite3.Error
	if errors.As(err, &e) && (e.Code == sqlite3.ErrCorrupt || e.Code == sqlite3.ErrNotADB) {
		return append(faults, e.Error()), nil // too damaged to be read to its end
	}
	return faults, err
}

func faultsOf(conn *sql.DB) (faults []string, err error) {
	rows, err := conn.Query("PRAGMA integrity_check")
	lines, err := collect(rows, err, func(r *sql.Rows) (s string, err error) {
		err = r.Scan(&s)
		return s, err
	})
	if err != nil {
		return nil, err
	}
	for _, l := range lines {
		if l != "ok" {
			faults = append(faults, l)
		}
	}
	rows, err = conn.Query("SELECT \"table\", COALESCE(rowid, 0), parent FROM pragma_foreign_key_check")
	broken, err := collect(rows, err, func(r *sql.Rows) (string, error) {
		var table, parent string
		var row int64
		err := r.Scan(&table, &row, &parent)
		return fmt.Sprintf("%s row %d points to a missing row of %s", table, row, parent), err
	})
	return append(faults, broken...), err
}

func openReadOnly(path string) (*sql.DB, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	conn, err := sql.Open(driverName, dsn(path, "&mode=ro"))
	if err != nil {
		return nil, err
	}
	conn.SetMaxOpenConns(1)
	return conn, nil
}

// Stats are the file's counters since the start.
type Stats struct{ Commits, Changes int64 }

// Stats returns how many transactions were committed and how many closures
// they held.
func (d *DB) Stats() Stats { return Stats{d.commits.Load(), d.changes.Load()} }

// WALSize is the size of the write-ahead log in bytes.
func (d *DB) WALSize() int64 {
	info, err := os.Stat(d.path + "-wal")
	if err != nil {
		return 0
	}
	return info.Size()
}

var countOutbox = read(`SELECT COUNT(*) FROM outbox WHERE state = ?`)

// OutboxSize counts the deliveries in a state; -1 when it cannot.
func (d *DB) OutboxSize(state string) (n int) {
	if err := d.row(countOutbox, state).Scan(&n); err != nil {
		return -1
	}
	return n
}
