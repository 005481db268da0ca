package faults

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stream is one connection to an event stream. Nothing reads ahead of its
// owner, so that an owner who stops reading is a reader who has stopped.
type stream struct {
	conn   net.Conn
	answer *http.Response
	lines  *bufio.Reader
}

// event is one event of a stream; a heartbeat has the kind ":".
type event struct {
	id         int64
	kind, data string
}

// connect asks for a stream. A receive buffer of its own size can be given.
func connect(addr, path string, header http.Header, buffer int) (*stream, error) {
	dial := net.Dialer{Timeout: 10 * time.Second}
	if buffer > 0 {
		dial.Control = func(_, _ string, c syscall.RawConn) (err error) {
			return errors.Join(c.Control(func(fd uintptr) { err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, buffer) }), err)
		}
	}
	conn, err := dial.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	q, err := http.NewRequest(http.MethodGet, "http://"+addr+path, nil)
	if err != nil {
		return nil, err
	}
	q.Header = header
	reader := bufio.NewReaderSize(conn, 512)
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second)) // a TCP connection has deadlines
	if err = q.Write(conn); err == nil {
		var r *http.Response
		if r, err = http.ReadResponse(reader, q); err == nil {
			_ = conn.SetDeadline(time.Time{})
			return &stream{conn, r, bufio.NewReaderSize(r.Body, 512)}, nil
		}
	}
	conn.Close()
	return nil, err
}

// next reads one event, also a heartbeat. What was cut off in the middle is
// an error and not an event.
func (s *stream) next() (e event, err error) {
	data := false
	for {
		line, err := s.lines.ReadString('\n')
		if err != nil {
			return e, err
		}
		line = strings.TrimSuffix(line, "\n")
		field, value, _ := strings.Cut(line, ": ")
		switch {
		case line == "" && (data || e.kind == ":"):
			return e, nil
		case strings.HasPrefix(line, ":"):
			e.kind = ":"
		case field == "id":
			if e.id, err = strconv.ParseInt(value, 10, 64); err != nil {
				return e, fmt.Errorf("id of an event: %w", err)
			}
		case field == "event":
			e.kind = value
		case field == "data":
			e.data, data = value, true
		}
	}
}

// until reads until an event of a kind comes, within a time.
func (s *stream) until(kind string, within time.Duration) (e event, err error) {
	_ = s.conn.SetReadDeadline(time.Now().Add(within))
	defer s.conn.SetReadDeadline(time.Time{})
	for err == nil && e.kind != kind {
		e, err = s.next()
	}
	return e, err
}

// reset drops the connection as a dying client does, without a farewell.
func (s *stream) reset() {
	_ = s.conn.(*net.TCPConn).SetLinger(0)
	s.conn.Close()
}

// live is the path of a visitor's stream after a cursor.
func (v *sender) live(after int64) string {
	return fmt.Sprintf("/chat/%s/live?after=%d", v.d.key, after)
}

// listen opens a visitor's stream, which must work.
func (v *sender) listen(after int64) *stream {
	v.d.t.Helper()
	s, err := connect(v.d.addr, v.live(after), v.header, 0)
	if err != nil {
		v.d.t.Fatal(err)
	}
	v.d.t.Cleanup(func() { s.conn.Close() })
	if s.answer.StatusCode != http.StatusOK {
		v.d.t.Fatalf("stream answered %d", s.answer.StatusCode)
	}
	return s
}
