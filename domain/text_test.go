package domain_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"parlor/domain"
)

func TestS36_CleanText(t *testing.T) {
	for in, want := range map[string]string{
		"one\r\ntwo\rthree\nfour":        "one\ntwo\nthree\nfour",
		"\r\n\n  kept \n\n":              "  kept ",
		"tab\tstays":                     "tab\tstays",
		"a\x00b\x07c\x1bd\x7fe\u0085f":   "abcdef",
		"family 👨\u200d👩\u200d👧 stays":   "family 👨\u200d👩\u200d👧 stays",
		"zero\u200bwidth, \u202ebidi":    "zero\u200bwidth, \u202ebidi",
		"broken \xff\r\n":                "broken \xff\r\n",
		"data: x\n\nevent: y\r\n\r\nid:": "data: x\n\nevent: y\n\nid:",
	} {
		if got := domain.CleanText(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestS36_CleanName(t *testing.T) {
	for in, want := range map[string]string{
		"  Zhou \t\r\n Yian ":                  "Zhou Yian",
		"周\u3000亦安":                            "周 亦安",
		"a\u200bb\u200cc\u200dd\u2060e\ufefff": "abcdef",
		"\u202eevil\u202c \u2066x\u2069":       "evil x",
		"\u00adsoft":                           "soft",
		"a\x00b\x1bc\u009fd":                   "abcd",
		"bro\xffken":                           "broken",
		"one\u2028two\u2029three":              "one two three",
		"\u200b\u202e ":                        "",
	} {
		if got := domain.CleanName(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzCleanIsStable(f *testing.F) {
	f.Add("a\r\n\x00\u200b\xff b")
	f.Fuzz(func(t *testing.T, s string) {
		if once := domain.CleanText(s); domain.CleanText(once) != once || (utf8.ValidString(s) && strings.ContainsAny(once, "\r\x00\x1b")) {
			t.Errorf("text %q: %q", s, once)
		}
		if once := domain.CleanName(s); domain.CleanName(once) != once || strings.ContainsAny(once, "\r\n\t\x00") || !utf8.ValidString(once) {
			t.Errorf("name %q: %q", s, once)
		}
	})
}

func TestCheckNameCountsCharacters(t *testing.T) {
	for name, want := range map[string]string{
		"": "field.required", "周": "", strings.Repeat("周", 40): "", strings.Repeat("周", 41): "field.long",
	} {
		v := domain.Invalid{}
		if v.CheckName("name", name, 40); v["name"] != want {
			t.Errorf("%q: %q, want %q", name, v["name"], want)
		}
	}
}

func TestCheckEmail(t *testing.T) {
	for address, want := range map[string]string{
		"a@b.example":                        "",
		"zhou.yian+desk@lanshe.example":      "",
		"":                                   "field.required",
		"a":                                  "field.email.form",
		"a@b":                                "field.email.form",
		"a b@c.example":                      "field.email.form",
		"a@b.example, c@d.example":           "field.email.form",
		"a@b.example\r\nBcc: x@y.example":    "field.email.form",
		"Zhou <a@b.example>":                 "field.email.form",
		"a@b.example.":                       "field.email.form",
		strings.Repeat("a", 250) + "@b.exam": "field.email.form",
	} {
		v := domain.Invalid{}
		if v.CheckEmail("email", address); v["email"] != want {
			t.Errorf("%q: %q, want %q", address, v["email"], want)
		}
	}
}

func TestMentionedPrefersTheLongestName(t *testing.T) {
	names := []string{"李", "李明", "Ann", "Anna Lee", "Bo@b"}
	for body, want := range map[string][]string{
		"@李明 看一下":            {"李明"},
		"@李 看一下":             {"李"},
		"@李明@Ann":            {"李明", "Ann"},
		"ask @Anna Lee, @李":  {"Anna Lee", "李"},
		"@Anna":              {"Ann"},
		"@Bo@b":              {"Bo@b"},
		"李明, mail a@b.c, @@": nil,
		"":                   nil,
	} {
		got := domain.Mentioned(body, names)
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", body, got, want)
		}
	}
}

func TestIsCJK(t *testing.T) {
	for _, r := range "客々ひカ한" {
		if !domain.IsCJK(r) {
			t.Errorf("%c is taken for a letter of words", r)
		}
	}
	for _, r := range "aé1я。😀" {
		if domain.IsCJK(r) {
			t.Errorf("%c is indexed by itself", r)
		}
	}
}
