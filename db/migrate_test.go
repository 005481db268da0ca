package db_test

import (
	"crypto/sha256"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"parlor/db"
	"parlor/db/dbtest"
	"parlor/domain"
)

// released is a closed file with a message in it.
func released(t *testing.T) *dbtest.Team {
	t.Helper()
	team := dbtest.New(t)
	team.Visitor("v", "kept")
	must(t, team.Close())
	return team
}

// next is the program's migrations and one more.
func next(t *testing.T, sql string) fs.FS {
	t.Helper()
	first, err := fs.ReadFile(db.Migrations(), "migrations/0001_foundation.sql")
	must(t, err)
	return fstest.MapFS{
		"migrations/0001_foundation.sql": {Data: first},
		"migrations/0002_next.sql":       {Data: []byte("-- +goose Up\n" + sql)},
	}
}

func TestR23_ANewerFileIsRefusedUntouched(t *testing.T) {
	team := released(t)
	conn := raw(t, team.Path)
	_, err := conn.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`)
	must(t, err)
	must(t, conn.Close())
	before, err := os.ReadFile(team.Path)
	must(t, err)
	_, err = db.Open(team.Path, db.Options{})
	if err == nil || !strings.Contains(err.Error(), "newer Parlor (schema 99, this program knows 1)") {
		t.Fatal(err)
	}
	after, err := os.ReadFile(team.Path)
	must(t, err)
	if sha256.Sum256(before) != sha256.Sum256(after) {
		t.Error("the refused file was changed")
	}
}

func TestR23_AnUpgradeLeavesACopyOfTheFile(t *testing.T) {
	team := released(t)
	copied := team.Path + ".before-1"
	must(t, os.WriteFile(copied, []byte("of an earlier attempt"), 0o600))
	must(t, db.Migrate(team.Path, next(t, `CREATE TABLE tickets (id INTEGER PRIMARY KEY) STRICT;`)))
	upgraded, old := raw(t, team.Path), raw(t, copied)
	const tables = `SELECT COUNT(*) FROM sqlite_master WHERE name = 'tickets'`
	if count(t, upgraded, tables) != 1 || count(t, old, tables) != 0 {
		t.Error("the copy is not the file before the upgrade")
	}
	if count(t, upgraded, `SELECT COUNT(*) FROM messages WHERE body = 'kept'`) != 1 || count(t, old, `SELECT COUNT(*) FROM messages WHERE body = 'kept'`) != 1 {
		t.Error("a message is missing")
	}
	must(t, upgraded.Close())
	must(t, old.Close())
	if faults, err := db.Check(copied); err != nil || len(faults) > 0 {
		t.Error(faults, err)
	}
	must(t, os.Rename(copied, team.Path)) // the way back
	d, err := db.Open(team.Path, db.Options{})
	must(t, err)
	must(t, d.Close())
}

func TestR23_AFailedUpgradeLeavesTheFileAsItWas(t *testing.T) {
	team := released(t)
	if err := db.Migrate(team.Path, next(t, "CREATE TABLE tickets (id INTEGER PRIMARY KEY) STRICT;\nDROP TABLE nothing;")); err == nil {
		t.Fatal("a broken migration passed")
	}
	conn := raw(t, team.Path)
	if count(t, conn, `SELECT COUNT(*) FROM sqlite_master WHERE name = 'tickets'`) != 0 || count(t, conn, `SELECT MAX(version_id) FROM goose_db_version`) != 1 {
		t.Error("half of the migration stayed")
	}
	must(t, conn.Close())
	d, err := db.Open(team.Path, db.Options{})
	must(t, err)
	defer d.Close()
	if c, err := d.LatestConversation(1); err != nil || c.Preview != "kept" {
		t.Error(c, err)
	}
}

func TestAFreshFileNeedsNoCopy(t *testing.T) {
	team := dbtest.New(t)
	if _, err := os.Stat(team.Path + ".before-0"); err == nil {
		t.Error("a copy of nothing")
	}
	team.Reopen()
	if _, err := os.Stat(team.Path + ".before-1"); err == nil {
		t.Error("a copy without an upgrade")
	}
	if _, err := team.SetUp(db.Founding{}); err != domain.NotFound {
		t.Error("the team can be set up twice:", err)
	}
}
