package faults

import (
	"math"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

// ledger is what all clients of one desk know: what they sent, what they were
// promised and what their streams showed. It is the oracle that a file is held
// against.
type ledger struct {
	t      *testing.T
	mu     sync.Mutex
	posts  []*post
	shown  []int64 // lines on streams
	noRoom int     // answers that the disk is full
}

// post is one message as its sender knows it.
type post struct {
	by           *sender
	client, body string
	unordered    bool // sent at the same time as others of its sender
	tries        int
	status       int       // of the last answer; 0 for none
	id           int64     // as acknowledged; 0 before
	acked        time.Time // when
}

func (l *ledger) sending(p *post) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p.tries++; p.tries == 1 {
		l.posts = append(l.posts, p)
	}
}

// answered notes an answer; id 0 stands for a refusal.
func (l *ledger) answered(p *post, status int, id int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p.status = status
	switch {
	case status == http.StatusInsufficientStorage:
		l.noRoom++
	case id == 0:
	case p.id == 0:
		p.id, p.acked = id, time.Now()
	case p.id != id:
		l.t.Errorf("%s was acknowledged as %d and again as %d", p.client, p.id, id)
	}
}

func (l *ledger) showed(line int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shown = append(l.shown, line)
}

func (l *ledger) fullDisk() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.noRoom
}

// acknowledged returns what the senders were promised, by id.
func (l *ledger) acknowledged() []post {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []post
	for _, p := range l.posts {
		if p.id != 0 {
			out = append(out, *p)
		}
	}
	slices.SortFunc(out, func(a, b post) int { return int(a.id - b.id) })
	return out
}

// holds fails the test unless the file is sound and holds what the clients
// know: all that was promised and nothing they did not send.
func (l *ledger) holds(file string) {
	l.t.Helper()
	l.holdsUpTo(file, math.MaxInt64)
}

// holdsUpTo is holds for a file that ends with the event last.
func (l *ledger) holdsUpTo(file string, last int64) {
	l.t.Helper()
	sound(l.t, file)
	f := read(l.t, file)
	l.explains(f)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.posts {
		if r, ok := f.byClient[p.client]; p.id != 0 && p.id <= last && (!ok || r.id != p.id) {
			l.t.Errorf("%s was acknowledged as %d; the file has it as %d", p.client, p.id, r.id)
		}
	}
	for _, line := range l.shown {
		if line <= last && !f.lines[line] {
			l.t.Errorf("line %d was shown and is not in the file", line)
		}
	}
}

// explains fails the test unless every row was sent, once, by one author, in
// the order of that author's messages.
func (l *ledger) explains(f *content) {
	l.t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	known, place := map[string]*post{}, map[string]int{}
	for i, p := range l.posts {
		known[p.client], place[p.client] = p, i
	}
	before := map[*sender]row{}
	for _, r := range f.rows {
		p := known[r.client]
		if p == nil || r.body != p.body {
			l.t.Errorf("message %d %q by %s was not sent", r.id, r.client, r.author)
			continue
		}
		if f.byClient[r.client].id != r.id {
			l.t.Errorf("%s is in the file twice", r.client)
		}
		if b, ok := before[p.by]; ok && (b.author != r.author || place[b.client] > place[r.client] && !p.unordered) {
			l.t.Errorf("%s by %s stands before %s by %s", b.client, b.author, r.client, r.author)
		}
		if !r.recorded {
			l.t.Errorf("message %d has no event", r.id)
		}
		before[p.by] = r
	}
	if f.said != len(f.rows) {
		l.t.Errorf("%d events record %d messages", f.said, len(f.rows))
	}
}
