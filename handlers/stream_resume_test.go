package handlers_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parlor/domain"
)

// chatting is a visitor's browser whose conversation an agent holds.
func (d *desk) chatting(body string) (*browser, posted) {
	d.T.Helper()
	d.Status(d.Admin, domain.Online)
	v := d.browser()
	return v, v.write("SITEKEY", "first", body)
}

func after(id domain.EventID) string { return fmt.Sprintf("/chat/SITEKEY/live?after=%d", id) }

func TestR05_F02_ReplayBeginsAfterTheCursor(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v, first := d.chatting("one")
	second, third := v.write("SITEKEY", "second", "two"), v.write("SITEKEY", "third", "three")
	s := v.listen(after(second.Event))
	s.saying("three")
	v.write("SITEKEY", "fourth", "four")
	s.saying("four")
	if got := s.lines(); len(got) != 2 || got[0] != third.Event {
		t.Errorf("lines %v after %d; first was %d", got, second.Event, first.Event)
	}
}

func TestR05_F03_CursorsSurviveARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "parlor.db")
	d := newDeskAt(t, path).founded()
	v, first := d.chatting("before the restart")
	token := v.cookie("visitor-SITEKEY")
	missed := v.write("SITEKEY", "second", "missed")
	d.close()

	again := newDeskAt(t, path)
	back := again.browser()
	s := back.listen(after(first.Event), "X-Parlor-Visitor", token)
	s.saying("missed")
	next := back.write("SITEKEY", "third", "after the restart", "X-Parlor-Visitor", token)
	s.saying("after the restart")
	if want := []domain.EventID{missed.Event, next.Event}; !slices.Equal(s.lines()[len(s.lines())-2:], want) {
		t.Errorf("lines %v, want to end with %v", s.lines(), want)
	}
	if n := strings.Count(s.heard(), "missed"); n != 1 {
		t.Errorf("the missed line came %d times", n)
	}
}

func TestR06_F04_AnUnusableCursorIsAnsweredWithResync(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v, first := d.chatting("hello")
	resynced := func(name, path string, headers ...string) {
		t.Helper()
		s := v.listen(path, headers...)
		if s.answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", name, s.answer.StatusCode)
		}
		s.wait("resync for "+name, func(e event) bool { return e.kind == "resync" })
		if got := s.lines(); len(got) > 0 {
			t.Errorf("%s: replayed %d lines beside the resync", name, len(got))
		}
		s.cancel()
	}
	for name, query := range map[string]string{
		"none": "", "empty": "?after=", "garbage": "?after=abc", "negative": "?after=-1", "future": "?after=999999",
		"huge": "?after=99999999999999999999999999", "injected": "?after=1%0Aevent:x", "half": "?after=1.5",
	} {
		resynced(name, "/chat/SITEKEY/live"+query)
	}
	resynced("header", after(first.Event), "Last-Event-ID", "not a number")
	for i := range 201 { // one more than a stream makes up for
		d.reply(d.Admin, 1, fmt.Sprintf("c%d", i), fmt.Sprintf("line %d", i), domain.Text)
	}
	resynced("too old", after(first.Event))
}

func TestR06_LastEventIDOfAReconnectingBrowserCounts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v, first := d.chatting("one")
	second := v.write("SITEKEY", "second", "two")
	v.write("SITEKEY", "third", "three")
	s := v.listen(after(first.Event), "Last-Event-ID", fmt.Sprint(second.Event))
	s.saying("three")
	if strings.Contains(s.heard(), "two") {
		t.Error("the cursor of the first connection was used again")
	}
}

func TestR05_NothingIsLostOrRepeatedOverManyCuts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v, first := d.chatting("start")
	const total = 120
	go func() {
		for i := range total {
			_, _ = d.Reply(d.As(d.Admin), 1, domain.NewDraft(fmt.Sprintf("c%d", i), domain.Text, fmt.Sprintf("line %d", i)))
		}
	}()
	var got []domain.EventID
	for last, cuts := first.Event, 0; len(got) < total+1; cuts++ { // one more says who was assigned
		s := v.listen(after(last))
		want := min(len(got)+1+cuts%9, total+1)
		eventually(t, 5*time.Second, "more lines", func() bool { return len(got)+len(s.lines()) >= want })
		s.cancel()
		<-s.done
		if lines := s.lines(); len(lines) > 0 {
			got, last = append(got, lines...), lines[len(lines)-1]
		}
	}
	if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != total+1 {
		t.Errorf("%d lines, want %d, each once and in order: %v", len(got), total+1, got)
	}
}
