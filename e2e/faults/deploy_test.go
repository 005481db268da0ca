package faults

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestR09_ARestartLosesNothing stops the program as a deployment does, with
// streams open and posts under way, and starts it again.
func TestR09_ARestartLosesNothing(t *testing.T) {
	d := newDesk(t)
	const tabs = 5
	vs := d.visitors(rounds(60, 200))
	var open []*follower
	for range tabs {
		for _, v := range vs {
			open = append(open, v.follow(d.addr, 0))
		}
	}
	for _, f := range open {
		f.connected(1)
	}
	l := loadOf(vs[:8]...)
	l.start()
	slow := make([]*half, 10)
	for i := range slow {
		slow[i] = vs[20+i].beginPost()
	}
	time.Sleep(300 * time.Millisecond) // the halves are being read

	health := d.watchReadiness()
	d.signal(syscall.SIGTERM)
	begun := time.Now()
	if seen := <-health; seen != "200 503 0" {
		t.Errorf("readiness went %s; it must turn to 503 before nobody answers", seen)
	}
	time.Sleep(300 * time.Millisecond)
	for _, h := range slow {
		h.finish()
	}
	d.ends()
	took := time.Since(begun)
	t.Logf("gone %s after SIGTERM", took.Round(time.Millisecond))
	if took > 10*time.Second {
		t.Errorf("gone %s after SIGTERM", took)
	}
	if took := d.start(); took > 2*time.Second {
		t.Errorf("ready %s after the start", took)
	}
	l.stop()
	l.settle()
	for _, f := range open {
		f.sawAll(t, 0)
		f.end()
		if f.restarts != 1 {
			t.Errorf("a stream was told %d times to come back", f.restarts)
		}
	}
	d.ask(http.MethodGet, "/desk", d.agents[3]).want(t, http.StatusOK)
	d.ledger.holds(d.file)
}

// watchReadiness asks over new connections until nobody answers, and tells
// which answers came, each once.
func (d *desk) watchReadiness() <-chan string {
	seen, all := make(chan string, 1), []string{fmt.Sprint(d.readiness())}
	go func() {
		for all[len(all)-1] != "0" {
			time.Sleep(5 * time.Millisecond)
			if is := fmt.Sprint(d.readiness()); is != all[len(all)-1] {
				all = append(all, is)
			}
		}
		seen <- strings.Join(all, " ")
	}()
	return seen
}

// half is a post of which the server has only the beginning.
type half struct {
	*sender
	p    *post
	conn net.Conn
	rest string
}

func (v *sender) beginPost() *half {
	v.d.t.Helper()
	conn, err := net.Dial("tcp", v.d.addr)
	if err != nil {
		v.d.t.Fatal(err)
	}
	h := &half{sender: v, p: v.write("under_way"), conn: conn}
	h.p.body = strings.ReplaceAll(h.p.body, " ", "_")
	body := "client_id=" + h.p.client + "&body=" + h.p.body
	h.rest = body[10:]
	v.d.ledger.sending(h.p)
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nAccept: application/json\r\nX-Parlor-Visitor: %s\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
		v.path, v.d.addr, v.header.Get("X-Parlor-Visitor"), len(body), body[:10])
	return h
}

// finish sends the rest, which must be acknowledged.
func (h *half) finish() {
	h.d.t.Helper()
	defer h.conn.Close()
	_, _ = io.WriteString(h.conn, h.rest) // the answer tells whether it arrived
	r, err := http.ReadResponse(bufio.NewReader(h.conn), nil)
	if err != nil {
		h.d.t.Errorf("%s was under way at SIGTERM and not answered: %v", h.p.client, err)
		return
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = h.note(h.p, &answer{r, string(body)})
	}
	if err != nil || r.StatusCode != http.StatusCreated {
		h.d.t.Errorf("%s was under way at SIGTERM: %d %v", h.p.client, r.StatusCode, err)
	}
}
