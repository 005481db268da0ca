package handlers_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"parlor/domain"
)

// hostile is text that must stay text wherever people read it.
var hostile = []string{
	`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `"><svg onload=alert(1)>`, `' onmouseover='alert(1)`, `<b hx-get="/logout" hx-trigger="load">x</b>`,
	`</textarea><script>alert(1)</script>`, `</title><script>alert(1)</script>`, `<a href="javascript:alert(1)">x</a>`, `{{7*7}}${7*7}`, `&lt;script&gt;`, `<!--`, `]]>`,
	`javascript:alert(1)`, `javascript://shop.example/%0aalert(1)`, `data:text/html,<script>alert(1)</script>`, `vbscript:x`, `http://x/"onclick="alert(1)`, `<div sse-connect="/desk/live">`,
}

// links are the targets of a page's links.
var links = regexp.MustCompile(`href="([^"]*)"`)

// clean fails when somebody's text became markup or a link that runs.
func clean(t *testing.T, where, body string) {
	t.Helper()
	for _, text := range hostile {
		if strings.ContainsAny(text, `<>"'`) && strings.Contains(body, clipped(text)) {
			t.Errorf("%s: %s stands there unescaped", where, text)
		}
	}
	for _, m := range links.FindAllStringSubmatch(body, -1) {
		target := strings.ToLower(html.UnescapeString(m[1]))
		scheme, _, absolute := strings.Cut(target, ":")
		if absolute && !strings.ContainsAny(scheme, "/?#") && !slices.Contains([]string{"http", "https", "mailto"}, scheme) {
			t.Errorf("%s: a link to %s", where, m[1])
		}
	}
}

// clipped is as much of a text as a name may hold.
func clipped(text string) string {
	return string([]rune(text)[:min(len([]rune(text)), domain.NameMost)])
}

func TestS30_S32_TextOfPeopleStaysText(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Status(d.Admin, domain.Online)
	admin := d.asAdmin()
	agentStream := admin.listen("/desk/live?after=0").ready()
	v := d.browser()
	for i, text := range hostile {
		visit := form("client_id", fmt.Sprintf("h%d", i), "body", text, "page", text, "title", text, "referrer", text)
		v.post("/chat/SITEKEY/messages", visit).status(t, http.StatusSeeOther)
		v.post("/chat/SITEKEY/typing", form("body", text)).status(t, http.StatusNoContent)
		d.reply(d.Admin, 1, fmt.Sprintf("r%d", i), text, domain.Text)
		d.reply(d.Admin, 1, fmt.Sprintf("n%d", i), "> "+text+"\n"+text, domain.Note)
		d.reply(d.Admin, 1, fmt.Sprintf("q%d", i), "> "+text+"\n"+text, domain.Text)
		other := d.browser() // the visit is what the first message says
		other.post("/chat/SITEKEY/messages", visit, "User-Agent", text, "Accept-Language", text).status(t, http.StatusSeeOther)
		named(t, d, text)
		for _, path := range []string{
			fmt.Sprintf("/desk/conversations/%d", d.newestConversation()), "/settings/profile", "/settings/agents", "/settings/groups", "/settings/sites/1", "/settings/team",
		} {
			clean(t, fmt.Sprintf("%s with %q", path, text), admin.get(path).body)
		}
		clean(t, "chat", v.get("/chat/SITEKEY").body)
		clean(t, "refused form", v.post("/chat/SITEKEY/messages", form("client_id", "!", "body", text)).body)
		clean(t, "login", admin.login(text, text).body)
		d.Clock.Advance(time.Hour) // so that refused sign-ins are forgotten
	}
	thread := admin.get("/desk/conversations/1").body
	clean(t, "thread", thread)
	for _, path := range []string{"/desk", "/desk/inbox", "/desk?tab=colleagues", "/queue", "/settings/sites", "/login"} {
		clean(t, path, admin.get(path).body)
	}
	v.write("SITEKEY", "last", "the last word")
	agentStream.saying("the last word")
	for _, e := range agentStream.all() {
		if e.kind == "line" { // the others are values for scripts, not markup
			clean(t, "stream", e.data)
		}
	}
	for _, text := range hostile {
		if strings.ContainsAny(text, `<&`) && !strings.Contains(html.UnescapeString(thread), text) {
			t.Errorf("%q is not shown as it was written", text)
		}
	}
}

// named puts a text into every name there is.
func named(t *testing.T, d *desk, text string) {
	t.Helper()
	name := clipped(text)
	by := d.As(d.Admin)
	site := d.Directory().Sites[d.Site.ID]
	site.Name, site.Greeting = name, text
	_, siteErr := d.SaveSite(by, site)
	_, groupErr := d.SaveGroup(by, domain.Group{ID: d.Group, Name: name})
	for _, err := range []error{siteErr, groupErr, d.RenameTeam(by, name), d.SetProfile(by, name, domain.Prefs{})} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestS29_HtmxRunsNothingOutOfText(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v, _ := d.chatting("canary of the visitor")
	d.reply(d.Admin, 1, "reply", "canary of the agent", domain.Text)
	d.reply(d.Admin, 1, "note", "canary of the note", domain.Note)
	admin := d.asAdmin()
	stream := admin.listen("/desk/live?after=0").ready()
	stream.saying("canary of the note")
	page := admin.get("/desk/conversations/1").body
	config := regexp.MustCompile(`<meta name="htmx-config" content="([^"]*)"`).FindStringSubmatch(page)
	if config == nil {
		t.Fatal("no configuration of htmx")
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(html.UnescapeString(config[1])), &got); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{"allowEval": false, "allowScriptTags": false, "selfRequestsOnly": true, "includeIndicatorStyles": false, "historyCacheSize": 0.0} {
		if got[key] != want {
			t.Errorf("%s is %v", key, got[key])
		}
	}
	for where, body := range map[string]string{
		"page": page, "stream": stream.heard(), "fragment": admin.get("/desk/conversations/1", "HX-Request", "true").body, "missed": admin.get("/desk/conversations/1/messages?after=0").body,
	} {
		for _, canary := range []string{"canary of the visitor", "canary of the agent", "canary of the note"} {
			if !regexp.MustCompile(`<(div|p) class="[a-z ]+" hx-disable>` + canary + `<`).MatchString(body) {
				t.Errorf("%s: %q stands outside hx-disable", where, canary)
			}
		}
	}
	if strings.Contains(v.get("/chat/SITEKEY").body, "hx-") {
		t.Error("the visitor's page has attributes for htmx")
	}
}

func TestS30_LinksLeadToTheWebAndMailAlone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v, _ := d.chatting("see https://shop.example/a?b=1&c=2. or www.shop.example, mail lin@shop.example (javascript:alert(1) ftp://x file:///etc data:text/html,x)")
	for where, body := range map[string]string{"agent": d.asAdmin().get("/desk/conversations/1/messages?after=0").body, "visitor": v.get("/chat/SITEKEY/messages").body} {
		var got []string
		for _, m := range regexp.MustCompile(`<a href="([^"]*)" target="_blank" rel="nofollow noopener noreferrer">`).FindAllStringSubmatch(body, -1) {
			got = append(got, html.UnescapeString(m[1]))
		}
		if want := []string{"https://shop.example/a?b=1&c=2", "https://www.shop.example", "mailto:lin@shop.example"}; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", where, got, want)
		}
		if n := strings.Count(body, "<a "); n != 3 {
			t.Errorf("%s: %d links", where, n)
		}
	}
}
