package faults

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// sender is one author, who writes one message after another and tries each
// under the same client id until it is acknowledged.
type sender struct {
	d            *desk
	name         string
	path         string
	header       http.Header
	conversation int64
	sent         int
}

// newcomer is a browser that has not written yet. It has chosen its token.
func (d *desk) newcomer(name string) *sender {
	return &sender{
		d: d, name: name, path: "/chat/" + d.key + "/messages",
		header: http.Header{"Accept": {"application/json"}, "X-Parlor-Visitor": {rand.Text()}},
	}
}

// visitor is a browser that has written once and waits in the queue.
func (d *desk) visitor(name string) *sender {
	d.t.Helper()
	v := d.newcomer(name)
	v.say("hello")
	return v
}

// people numbers visitors, so that no two of a desk's whole history share a name.
var people atomic.Int64

// visitors are n of them.
func (d *desk) visitors(n int) []*sender {
	d.t.Helper()
	out := make([]*sender, n)
	for i := range out {
		out[i] = d.visitor(fmt.Sprint("visitor", people.Add(1)))
	}
	return out
}

// accepted makes an agent take the visitor's conversation and returns the
// agent as its sender.
func (v *sender) accepted(by agent) *sender {
	v.d.t.Helper()
	id := v.in()
	v.d.ask(http.MethodPost, fmt.Sprintf("/desk/conversations/%d/assignment", id), by).want(v.d.t, http.StatusSeeOther)
	return &sender{
		d: v.d, name: strings.ReplaceAll(by.name, " ", "") + "to" + v.name, path: fmt.Sprintf("/desk/conversations/%d/messages", id),
		header: http.Header{"Accept": {"application/json"}, "Cookie": {by.cookie}}, conversation: id,
	}
}

// in is the sender's conversation.
func (s *sender) in() int64 {
	s.d.t.Helper()
	if s.conversation == 0 {
		s.conversation = number(s.d.t, s.d.file, `SELECT conversation_id FROM messages WHERE client_id = ?`, s.name+"-1")
	}
	return s.conversation
}

// write makes the sender's next message without sending it.
func (s *sender) write(body string) *post {
	s.sent++
	client := s.name + "-" + strconv.Itoa(s.sent)
	return &post{by: s, client: client, body: client + " " + body}
}

// attempt sends a message once and notes what comes of it. A server that is
// down or in trouble may refuse it; one that says it is wrong fails the test.
func (s *sender) attempt(p *post) (*answer, error) {
	s.d.ledger.sending(p)
	a, err := s.d.try(http.MethodPost, s.path, s.header, "client_id", p.client, "body", p.body, "kind", "reply")
	if err != nil {
		return nil, err
	}
	return a, s.note(p, a)
}

// note keeps what a message was answered.
func (s *sender) note(p *post, a *answer) (err error) {
	var given struct{ ID int64 }
	switch {
	case a.StatusCode == http.StatusCreated:
		err = json.Unmarshal([]byte(a.body), &given)
	case a.StatusCode < http.StatusInternalServerError:
		s.d.t.Errorf("%s was answered %d %.200s", p.client, a.StatusCode, a.body)
	}
	s.d.ledger.answered(p, a.StatusCode, given.ID)
	return err
}

// try reports whether one attempt was acknowledged.
func (s *sender) try(p *post) bool {
	a, err := s.attempt(p)
	return err == nil && a.StatusCode == http.StatusCreated
}

// deliver tries until the message is acknowledged; false when done closed first.
func (p *post) deliver(done <-chan struct{}) bool {
	for !p.by.try(p) {
		select {
		case <-done:
			return false
		case <-time.After(20 * time.Millisecond):
		}
	}
	return true
}

// say sends a message that must be acknowledged at once.
func (s *sender) say(body string) *post {
	s.d.t.Helper()
	p := s.write(body)
	if !s.try(p) {
		s.d.t.Fatalf("%s was not acknowledged: %d", p.client, p.status)
	}
	return p
}
