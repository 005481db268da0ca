package ui

import (
	"net/url"
	"regexp"
	"strings"
)

// Piece is a stretch of text, or a link when URL is set.
type Piece struct{ Text, URL string }

var linkForm = regexp.MustCompile(`(?i)\b(?:https?://|mailto:|www\.)[^\s<>"'` + "`" + `，。；：！？、（）「」《》“”]+|[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,}`)

// Links splits text into plain stretches and links. Only http, https and
// mailto become links.
func Links(text string) []Piece {
	if !strings.ContainsAny(text, ":@") && !strings.Contains(text, "www.") && !strings.Contains(text, "WWW.") {
		return []Piece{{Text: text}} // nearly every message, on the path of each
	}
	var out []Piece
	rest := 0
	for _, m := range linkForm.FindAllStringIndex(text, -1) {
		word := strings.TrimRight(text[m[0]:m[1]], ".,;:!?)]}")
		target := linkTarget(word)
		if target == "" {
			continue
		}
		if m[0] > rest {
			out = append(out, Piece{Text: text[rest:m[0]]})
		}
		out = append(out, Piece{Text: word, URL: target})
		rest = m[0] + len(word)
	}
	if rest < len(text) {
		out = append(out, Piece{Text: text[rest:]})
	}
	return out
}

func linkTarget(word string) string {
	lower := strings.ToLower(word)
	switch {
	case strings.HasPrefix(lower, "www."):
		word = "https://" + word
	case !strings.Contains(lower, "://") && !strings.HasPrefix(lower, "mailto:"):
		word = "mailto:" + word
	}
	u, err := url.Parse(word)
	if err != nil || (u.Scheme != "mailto" && u.Host == "") {
		return ""
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https", "mailto":
		return word
	}
	return ""
}
