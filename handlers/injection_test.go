package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"parlor/domain"
)

// injections are values that have broken queries elsewhere.
var injections = []string{
	"'", "''", `"`, `""`, "' OR 1=1 --", "1 OR 1=1", "1; DROP TABLE messages", "' UNION SELECT password FROM agents --", "%", "_", "%_%", `\`, "\x00", "1\x00", "\xff\xfe",
	"*", "a*", `"a" OR "b"`, "a NEAR b", "NEAR(a b)", "body:a", "- body:a", "a AND", "AND", "OR NOT", "(", ")", "((", "^a", "{a b}: c", "a + b", "^", "col:*", "AND AND AND",
	"-1", "0", "1.5", "1e9", "0x10", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "99999999999999999999", "NaN", "null", "undefined", "true", "[]", "{}",
	"../../etc/passwd", "/etc/passwd", "${jndi:ldap://x}", "{{1}}", "<script>", "\r\nX-Injected: 1", "__proto__", "constructor", "\u202e", "\u200b", "🙂", "一", "一二三", "ﷺ",
	strings.Repeat("a", 5000), strings.Repeat("一", 2000), strings.Repeat("a ", 3000), strings.Repeat("一a", 1500), strings.Repeat(`"`, 1000), strings.Repeat("(", 1000),
}

// parameters are the names that handlers read from the address.
var parameters = []string{"q", "tab", "before", "after", "current", "next", "lang", "site", "embed", "fresh", "changed", "stream", "key", "id", "changed", "notice"}

func TestS35_NothingInAnAddressBreaksAQuery(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	indexed(t, f.desk)
	for _, r := range allRoutes() {
		if r.Method != http.MethodGet || strings.HasSuffix(r.Path, "/live") {
			continue
		}
		b, path := f.browsers["lin"], at(r.Path, "1")
		switch {
		case r.Access == string(domain.PermAgents), r.Access == string(domain.PermSites), r.Access == string(domain.PermSettings):
			b = f.browsers["admin"]
		case strings.HasPrefix(path, "/chat/1"):
			b, path = f.visitors[northHeld], strings.Replace(path, "/chat/1", "/chat/SITEKEY", 1)
		}
		for _, value := range injections {
			query := url.Values{}
			for _, name := range parameters {
				query.Set(name, value)
			}
			if len(value) > 1000 { // one at a time, or the address is too long
				query = url.Values{"q": {value}}
			}
			a := b.get(path + "?" + query.Encode())
			if a.StatusCode >= 500 {
				t.Errorf("%s with %.40q: %d", path, value, a.StatusCode)
			}
			for _, c := range south {
				if b == f.browsers["lin"] && strings.Contains(a.body, words(c)) {
					t.Errorf("%s with %.40q shows conversation %d", path, value, c)
				}
			}
			if a.Header.Get("X-Injected") != "" {
				t.Errorf("%s with %.40q forges a header", path, value)
			}
		}
	}
}

// indexed waits until search knows every message.
func indexed(t *testing.T, d *desk) {
	t.Helper()
	go d.RunIndex(t.Context())
	eventually(t, 5*time.Second, "the index", func() bool {
		hits, err := d.FindInThread(d.As(d.Admin), northHeld, "words", 1)
		return err == nil && len(hits) == 1
	})
}

func TestS35_SearchFindsWordsAndNotOperators(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	indexed(t, f.desk)
	for typed, found := range map[string]bool{
		"words": true, "WORDS": true, "word": true, "conversation 1": true, "wor conv": true,
		"ords": false, "words OR nothing": false, "NOTHING words": false, "*": false, `"`: false, "body:words": false,
	} {
		a := f.browsers["lin"].get("/desk/conversations/1/find?q="+url.QueryEscape(typed)).status(t, http.StatusOK)
		if got := strings.Contains(a.body, "data-hits"); got != found {
			t.Errorf("%q: found %t", typed, got)
		}
	}
}

func TestS35_NothingInAPathBreaksAQuery(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	for _, r := range allRoutes() {
		if !strings.Contains(r.Path, ":") {
			continue
		}
		for _, value := range injections {
			if len(value) > 1000 {
				continue
			}
			a := f.browsers["admin"].send(r.Method, at(r.Path, url.PathEscape(value)), "")
			if ok := []int{404, 422, 303, 200, 403}; !slices.Contains(ok, a.StatusCode) {
				t.Errorf("%s %s with %.40q: %d", r.Method, r.Path, value, a.StatusCode)
			}
			if strings.HasPrefix(r.Path, "/desk/conversations/") && a.StatusCode != http.StatusNotFound {
				t.Errorf("%s %s with %.40q: %d", r.Method, r.Path, value, a.StatusCode)
			}
		}
	}
}

func TestS35_S36_NothingInAFormBreaksAChange(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	fields := []string{
		"client_id", "kind", "body", "upto", "status", "maximum", "name", "email", "password", "current", "next", "remember", "role", "scope", "scope_in", "groups", "ceiling", "active",
		"language", "sound", "id", "group", "agent", "move", "domains", "brand", "side", "greeting", "silence", "team", "site", "page", "title", "referrer",
	}
	for i, r := range allRoutes() {
		if r.Method == http.MethodGet || r.Path == "/logout" || r.Path == "/settings/password" {
			continue
		}
		path := strings.Replace(at(r.Path, "1"), "/chat/1", "/chat/SITEKEY", 1)
		for k, value := range injections {
			if k%3 != i%3 && !strings.HasSuffix(path, "/messages") { // all of them where people write, a third elsewhere
				continue
			}
			typed := url.Values{}
			for _, name := range fields {
				typed.Set(name, value)
			}
			if r.Path == "/settings/agents/:id" {
				typed.Set("active", "1")
			}
			a := f.browsers["admin"].send(r.Method, path, typed.Encode())
			if a.StatusCode >= 500 {
				t.Errorf("%s %s with %.40q: %d", r.Method, r.Path, value, a.StatusCode)
			}
		}
	}
	if faults := column(t, open(t, f.Path), "SELECT m.integrity_check FROM pragma_integrity_check m"); !slices.Equal(faults, []string{"ok"}) {
		t.Error(faults)
	}
}

func TestS36_InvalidUTF8IsRefusedWithAMessage(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v, _ := d.chatting("hello")
	admin := d.asAdmin()
	v.headers, admin.headers = []string{"Accept-Language", "en"}, []string{"Accept-Language", "en"}
	for _, bad := range []string{"%ff", "ok%c3%28", "%ed%a0%80", "%f8%88%80%80%80", "%c0%80"} {
		for name, a := range map[string]*answer{
			"visitor":          v.send("POST", "/chat/SITEKEY/messages", "client_id=x&body="+bad),
			"visitor's script": v.send("POST", "/chat/SITEKEY/messages", "client_id=x&body="+bad, "Accept", "application/json"),
			"agent":            admin.send("POST", "/desk/conversations/1/messages", "client_id=x&body="+bad),
			"agent's note":     admin.send("POST", "/desk/conversations/1/messages", "client_id=x&kind=note&body="+bad, "HX-Request", "true"),
		} {
			if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, "UTF-8") {
				t.Errorf("%s with %s: %d", name, bad, a.StatusCode)
			}
		}
		admin.send("POST", "/settings/sites/1", "name=Shop&group=1&brand=cobalt&side=right&silence=30&greeting="+bad)
		admin.send("POST", "/settings/team", "team=Lanshe"+bad)
		admin.send("POST", "/settings/groups", "name=South"+bad)
	}
	for _, query := range []string{"SELECT name FROM team", "SELECT name || greeting FROM sites", "SELECT name FROM groups", "SELECT body FROM messages"} {
		for _, stored := range column(t, open(t, d.Path), query) {
			if strings.ToValidUTF8(stored, "") != stored {
				t.Errorf("%s: %q", query, stored)
			}
		}
	}
}

func TestS36_NamesAreTidy(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.asAdmin().post("/settings/team", form("team", "  La\u202enshe\u200b \t\r\n shop\x00\x07 ")).status(t, http.StatusSeeOther)
	if got := d.Directory().Team; got != "Lanshe shop" {
		t.Errorf("%q", got)
	}
	v, _ := d.chatting("hello")
	v.write("SITEKEY", "second", "a\r\nb\rc\x00\x07\td")
	if lines := v.get("/chat/SITEKEY/messages").body; !strings.Contains(lines, "a\nb\nc\td") {
		t.Errorf("line ends or control characters were kept: %q", lines)
	}
}
