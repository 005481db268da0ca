package live

import (
	"bufio"
	"bytes"
	"io"
	"strings"
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
