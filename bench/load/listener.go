package main

import (
	"bytes"
	"strconv"
	"syscall"
)

// listener is an agent's stream.
type listener struct {
	fd   int
	open func(after int64) (int, error)
	last int64
}

func (l *loop) listen(a *listener) (err error) {
	if a.fd, err = a.open(a.last); err != nil {
		return err
	}
	if err := syscall.SetNonblock(a.fd, true); err != nil {
		return err
	}
	l.agents[int32(a.fd)] = a
	return l.poll.add(a.fd)
}

var (
	lineMark = []byte("\nevent: line\n")
	idMark   = []byte("\nid: ")
	// streamEnd is the last chunk of an answer that the server ended.
	streamEnd = []byte("\r\n0\r\n\r\n")
)

// heard counts what an agent was told, and comes back when cut.
func (l *loop) heard(a *listener, n int) error {
	b := l.buf[:max(0, n)]
	l.lines += int64(bytes.Count(b, lineMark))
	if i := bytes.LastIndex(b, idMark); i >= 0 {
		text, _, _ := bytes.Cut(b[i+len(idMark):], []byte("\n"))
		if id, err := strconv.ParseInt(string(text), 10, 64); err == nil {
			a.last = id
		}
	}
	if n > 0 && !bytes.HasSuffix(b, streamEnd) {
		return nil
	}
	l.cuts++
	delete(l.agents, int32(a.fd))
	if err := syscall.Close(a.fd); err != nil {
		return err
	}
	return l.listen(a)
}
