package handlers_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"parlor/domain"
)

// event is one event as a browser's EventSource hands it to a page.
type event struct{ id, kind, data string }

// parseEvents reads an event stream by the algorithm of the HTML standard and
// hands over every event until the stream ends.
func parseEvents(r io.Reader, hand func(event)) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<24)
	lines.Split(splitLines)
	var e event
	var data []string
	last := ""
	for lines.Scan() {
		line := lines.Text()
		if line == "" {
			if data != nil {
				e.id, e.data = last, strings.Join(data, "\n")
				if e.kind == "" {
					e.kind = "message"
				}
				hand(e)
			}
			e, data = event{}, nil
			continue
		}
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "event":
			e.kind = value
		case "data":
			data = append(data, value)
		case "id":
			if !strings.Contains(value, "\x00") {
				last = value
			}
		}
	}
	return lines.Err()
}

// splitLines ends a line at a line feed, a carriage return or both.
func splitLines(data []byte, atEOF bool) (int, []byte, error) {
	i := bytes.IndexAny(data, "\r\n")
	switch {
	case i < 0 && atEOF && len(data) > 0:
		return len(data), data, nil
	case i < 0:
		return 0, nil, nil
	case data[i] == '\n':
		return i + 1, data[:i], nil
	case i+1 < len(data) && data[i+1] == '\n':
		return i + 2, data[:i], nil
	case i+1 < len(data) || atEOF:
		return i + 1, data[:i], nil
	}
	return 0, nil, nil
}

func TestEventSourceParser(t *testing.T) {
	stream := ": comment\n\nid: 7\ndata: a\ndata:b\nevent: line\n\ndata\r\n\r\nid: x\x00y\rdata: c\r\rdata: lost"
	var got []event
	if err := parseEvents(strings.NewReader(stream), func(e event) { got = append(got, e) }); err != nil {
		t.Fatal(err)
	}
	want := []event{{"7", "line", "a\nb"}, {"7", "message", ""}, {"7", "message", "c"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// source is an open event stream.
type source struct {
	t      testing.TB
	cancel context.CancelFunc
	answer *http.Response
	done   chan struct{}
	mu     sync.Mutex
	events []event
}

// listen opens a stream and reads it until the test ends.
func (b *browser) listen(path string, headers ...string) *source {
	b.d.T.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	answer, err := b.http.Do(b.request(http.MethodGet, path, "", headers...).WithContext(ctx))
	if err != nil {
		cancel()
		b.d.T.Fatal(err)
	}
	s := &source{t: b.d.T, cancel: cancel, answer: answer, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		defer answer.Body.Close()
		_ = parseEvents(answer.Body, s.take) // it ends with an error when the stream is cut
	}()
	b.d.T.Cleanup(cancel)
	return s
}

// ready waits until the stream is live: what happens from now on is pushed.
func (s *source) ready() *source {
	s.t.Helper()
	s.wait("hello or resync", func(e event) bool { return e.kind == "hello" || e.kind == "resync" })
	return s
}

func (s *source) take(e event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
}

func (s *source) all() []event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.events)
}

// wait returns the first event that matches, also one that came before.
func (s *source) wait(what string, match func(event) bool) event {
	s.t.Helper()
	var found event
	eventually(s.t, 5*time.Second, what, func() bool {
		i := slices.IndexFunc(s.all(), match)
		if i >= 0 {
			found = s.all()[i]
		}
		return i >= 0
	})
	return found
}

// saying waits for an event that contains a text.
func (s *source) saying(text string) event {
	s.t.Helper()
	return s.wait("an event with "+strconv.Quote(text), func(e event) bool { return strings.Contains(e.data, text) })
}

// ended waits until the server has ended the stream.
func (s *source) ended(within time.Duration) {
	s.t.Helper()
	select {
	case <-s.done:
	case <-time.After(within):
		s.t.Errorf("the stream is still open after %s", within)
	}
}

// heard is everything received so far as one text.
func (s *source) heard() string {
	var b strings.Builder
	for _, e := range s.all() {
		b.WriteString(e.kind + " " + e.data + "\n")
	}
	return b.String()
}

// lines are the ids of the thread lines received, in order.
func (s *source) lines() []domain.EventID {
	var ids []domain.EventID
	for _, e := range s.all() {
		if e.kind == "line" {
			n, _ := strconv.ParseInt(e.id, 10, 64)
			ids = append(ids, domain.EventID(n))
		}
	}
	return ids
}
