package faults

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// load is several people who write at the same time, each of them one message
// after another, and who try what was not acknowledged again.
type load struct {
	writers []func() *post // each makes its next message
	unsent  []*post        // by writer: what was not acknowledged when the load stopped
	done    chan struct{}
	all     sync.WaitGroup
}

// newLoad is n visitors, every other one with an agent who answers, and
// browsers that write for the first time, one after another.
func (d *desk) newLoad(n int) *load {
	d.t.Helper()
	var senders []*sender
	for i, v := range d.visitors(n) {
		senders = append(senders, v)
		if i%2 == 0 {
			senders = append(senders, v.accepted(d.agents[i%teamSize]))
		}
	}
	l := loadOf(senders...)
	l.add(func() *post { return d.newcomer(fmt.Sprint("newcomer", people.Add(1))).write("hello") })
	return l
}

// loadOf is a load by some.
func loadOf(senders ...*sender) *load {
	l := &load{}
	for _, s := range senders {
		l.add(func() *post { return s.write("and so on") })
	}
	return l
}

func (l *load) add(writer func() *post) {
	l.writers, l.unsent = append(l.writers, writer), append(l.unsent, nil)
}

// start makes everybody write.
func (l *load) start() {
	l.done = make(chan struct{})
	for i := range l.writers {
		l.all.Go(func() { l.write(i) })
	}
}

func (l *load) write(i int) {
	for {
		if l.unsent[i] == nil {
			l.unsent[i] = l.writers[i]()
		}
		if !l.unsent[i].deliver(l.done) {
			return
		}
		l.unsent[i] = nil
		select {
		case <-l.done:
			return
		case <-time.After(rand.N(8 * time.Millisecond)):
		}
	}
}

// stop lets everybody finish the attempt they are at.
func (l *load) stop() {
	close(l.done)
	l.all.Wait()
}

// settle tries what was not acknowledged until it is.
func (l *load) settle() {
	enough := make(chan struct{})
	time.AfterFunc(10*time.Second, func() { close(enough) })
	for i, p := range l.unsent {
		if p != nil && !p.deliver(enough) {
			p.by.d.t.Errorf("%s was not acknowledged after %d tries", p.client, p.tries)
		}
		l.unsent[i] = nil
	}
}
