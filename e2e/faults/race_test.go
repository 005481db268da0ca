package faults

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// together runs do n times at one moment and waits.
func together(n int, do func(i int)) {
	gate, all := make(chan struct{}), sync.WaitGroup{}
	for i := range n {
		all.Go(func() {
			<-gate
			do(i)
		})
	}
	close(gate)
	all.Wait()
}

// TestR03_SameClientIDStoresOneMessage sends one message fifty times at once,
// as an impatient client would.
func TestR03_SameClientIDStoresOneMessage(t *testing.T) {
	d := newDesk(t)
	v := d.visitor("visitor")
	by := v.accepted(d.agents[1])
	for _, s := range []*sender{v, by} {
		p := s.write("said once")
		together(50, func(int) {
			if !s.try(p) { // the ledger knows whether all were given one id
				t.Errorf("%s was not acknowledged", p.client)
			}
		})
		a, err := d.try(http.MethodPost, s.path, s.header, "client_id", p.client, "body", "said otherwise", "kind", "reply")
		if err != nil {
			t.Fatal(err)
		}
		a.want(t, http.StatusConflict)
	}
	f := v.follow(d.addr, 0)
	f.sawAll(t, 0)
	d.ledger.holds(d.file)
}

// TestR15_OneAgentGetsTheConversation lets the whole team reach for the same
// customer.
func TestR15_OneAgentGetsTheConversation(t *testing.T) {
	d := newDesk(t)
	for n := range rounds(10, 1000) {
		v := d.visitor(fmt.Sprintf("visitor%d", n))
		path := fmt.Sprintf("/desk/conversations/%d/assignment", v.in())
		answers := make([]*answer, len(d.agents))
		together(len(d.agents), func(i int) {
			h := http.Header{"Cookie": {d.agents[i].cookie}}
			if i%2 == 0 {
				h.Set("Accept", "application/json")
			}
			answers[i], _ = d.try(http.MethodPost, path, h) // an answer that is missing fails below
		})
		d.oneOwner(v, answers)
	}
	d.ledger.holds(d.file)
}

// oneOwner fails the test unless one agent was given the conversation and all
// others were told who.
func (d *desk) oneOwner(v *sender, answers []*answer) {
	d.t.Helper()
	owner := number(d.t, d.file, `SELECT agent_id FROM conversations WHERE id = ? AND state = 'open'`, v.in())
	if owner == 0 {
		d.t.Fatalf("nobody has conversation %d", v.in())
	}
	name := d.agents[owner-1].name
	for i, a := range answers {
		switch {
		case a == nil:
			d.t.Errorf("%s had no answer", d.agents[i].name)
		case i == int(owner)-1:
			if a.StatusCode != http.StatusOK && a.StatusCode != http.StatusSeeOther {
				d.t.Errorf("%s holds the conversation and was answered %d", name, a.StatusCode)
			}
		case a.StatusCode != http.StatusConflict:
			d.t.Errorf("%s was answered %d; %s holds the conversation", d.agents[i].name, a.StatusCode, name)
		case !strings.Contains(a.body, name):
			d.t.Errorf("%s was not told that %s was faster: %.300s", d.agents[i].name, name, a.body)
		}
	}
	if n := number(d.t, d.file, `SELECT COUNT(*) FROM events WHERE conversation_id = ? AND kind = 'assigned'`, v.in()); n != 1 {
		d.t.Errorf("conversation %d was assigned %d times", v.in(), n)
	}
}

// TestR16_OneRunningConversationPerVisitor lets a visitor whose conversation
// has ended write fifty messages at once.
func TestR16_OneRunningConversationPerVisitor(t *testing.T) {
	d := newDesk(t)
	v := d.visitor("visitor")
	for range rounds(3, 100) {
		if a, err := d.try(http.MethodPost, "/chat/"+d.key+"/closure", v.header); err != nil || a.StatusCode != http.StatusNoContent {
			t.Fatalf("the conversation did not end: %v %v", a, err)
		}
		posts := make([]*post, 50)
		for i := range posts {
			posts[i] = v.write("back again")
			posts[i].unordered = true
		}
		together(len(posts), func(i int) {
			if !v.try(posts[i]) {
				t.Errorf("%s was not acknowledged", posts[i].client)
			}
		})
		if n := number(t, d.file, `SELECT COUNT(*) FROM conversations WHERE state <> 'ended'`); n != 1 {
			t.Errorf("%d conversations are running", n)
		}
		first, last := read(t, d.file).byClient[posts[0].client], read(t, d.file).byClient[posts[49].client]
		if first.conversation != last.conversation || first.conversation == 0 {
			t.Errorf("the messages went to conversations %d and %d", first.conversation, last.conversation)
		}
	}
	d.ledger.holds(d.file)
}
