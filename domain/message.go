package domain

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// MessageKind says what a line of a thread is.
type MessageKind string

const (
	Text MessageKind = "text"
	Note MessageKind = "note" // for colleagues only, never sent to the visitor
)

// MessageMost is the longest message, in characters.
const MessageMost = 10_000

// Message is something somebody wrote. Continues is set when it belongs to
// the same run as the message before it; it is not stored.
type Message struct {
	ID           EventID
	Conversation ConversationID
	By           ActorKind
	Author       int64
	Kind         MessageKind
	ClientID     string
	Body         string
	At           time.Time
	Continues    bool
}

// Draft is a message as its author sent it.
type Draft struct {
	ClientID string // chosen by the author's browser; the same id stores one message
	Kind     MessageKind
	Body     string
}

var clientID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// NewDraft cleans body and returns it with the client id.
func NewDraft(client string, kind MessageKind, body string) Draft {
	return Draft{ClientID: client, Kind: kind, Body: CleanText(body)}
}

// Validate reports what is wrong with the draft. Errors: Invalid.
func (d Draft) Validate() error {
	v := Invalid{}
	switch {
	case !utf8.ValidString(d.Body):
		v["body"] = "message.encoding"
	case !strings.ContainsFunc(d.Body, visible):
		v["body"] = "message.empty"
	case utf8.RuneCountInString(d.Body) > MessageMost:
		v["body"] = "message.long"
	}
	if !clientID.MatchString(d.ClientID) {
		v["client_id"] = "message.client"
	}
	if d.Kind != Text && d.Kind != Note {
		v["kind"] = "message.kind"
	}
	return v.Err()
}

// Same reports whether a stored message is the one the draft would make.
func (d Draft) Same(m Message) bool { return d.Body == m.Body && d.Kind == m.Kind }

// previewMost is how much of a message a list row keeps, in characters.
const previewMost = 80

// Preview is the single line that stands for body in a list.
func Preview(body string) string {
	line := strings.Join(strings.Fields(body), " ")
	if utf8.RuneCountInString(line) <= previewMost {
		return line
	}
	return string([]rune(line)[:previewMost])
}
