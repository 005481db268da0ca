package layout

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/a-h/templ"

	"parlor/domain"
	"parlor/views/ui"
)

// Capped is a count short enough for a badge.
func Capped(n int) string {
	if n > 99 {
		return "99+"
	}
	return strconv.Itoa(n)
}

// DotClass is the shape of a presence dot.
func DotClass(s domain.Status) string {
	switch s {
	case domain.Busy:
		return "busy"
	case domain.Away:
		return "hidden"
	case domain.Offline:
		return "gone"
	}
	return "on"
}

func prefs(p domain.Prefs) string {
	b, _ := json.Marshal(p) // plain values cannot fail
	return string(b)
}

// scriptWords are the texts that scripts put on the page, by attribute.
var scriptWords = []string{
	"today", "yesterday", "sending", "delivered", "read", "failed", "resend", "newline", "newmessages",
	"restored", "offline", "notify", "blocked", "typing", "copied", "nobody", "signedout", "removed", "enable", "later", "signin",
}

func words(ctx context.Context) templ.Attributes {
	out := templ.Attributes{}
	for _, w := range scriptWords {
		out["data-"+w] = ui.T(ctx, "script."+w)
	}
	return out
}
