package live

import (
	"fmt"
	"html"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"parlor/db"
	"parlor/db/dbtest"
	"parlor/domain"
)

// wire is one open stream from a hub to a parser of event streams.
type wire struct {
	hub  *Hub
	conn *conn
	got  chan event
}

// newWire opens a visitor's stream of an empty team.
func newWire(t testing.TB) *wire {
	t.Helper()
	w := &wire{hub: New(), got: make(chan event, streamBuffer)}
	w.hub.Use(dbtest.New(t).DB)
	opened := make(chan *conn, 1)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.hub.Visitor(rw, r, db.Visitor{ID: 1}, "en")
	}))
	t.Cleanup(server.Close)
	response, err := http.Get(server.URL + "/?after=1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	go func() {
		defer close(w.got)
		_ = parseEvents(response.Body, func(e event) { w.got <- e }) // it ends when the stream is cut
	}()
	w.next(t, "hello")
	w.next(t, "list")
	w.next(t, "queue")
	w.next(t, "state")
	w.hub.everyone(func(c *conn) { opened <- c })
	w.conn = <-opened
	return w
}

// next is the next event, which must be of a kind.
func (w *wire) next(t testing.TB, kind string) event {
	t.Helper()
	select {
	case e, ok := <-w.got:
		if !ok || e.kind != kind {
			t.Fatalf("got %q (open %t), want a %s", e, ok, kind)
		}
		return e
	case <-time.After(5 * time.Second):
		t.Fatalf("no %s came", kind)
	}
	return event{}
}

var bubble = regexp.MustCompile(`(?s)^<div class="w-msg out" id="m(\d+)"[^>]*><p class="w-out">(.*)</p><p class="w-meta">`)
var markup = regexp.MustCompile(`</?a[^>]*>`)

// carries sends a message's text and checks that one event brings it.
func (w *wire) carries(t testing.TB, id domain.EventID, text string) {
	t.Helper()
	m := &domain.Message{ID: id, By: domain.ByVisitor, Author: 1, Kind: domain.Text, Body: text}
	line := domain.Line{Event: domain.Event{ID: id, By: domain.ByVisitor, Actor: 1, Kind: domain.MessagePosted}, Message: m}
	w.conn.send("line", w.hub.render(line, &domain.Conversation{}).forVisitor("en"), id)
	e := w.next(t, "line")
	parts := bubble.FindStringSubmatch(e.data)
	if parts == nil || e.id != fmt.Sprint(id) || parts[1] != e.id {
		t.Fatalf("%q came as %q", text, e)
	}
	if got, want := html.UnescapeString(markup.ReplaceAllString(parts[2], "")), received(text); got != want {
		t.Fatalf("%q came as %q", want, got)
	}
}

// received is what may become of a text on its way: carriage returns and NULs go.
func received(text string) string {
	return strings.NewReplacer("\r", "", "\x00", "").Replace(text)
}

// alphabet favours what has a meaning in event streams.
var alphabet = []string{"\n", "\r", "\r\n", "\x00", ":", " ", "data:", "event: resync", "id: 1", "retry: 1", "\n\n", "\r\r",
	"\u2028", "\u0085", "\v", "\f", "\ufeff", "a", "b", "好", "🙂", "<", "&", "\"", "'", "&#10;"}

func randomText(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(12) + 1 {
		if r.IntN(8) == 0 {
			b.WriteRune(rune(r.IntN(0xd800)))
			continue
		}
		b.WriteString(alphabet[r.IntN(len(alphabet))])
	}
	return b.String()
}

func TestS27_EventsOutAreEventsIn(t *testing.T) {
	w := newWire(t)
	r := rand.New(rand.NewPCG(27, 27))
	for i := range 20_000 {
		w.carries(t, domain.EventID(i+10), randomText(r))
	}
}

func FuzzFrame(f *testing.F) {
	for _, s := range []string{":)", "a\nb", "a\rb", "\x00", "\n\nevent: x\ndata: y\n\n", ": comment", "data", "\ufeff", "<b>", "http://x.example/\r\n"} {
		f.Add(s)
	}
	w := newWire(f)
	id := domain.EventID(10)
	f.Fuzz(func(t *testing.T, text string) {
		id++
		w.carries(t, id, strings.ToValidUTF8(text, "")) // no message holds anything else
	})
}

func TestF05_F06_WhateverIsSentIsOneEvent(t *testing.T) {
	w := newWire(t)
	for _, data := range []string{"1", ":)", ": comment", "{}", "x: y", " leading", "data: x"} {
		w.conn.send("typing", data, 0)
		if e := w.next(t, "typing"); e.data != data {
			t.Errorf("%q came as %q", data, e.data)
		}
	}
}

func TestFramesOfTextsForScriptsAreOneLine(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		text := randomText(r)
		for _, data := range []string{asJSON(map[string]any{"text": text}), oneLine.Replace(text)} {
			if strings.ContainsAny(data, "\r\n\x00") {
				t.Fatalf("%q holds a line end", data)
			}
		}
	}
}
