package demo

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"parlor/db"
	"parlor/domain"
)

var now = time.Date(2026, 11, 23, 15, 30, 0, 0, zone)

// open fills a file and opens it at the end of its history.
func open(t *testing.T, messages int) (*db.DB, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shop.db")
	if err := fill(path, messages, now); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(path, db.Options{Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d, path
}

func admin(t *testing.T, d *db.DB) domain.Actor {
	t.Helper()
	account, err := d.Login(Email)
	if err != nil {
		t.Fatal(err)
	}
	actor, ok := d.Directory().Actor(account.Agent)
	if !ok {
		t.Fatal("the administrator may do nothing")
	}
	return actor
}

func TestFilledFileIsSoundAndExact(t *testing.T) {
	const messages = 2000
	d, path := open(t, messages)
	faults, err := db.Check(path)
	if err != nil || len(faults) > 0 {
		t.Fatal(faults, err)
	}
	missed, err := d.MissedBy(admin(t, d), 0, 10*messages)
	if err != nil {
		t.Fatal(err)
	}
	said := 0
	var before time.Time
	for _, m := range missed {
		if m.Line.Message != nil {
			said++
		}
		if m.Line.At.Before(before) || m.Line.At.After(now) {
			t.Fatalf("event %d at %s comes after %s", m.Line.ID, m.Line.At, before)
		}
		before = m.Line.At
	}
	if said != messages {
		t.Errorf("%d messages, not %d", said, messages)
	}
	if !indexedWhole(t, path) {
		t.Error("the index does not reach to the last message")
	}
}

// indexedWhole asks the file itself how far its search index goes.
func indexedWhole(t *testing.T, path string) (whole bool) {
	t.Helper()
	file, err := sql.Open("sqlite3", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := file.QueryRow("SELECT (SELECT watermark FROM search_state) = (SELECT MAX(id) FROM messages)").Scan(&whole); err != nil {
		t.Fatal(err)
	}
	return whole
}

func TestADaysStoriesEndInTime(t *testing.T) {
	crew, err := found(filepath.Join(t.TempDir(), "shop.db"), now)
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{random: newRandom(), now: now, team: crew}
	day, over := now.AddDate(0, 0, -1), now.Add(-calm)
	s.invent(day, 5000, over)
	for _, st := range s.ahead {
		if st.at.Before(day) || st.at.After(over) {
			t.Fatalf("something happens at %s, not between %s and %s", st.at, day, over)
		}
	}
}

func TestAgentsFindTheirWork(t *testing.T) {
	d, _ := open(t, 2000)
	all := admin(t, d)
	queue, err := d.Queue(all, 100)
	if err != nil || len(queue) != stillWaiting {
		t.Fatalf("%d waiting, %v", len(queue), err)
	}
	open, err := d.Colleagues(all)
	if err != nil || len(open) != stillOpen {
		t.Fatalf("%d open, %v", len(open), err)
	}
	c := open[0]
	holder, _ := d.Directory().Actor(c.Agent)
	thread, err := d.Thread(holder, c.ID, 0, 50)
	if err != nil || len(thread.Lines) < 3 {
		t.Fatalf("%d lines, %v", len(thread.Lines), err)
	}
	newest := thread.Lines[len(thread.Lines)-1]
	if newest.ID != c.LastID || domain.Preview(newest.Message.Body) != c.Preview {
		t.Errorf("the list says %d %q, the thread %d %q", c.LastID, c.Preview, newest.ID, newest.Message.Body)
	}
	hits, err := d.FindInThread(holder, c.ID, newest.Message.Body[:len("好")], 10)
	if err != nil || len(hits) == 0 {
		t.Errorf("%q is not found in its own thread: %v", newest.Message.Body, err)
	}
}

func TestMessagesAfterwardsGoOnFromTheFile(t *testing.T) {
	d, _ := open(t, 200)
	site := d.Directory().SiteList()[0]
	last, err := d.LastEvent()
	if err != nil {
		t.Fatal(err)
	}
	_, m, err := d.Say(db.Opening{Site: site, Token: "new", Code: "ABCD", Draft: domain.NewDraft("c1", domain.Text, "在吗")})
	if err != nil || m.ID != last+1 {
		t.Errorf("event %d after %d, %v", m.ID, last, err)
	}
}

func TestFillLeavesAFileThatExistsAlone(t *testing.T) {
	_, path := open(t, 20)
	if err := Fill(path, 20); err == nil {
		t.Error("an existing file was filled")
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}
