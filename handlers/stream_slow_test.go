package handlers_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"parlor/domain"
)

// dial asks for a visitor's stream on a bare connection that nobody reads.
func (b *browser) dial(key string) *net.TCPConn {
	b.d.T.Helper()
	address := b.d.srv.Listener.Addr().String()
	c, err := net.Dial("tcp", address)
	if err != nil {
		b.d.T.Fatal(err)
	}
	tcp := c.(*net.TCPConn)
	if err := tcp.SetReadBuffer(4 << 10); err != nil {
		b.d.T.Fatal(err)
	}
	fmt.Fprintf(c, "GET /chat/%s/live?after=0 HTTP/1.1\r\nHost: %s\r\nX-Parlor-Visitor: %s\r\n\r\n", key, address, b.cookie("visitor-"+key))
	b.d.T.Cleanup(func() { c.Close() })
	return tcp
}

func TestR08_F01_AStalledReaderHoldsUpNobodyAndIsCut(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v, first := d.chatting("start")
	v.dial("SITEKEY")
	eventually(t, time.Second, "the stalled stream is open", func() bool { visitors, _ := d.hub.Count(); return visitors == 1 })
	healthy := v.listen(after(first.Event)).ready()
	const total = 400
	long := strings.Repeat("x", 5000)
	start := time.Now()
	for i := range total {
		d.reply(d.Admin, 1, fmt.Sprintf("c%d", i), fmt.Sprintf("line %d %s", i, long), domain.Text)
	}
	healthy.saying(fmt.Sprintf("line %d ", total-1))
	if took := time.Since(start); took > 8*time.Second {
		t.Errorf("the healthy reader waited %s", took)
	}
	if got := len(healthy.lines()); got != total+1 {
		t.Errorf("the healthy reader got %d lines of %d", got, total+1)
	}
	eventually(t, 15*time.Second, "the stalled stream is cut", func() bool { visitors, _ := d.hub.Count(); return visitors == 1 })
}

func TestR25_F08_AbruptDisconnectsLeaveNoGoroutines(t *testing.T) {
	d := newDesk(t)
	v, first := d.chatting("start")
	v.listen(after(first.Event)).ready().cancel() // whatever is made once is made now
	settled := func() bool { visitors, _ := d.hub.Count(); return visitors == 0 }
	eventually(t, 5*time.Second, "no stream open", settled)
	time.Sleep(100 * time.Millisecond)
	base := runtime.NumGoroutine()
	for range 4 {
		var open []*net.TCPConn
		for range 50 {
			c := v.dial("SITEKEY")
			if err := c.SetLinger(0); err != nil { // closing resets the connection
				t.Fatal(err)
			}
			open = append(open, c)
		}
		eventually(t, 5*time.Second, "all streams open", func() bool { visitors, _ := d.hub.Count(); return visitors == len(open) })
		d.reply(d.Admin, 1, fmt.Sprintf("c%p", open), "hello", domain.Text)
		for _, c := range open {
			c.Close()
		}
		eventually(t, 10*time.Second, "no stream open", settled)
	}
	eventually(t, 10*time.Second, "goroutines are back to where they were", func() bool { return runtime.NumGoroutine() <= base+5 })
}

func TestR08_AStreamOutlivesTheTimeoutsOfRequests(t *testing.T) {
	t.Parallel()
	d := newDeskWithin(t, filepath.Join(t.TempDir(), "parlor.db"), time.Second).founded()
	v, first := d.chatting("start")
	s := v.listen(after(first.Event)).ready()
	time.Sleep(2 * time.Second)
	v.write("SITEKEY", "second", "still there")
	s.saying("still there")
}

func TestF07_TheStreamIsNeverTheClientsChoice(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v, first := d.chatting("mine")
	other := d.browser()
	foreign := other.write("SITEKEY", "first", "somebody else's")
	names := []string{"SITEKEY", "1", "2", "*", "%25", "..", fmt.Sprint(foreign.ID)}
	for _, name := range names {
		s := v.listen(after(first.Event) + "&stream=" + name).ready()
		other.write("SITEKEY", "to-"+fmt.Sprintf("%x", name), "secret for "+name)
		v.write("SITEKEY", "own-"+fmt.Sprintf("%x", name), "own "+name)
		s.saying("own " + name)
		if strings.Contains(s.heard(), "secret") || strings.Contains(s.heard(), "somebody else") {
			t.Errorf("stream=%s carries another visitor's messages", name)
		}
		s.cancel()
	}
	if r := d.browser().get("/chat/SITEKEY/live?stream=1"); r.StatusCode != http.StatusNotFound {
		t.Errorf("a browser that is not known got a stream: %d", r.StatusCode)
	}
}

func TestF06_AMessageBeginningWithAColonArrives(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v, first := d.chatting("start")
	agent := d.asAdmin().listen(fmt.Sprintf("/desk/live?after=%d", first.Event)).ready()
	s := v.listen(after(first.Event)).ready()
	v.write("SITEKEY", "smile", ":)")
	s.saying(">:)<")
	agent.saying(">:)<")
}

func TestF05_TextForgesNoFrames(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v, first := d.chatting("start")
	s := v.listen(after(first.Event)).ready()
	for i, text := range []string{"a\n\nevent: resync\ndata: 1\n\n", "b\r\revent: resync\rdata: 1\r\r", "c\r\n\r\nid: 1\r\ndata: forged\r\n\r\n"} {
		v.write("SITEKEY", fmt.Sprintf("forge%d", i), text)
	}
	v.write("SITEKEY", "last", "the last one")
	s.saying("the last one")
	for _, e := range s.all() {
		if e.kind == "resync" || strings.HasPrefix(e.data, "forged") {
			t.Errorf("forged event %q", e)
		}
	}
}

func TestR09_AServerThatStopsSaysSoToEveryStream(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v, first := d.chatting("start")
	s := v.listen(after(first.Event)).ready()
	agent := d.asAdmin().listen(fmt.Sprintf("/desk/live?after=%d", first.Event)).ready()
	d.hub.Close()
	for _, s := range []*source{s, agent} {
		s.wait("restart", func(e event) bool { return e.kind == "restart" })
		s.ended(2 * time.Second)
	}
	r := v.get(after(first.Event)).status(t, http.StatusServiceUnavailable)
	if _, err := io.WriteString(io.Discard, r.body); err != nil || r.Header.Get("Retry-After") == "" {
		t.Error("a stream refused while stopping does not say when to come back")
	}
}
