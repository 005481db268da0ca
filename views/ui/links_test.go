package ui_test

import (
	"strings"
	"testing"

	"parlor/views/ui"
)

func TestS30_OnlyWebAndMailAddressesBecomeLinks(t *testing.T) {
	for text, want := range map[string]string{
		"see http://shop.example/a, please": "http://shop.example/a", "HTTPS://Shop.Example/A": "HTTPS://Shop.Example/A", "www.shop.example!": "https://www.shop.example",
		"(https://shop.example/a?b=1&c=2#d)": "https://shop.example/a?b=1&c=2#d", "访问 https://shop.example/茶。谢谢": "https://shop.example/茶",
		"写信到 lin@shop.example。":   "mailto:lin@shop.example",
		"mailto:lin@shop.example": "mailto:lin@shop.example", `http://x.example/"onclick="alert(1)`: "http://x.example/", "http://x.example/<b>": "http://x.example/",
		"javascript:alert(1)": "", "JaVaScRiPt:alert(1)": "", "javascript://shop.example/%0aalert(1)": "",
		"data:text/html,x": "", "vbscript:x": "", "file:///etc/passwd": "", "ftp://shop.example": "",
		"http://": "", "https:///path": "", "www": "", "//shop.example": "", "plain words": "", "": "", "a@b": "", "http://[::1": "",
	} {
		var links []string
		var all strings.Builder
		for _, p := range ui.Links(text) {
			all.WriteString(p.Text)
			if p.URL != "" {
				links = append(links, p.URL)
			}
		}
		if got := strings.Join(links, " "); got != want {
			t.Errorf("%q links to %q, want %q", text, got, want)
		}
		if all.String() != text {
			t.Errorf("%q is shown as %q", text, all.String())
		}
	}
}

func FuzzLinks(f *testing.F) {
	for _, s := range []string{"http://a", "www.a.b", "a@b.cd", "javascript://www.a@b.cd", "mailto:x", "\xff://", "https://\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var all strings.Builder
		for _, p := range ui.Links(text) {
			all.WriteString(p.Text)
			lower := strings.ToLower(p.URL)
			if p.URL != "" && !strings.HasPrefix(lower, "http://") && !strings.HasPrefix(lower, "https://") && !strings.HasPrefix(lower, "mailto:") {
				t.Errorf("%q links to %q", text, p.URL)
			}
		}
		if all.String() != text {
			t.Errorf("%q is shown as %q", text, all.String())
		}
	})
}
