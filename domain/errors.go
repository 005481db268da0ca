// Package domain holds Parlor's words, types and rules. It performs no I/O and
// knows no clock: every time it needs is an argument.
package domain

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Sentinel errors. Handlers translate them into a status in one place.
var (
	// NotFound also stands for "may not be seen": the two must not differ.
	NotFound = errors.New("not found")
	// Forbidden means the actor may see the thing but not do this to it.
	Forbidden = errors.New("forbidden")
	// Unavailable means nothing was stored and the caller may try again.
	Unavailable = errors.New("temporarily unavailable")
	// Full means the disk has no room for the change; nothing was stored.
	Full = errors.New("disk full")
)

// Conflict is a change refused because the thing has moved on. Key is a
// message key; Owner names who holds the thing now, when that is the reason.
type Conflict struct {
	Key   string
	Owner AgentID
}

func (c Conflict) Error() string { return "conflict: " + c.Key }

// Invalid maps form fields to message keys. The empty field name stands for
// the form as a whole.
type Invalid map[string]string

func (v Invalid) Error() string {
	var b strings.Builder
	b.WriteString("invalid:")
	for _, field := range slices.Sorted(maps.Keys(v)) {
		fmt.Fprintf(&b, " %s=%s", field, v[field])
	}
	return b.String()
}

// Err returns v as an error, or nil when no field is marked.
func (v Invalid) Err() error {
	if len(v) == 0 {
		return nil
	}
	return v
}
