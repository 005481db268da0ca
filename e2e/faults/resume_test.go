package faults

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestR05_EveryLineOnceOverManyCuts breaks a visitor's stream at random
// moments, and the server once, while both sides write.
func TestR05_EveryLineOnceOverManyCuts(t *testing.T) {
	d := newDesk(t)
	v := d.visitor("visitor")
	first := thread(t, d.file, v.in())[0]
	by := v.accepted(d.agents[1])
	f := v.follow(d.addr, first)
	l := loadOf(v, by)
	l.start()
	wanted := rounds(60, 200)
	for cuts := 0; cuts < wanted; {
		time.Sleep(rand.N(60 * time.Millisecond))
		if f.cut() {
			cuts++
		}
		if cuts == wanted/2 {
			d.kill()
			d.start()
		}
	}
	l.stop()
	l.settle()
	f.sawAll(t, first)
	d.ledger.holds(d.file)
	f.end()
	if f.opened < wanted || len(f.lines) < 5*wanted {
		t.Errorf("%d streams carried %d lines; that is too little to say anything", f.opened, len(f.lines))
	}
}

// TestR06_AStrangeCursorIsNeverAnError asks for streams after cursors that
// cannot be honoured: a browser would give up for good on anything but 200.
func TestR06_AStrangeCursorIsNeverAnError(t *testing.T) {
	d := newDesk(t)
	v := d.visitor("visitor")
	for n := range 210 { // more than a stream makes up for
		v.say(fmt.Sprint("line ", n))
	}
	past := thread(t, d.file, v.in())[0]
	for _, cursor := range []string{"", "garbage", "-5", "1e9", "0x10", "99999999", "9223372036854775807", "99999999999999999999999", "7 7", fmt.Sprint(past)} {
		v.resyncs(t, "/chat/"+d.key+"/live?after="+url.QueryEscape(cursor), v.header)
		with := v.header.Clone()
		with.Set("Last-Event-ID", cursor)
		v.resyncs(t, "/chat/"+d.key+"/live", with)
		agents := http.Header{"Cookie": {d.agents[1].cookie}, "Last-Event-ID": {cursor}}
		if cursor != fmt.Sprint(past) { // an agent who cannot see the lines has not missed them
			v.resyncs(t, "/desk/live", agents)
		}
	}
}

// resyncs fails the test unless a stream begins with the request to start
// afresh, and is alive.
func (v *sender) resyncs(t *testing.T, path string, h http.Header) {
	t.Helper()
	s, err := connect(v.d.addr, path, h, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer s.conn.Close()
	if s.answer.StatusCode != http.StatusOK {
		t.Errorf("%s %q was answered %d", path, h.Get("Last-Event-ID"), s.answer.StatusCode)
		return
	}
	e, err := s.next()
	if err != nil || e.kind != "resync" {
		t.Errorf("%s %q begins with %q %v, not with resync", path, h.Get("Last-Event-ID"), e.kind, err)
	}
}

// TestR06_AForeignCursorShowsNothingForeign uses the id of another visitor's
// line as a cursor. There is one log and a cursor is a place in it, so this is
// an honest one: all own lines after it come, and no others.
func TestR06_AForeignCursorShowsNothingForeign(t *testing.T) {
	d := newDesk(t)
	v, other := d.visitor("visitor"), d.visitor("other")
	v.say("before")
	foreign := other.say("not yours")
	other.say("nor this")
	mine := v.say("after")
	s := v.listen(foreign.id)
	for {
		e, err := s.until("line", 5*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(e.data, "visitor-") {
			t.Fatalf("a foreign line: %s", e.data)
		}
		if e.id == mine.id {
			return
		}
	}
}

// TestR07_BackFromASickProxy puts a proxy between visitor and server that
// answers errors for a while.
func TestR07_BackFromASickProxy(t *testing.T) {
	d := newDesk(t)
	v := d.visitor("visitor")
	first := thread(t, d.file, v.in())[0]
	p := d.proxy(t)
	f := v.follow(p.addr, first)
	f.connected(1)
	v.say("seen at once")
	for n, sickness := range []int32{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusNoContent} {
		p.answers.Store(sickness)
		eventually(t, 5*time.Second, "the stream breaks", f.cut)
		v.say("said meanwhile")
		time.Sleep(300 * time.Millisecond)
		v.say("and this")
		p.answers.Store(0)
		f.connected(n + 2)
	}
	v.say("seen at once again")
	f.sawAll(t, first)
	d.ledger.holds(d.file)
}

// proxy forwards to the server, or answers a status of its own.
type proxy struct {
	addr    string
	answers atomic.Int32
}

func (d *desk) proxy(t *testing.T) *proxy {
	t.Helper()
	p := &proxy{}
	forward := &httputil.ReverseProxy{FlushInterval: -1, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: d.addr})
	}}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status := p.answers.Load(); status != 0 {
			w.WriteHeader(int(status))
			return
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(s.CloseClientConnections)
	p.addr = s.Listener.Addr().String()
	return p
}
