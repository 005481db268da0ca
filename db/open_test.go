package db_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parlor/db"
	"parlor/db/dbtest"
)

func TestF12_EveryConnectionKeepsItsWord(t *testing.T) {
	team := dbtest.New(t)
	ctx := context.Background()
	type querier interface {
		QueryRowContext(context.Context, string, ...any) *sql.Row
	}
	pragma := func(q querier, name string) (value string) {
		must(t, q.QueryRowContext(ctx, "PRAGMA "+name).Scan(&value))
		return value
	}
	check := func(who string, q querier, want map[string]string) {
		for name, value := range want {
			if got := pragma(q, name); got != value {
				t.Errorf("%s: %s is %s, not %s", who, name, got, value)
			}
		}
	}
	check("writer", team.Writer(), map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000", "mmap_size": "0", "query_only": "0", "temp_store": "2",
	})
	var readers []*sql.Conn
	for range team.Reader().Stats().MaxOpenConnections {
		conn, err := team.Reader().Conn(ctx)
		must(t, err)
		readers = append(readers, conn)
	}
	for _, conn := range readers {
		check("reader", conn, map[string]string{
			"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000", "mmap_size": "0", "query_only": "1",
		})
		for _, change := range []string{
			"DELETE FROM agents", "CREATE TABLE x (y)", "PRAGMA user_version = 7", "PRAGMA query_only = 0; DELETE FROM agents",
		} {
			if _, err := conn.ExecContext(ctx, change); err == nil {
				t.Errorf("a reader may %s", change)
			}
		}
		must(t, conn.Close())
	}
	var version string
	must(t, team.Reader().QueryRow("SELECT sqlite_version()").Scan(&version))
	if version < "3.51.3" {
		t.Errorf("SQLite %s", version)
	}
}

func TestOneProcessOwnsTheFile(t *testing.T) {
	team := dbtest.New(t)
	if _, err := db.Open(team.Path, db.Options{}); err == nil || !strings.Contains(err.Error(), "in use by another parlor process") {
		t.Fatal(err)
	}
	team.Reopen()
	must(t, team.Ready())
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	foreign := filepath.Join(dir, "notes.txt")
	must(t, os.WriteFile(foreign, []byte(strings.Repeat("not a database ", 1000)), 0o600))
	if _, err := db.Open(foreign, db.Options{}); err == nil || !strings.Contains(err.Error(), "cannot read "+foreign) {
		t.Errorf("a text file: %v", err)
	}
	if _, err := db.Open(filepath.Join(foreign, "parlor.db"), db.Options{}); err == nil || !strings.Contains(err.Error(), "cannot create the folder") {
		t.Errorf("a folder that is a file: %v", err)
	}
}

func TestAnOddFileNameIsJustAName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b?mode=ro&x=%41#1", "客.db")
	d, err := db.Open(path, db.Options{})
	must(t, err)
	must(t, d.Write(func(tx *db.Tx) error { return tx.Log("x") }))
	must(t, d.Close())
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestClosingLeavesOneWholeFile(t *testing.T) {
	team := dbtest.New(t)
	team.Visitor("v", "hello")
	must(t, team.Close())
	for _, tail := range []string{"-wal", "-shm"} {
		if _, err := os.Stat(team.Path + tail); err == nil {
			t.Errorf("%s is left behind: a connection stayed open", tail)
		}
	}
}

// TestABadStatementStopsTheStart runs alone: it changes what Open prepares.
func TestABadStatementStopsTheStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parlor.db")
	db.WithStatement("SELECT nothing_of_the_kind FROM team", func() {
		if _, err := db.Open(path, db.Options{}); err == nil || !strings.Contains(err.Error(), "nothing_of_the_kind") {
			t.Errorf("%d statements are declared and a bad one is not found: %v", db.Declared(), err)
		}
	})
	d, err := db.Open(path, db.Options{})
	must(t, err)
	must(t, d.Close())
}
