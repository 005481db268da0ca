package domain

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// CleanText makes one line ending of all kinds and drops control characters
// that have no place in writing. Invalid UTF-8 is left for the check to refuse.
func CleanText(s string) string {
	if !utf8.ValidString(s) {
		return s
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s = strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
	return strings.Trim(s, "\n")
}

// CleanName makes a single tidy line of a name: no control, bidirectional or
// zero-width characters, white space folded.
func CleanName(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// visible reports whether r alone puts anything on the page.
func visible(r rune) bool { return !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) }

// Mentioned returns those of names that body mentions with @. Where several
// begin alike, the longest is meant.
func Mentioned(body string, names []string) []string {
	var out []string
	for i, r := range body {
		if r != '@' {
			continue
		}
		longest := ""
		for _, name := range names {
			if len(name) > len(longest) && strings.HasPrefix(body[i+1:], name) {
				longest = name
			}
		}
		if longest != "" {
			out = append(out, longest)
		}
	}
	return out
}

// CheckName puts a message key at field unless name has 1 to most characters.
func (v Invalid) CheckName(field, name string, most int) {
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		v[field] = "field.required"
	case n > most:
		v[field] = "field.long"
	}
}

// IsCJK reports whether r is written without spaces between words, so that
// the index takes it character by character.
func IsCJK(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

// CheckEmail puts a message key at field unless address looks like one.
func (v Invalid) CheckEmail(field, address string) {
	switch {
	case address == "":
		v[field] = "field.required"
	case len(address) > 254 || !emailForm.MatchString(address):
		v[field] = "field.email.form"
	}
}

var emailForm = regexp.MustCompile(`^[^\s\pC@<>"',;:\\]+@[^\s\pC@<>"',;:\\]+\.[^\s\pC@<>"',;:\\.]+$`)
