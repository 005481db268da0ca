package db_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parlor/db"
	"parlor/db/dbtest"
)

func TestBackupOfALiveFileIsSound(t *testing.T) {
	team := dbtest.New(t)
	var acknowledged atomic.Int64
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				if _, _, err := team.Say(team.Opening(fmt.Sprintf("%d-%d", w, n), "hello")); err != nil {
					t.Error(err)
					return
				}
				acknowledged.Add(1)
			}
		})
	}
	for acknowledged.Load() < 20 && !t.Failed() {
		time.Sleep(time.Millisecond)
	}
	before := acknowledged.Load()
	target := filepath.Join(t.TempDir(), "copy.db")
	err := db.Backup(team.Path, target)
	close(stop)
	writers.Wait()
	must(t, err)
	if faults, err := db.Check(target); err != nil || len(faults) > 0 {
		t.Fatal(faults, err)
	}
	if n := count(t, raw(t, target), `SELECT COUNT(*) FROM messages`); int64(n) < before {
		t.Errorf("%d messages of %d acknowledged before", n, before)
	}
	if err := db.Backup(team.Path, target); err == nil {
		t.Error("a backup overwrites a file")
	}
	d, err := db.Open(target, db.Options{})
	must(t, err)
	must(t, d.Ready())
	must(t, d.Close())
}

func TestCheckOfALiveFileIsClean(t *testing.T) {
	team := dbtest.New(t)
	team.Visitor("v", "hello")
	must(t, team.IndexAll())
	if faults, err := db.Check(team.Path); err != nil || len(faults) > 0 {
		t.Fatal(faults, err)
	}
	if team.WALSize() == 0 {
		t.Error("the log has no size")
	}
	if _, err := db.Check(team.Path + ".none"); err == nil {
		t.Error("a missing file is sound")
	}
	if err := db.Backup(team.Path+".none", team.Path+".copy"); err == nil {
		t.Error("a missing file can be backed up")
	}
	if _, err := os.Stat(team.Path + ".none"); err == nil {
		t.Error("looking made the file")
	}
}

func TestR30_CheckReportsDamage(t *testing.T) {
	for _, table := range []string{"sqlite_schema", "messages", "events_conversation", "conversations_running", "message_index_data"} {
		t.Run(table, func(t *testing.T) {
			team := released(t)
			conn := raw(t, team.Path)
			page, size := 1, count(t, conn, `PRAGMA page_size`)
			if table != "sqlite_schema" {
				page = count(t, conn, `SELECT rootpage FROM sqlite_schema WHERE name = ?`, table)
			}
			must(t, conn.Close())
			f, err := os.OpenFile(team.Path, os.O_RDWR, 0)
			must(t, err)
			defer f.Close()
			from := int64((page-1)*size) + 100
			b := make([]byte, size-100)
			_, err = f.ReadAt(b, from)
			must(t, err)
			for i := range b {
				b[i] ^= 0xA5
			}
			_, err = f.WriteAt(b, from)
			must(t, err)
			if faults, err := db.Check(team.Path); err != nil || len(faults) == 0 {
				t.Errorf("damage goes unnoticed: %q, %v", faults, err)
			}
		})
	}
}

func TestCheckReportsARowThatPointsNowhere(t *testing.T) {
	team := released(t)
	conn := raw(t, team.Path)
	_, err := conn.Exec(`PRAGMA foreign_keys = 0; DELETE FROM conversations`)
	must(t, err)
	must(t, conn.Close())
	if faults, err := db.Check(team.Path); err != nil || len(faults) == 0 {
		t.Error(faults, err)
	}
}
