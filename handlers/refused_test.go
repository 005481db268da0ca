package handlers_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"parlor/domain"
	"parlor/views/ui"
)

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// unfilled are places of a text that nothing was put into.
func unfilled(body string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`>[^<]*<`).FindAllString(body, -1) {
		out = append(out, placeholder.FindAllString(m, -1)...)
	}
	return out
}

func TestRefusedFormsComeBackWithTheirText(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v, _ := d.chatting("hello")
	admin := d.asAdmin()
	long := "the beginning of it " + strings.Repeat("长", domain.MessageMost)
	for _, lang := range ui.Languages {
		for body, key := range map[string]string{"": "message.empty", " \n\t ": "message.empty", long: "message.long"} {
			for name, a := range map[string]*answer{
				"visitor": v.post("/chat/SITEKEY/messages", form("client_id", "x", "body", body), "Accept-Language", lang),
				"agent":   admin.post("/desk/conversations/1/messages", form("client_id", "x", "body", body), "Accept-Language", lang),
			} {
				a.status(t, http.StatusUnprocessableEntity)
				text := html.UnescapeString(a.body)
				if want, _, _ := strings.Cut(ui.Text(lang, key), "{"); !strings.Contains(text, want) {
					t.Errorf("%s, %s: no %q on the page", name, lang, want)
				}
				if kept := strings.TrimSpace(body); !strings.Contains(text, kept) {
					t.Errorf("%s, %s: what was typed is lost", name, lang)
				}
				if !strings.Contains(a.body, `lang="`+lang+`"`) || !strings.Contains(a.body, `aria-invalid="true"`) {
					t.Errorf("%s, %s: the field is not marked, or the page is in another language", name, lang)
				}
			}
		}
	}
}

func TestARefusalIsExplainedWhateverItIsAbout(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v, _ := d.chatting("hello")
	admin := d.asAdmin()
	for name, refused := range map[string]struct {
		a   *answer
		key string
	}{
		"visitor":      {v.post("/chat/SITEKEY/messages", form("client_id", "not an id", "body", "kept")), "message.client"},
		"agent":        {admin.post("/desk/conversations/1/messages", form("client_id", "not an id", "body", "kept")), "message.client"},
		"agent's kind": {admin.post("/desk/conversations/1/messages", form("client_id", "x", "body", "kept", "kind", "secret")), "message.kind"},
	} {
		text := html.UnescapeString(refused.a.status(t, http.StatusUnprocessableEntity).body)
		if !strings.Contains(text, ui.Text(ui.Languages[0], refused.key)) || !strings.Contains(text, "kept") {
			t.Errorf("%s: nothing says %s", name, refused.key)
		}
	}
}

func TestRefusedScriptsAreToldWhy(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v, _ := d.chatting("hello")
	admin := d.asAdmin()
	for _, lang := range ui.Languages {
		for name, a := range map[string]*answer{
			"visitor": v.post("/chat/SITEKEY/messages", form("client_id", "x", "body", strings.Repeat("x", domain.MessageMost+1)), "Accept", "application/json", "Accept-Language", lang),
			"agent":   admin.post("/desk/conversations/1/messages", form("client_id", "x", "body", strings.Repeat("x", domain.MessageMost+1)), "HX-Request", "true", "Accept-Language", lang),
		} {
			var told struct {
				Error  string
				Fields map[string]string
			}
			if err := json.Unmarshal([]byte(a.status(t, http.StatusUnprocessableEntity).body), &told); err != nil {
				t.Fatal(err)
			}
			if want := ui.Text(lang, "message.long", "most", domain.MessageMost); told.Fields["body"] != want || told.Error == "" {
				t.Errorf("%s, %s: %v, want %q", name, lang, told, want)
			}
		}
	}
}

func TestTextsOnRefusedPagesAreFilled(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v, _ := d.chatting("hello")
	admin := d.asAdmin()
	long := strings.Repeat("x", domain.MessageMost+1)
	for name, a := range map[string]*answer{
		"visitor": v.post("/chat/SITEKEY/messages", form("client_id", "x", "body", long)), "agent": admin.post("/desk/conversations/1/messages", form("client_id", "x", "body", long)),
		"site": admin.post("/settings/sites/1", form("name", strings.Repeat("x", 99), "greeting", strings.Repeat("x", 999), "silence", "-1", "domains", "%%")),
		"new":  admin.post("/settings/sites/new", nil), "team": admin.post("/settings/team", form("team", strings.Repeat("x", 99))), "group": admin.post("/settings/groups", nil),
		"agent's place": admin.post("/settings/agents/1", form("maximum", "0", "ceiling", "101")), "invite": admin.post("/settings/invites", nil),
		"profile": admin.post("/settings/profile", nil), "password": admin.post("/settings/password", nil), "login": d.browser().login("", ""),
	} {
		a.status(t, http.StatusUnprocessableEntity)
		if got := unfilled(a.body); len(got) > 0 {
			t.Errorf("%s: %q", name, got)
		}
	}
	admin.post("/desk/maximum", form("maximum", "999")).status(t, http.StatusSeeOther)
	if page := admin.get("/desk"); len(unfilled(page.body)) > 0 {
		t.Errorf("toast: %q", unfilled(page.body))
	}
}

func TestRefusedSettingsKeepWhatWasTyped(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	admin, empty := d.asAdmin(), newDeskAt(t, t.TempDir()+"/parlor.db")
	const typed = "typed by hand"
	for name, a := range map[string]*answer{
		"setup": empty.browser().post("/setup", form("team", typed, "email", "not an address")), "site": admin.post("/settings/sites/1", form("name", typed, "domains", "not a domain/\\")),
		"new site": admin.post("/settings/sites/new", form("name", typed)), "invite": admin.post("/settings/invites", form("name", typed, "scope", "unknown")),
		"agent": admin.post("/settings/agents/1", form("name", typed)), "group": admin.post("/settings/groups", form("name", typed+strings.Repeat("x", 99))),
		"team": admin.post("/settings/team", form("team", typed+strings.Repeat("x", 99))), "profile": admin.post("/settings/profile", form("name", typed+strings.Repeat("x", 99))),
		"login": d.browser().login(typed, "wrong"),
	} {
		if a.status(t, http.StatusUnprocessableEntity); !strings.Contains(a.body, typed) {
			t.Errorf("%s: what was typed is lost", name)
		}
	}
	if d.Directory().Team != "Lanshe" || d.Directory().Agents[d.Admin].Name != "Zhou Yian" || len(d.Directory().Groups) != 1 {
		t.Error("a refused form changed something")
	}
}

func TestR03_AClientIDStandsForOneMessage(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	v, lin := f.visitors[northHeld], f.browsers["lin"]
	const path = "/desk/conversations/1/messages"
	first := v.write("SITEKEY", "same", "once")
	if again := v.write("SITEKEY", "same", "once"); again.ID != first.ID {
		t.Errorf("%d and %d", first.ID, again.ID)
	}
	v.post("/chat/SITEKEY/messages", form("client_id", "same", "body", "something else")).status(t, http.StatusConflict)
	lin.post(path, form("client_id", "same", "body", "of the agent"), "Accept", "application/json").status(t, http.StatusCreated)
	lin.post(path, form("client_id", "same", "body", "something else")).status(t, http.StatusConflict)
	lin.post(path, form("client_id", "same", "body", "of the agent", "kind", "note")).status(t, http.StatusConflict)
	lin.post("/desk/conversations/2/messages", form("client_id", "same", "body", "of the agent", "kind", "note")).status(t, http.StatusConflict)
	for _, client := range []string{"", " ", "a b", "é", strings.Repeat("x", 65), "a\n", "../x", "<b>"} {
		v.post("/chat/SITEKEY/messages", form("client_id", client, "body", "hello")).status(t, http.StatusUnprocessableEntity)
		lin.post(path, form("client_id", client, "body", "hello")).status(t, http.StatusUnprocessableEntity)
	}
	lin.post(path, form("client_id", "kind", "body", "hello", "kind", "secret")).status(t, http.StatusUnprocessableEntity)
	if n := strings.Count(v.get("/chat/SITEKEY/messages").body, ">once<"); n != 1 {
		t.Errorf("the message is there %d times", n)
	}
}

func TestAnEndedConversationTakesNoMoreReplies(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	lin, v := f.browsers["lin"], f.visitors[northHeld]
	v.post("/chat/SITEKEY/closure", nil).status(t, http.StatusSeeOther)
	v.post("/chat/SITEKEY/closure", nil).status(t, http.StatusNotFound)
	a := lin.post("/desk/conversations/1/messages", form("client_id", "late", "body", "too late"), "Accept", "application/json").status(t, http.StatusConflict)
	if !strings.Contains(a.body, ui.Text("zh-CN", "conversation.ended")) {
		t.Errorf("told %s", a.body)
	}
	lin.post("/desk/conversations/1/closure", nil).status(t, http.StatusConflict)
	lin.post("/desk/conversations/1/messages", form("client_id", "note", "body", "still noted", "kind", "note")).status(t, http.StatusSeeOther)
	again := v.write("SITEKEY", "again", "one more thing")
	if c := f.newestConversation(); c != southQueued+1 || again.ID == 0 {
		t.Errorf("writing again went to conversation %d", c)
	}
}

func TestALoserOfARaceIsToldWhoWon(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	path := fmt.Sprintf("/desk/conversations/%d/assignment", northQueued)
	f.browsers["lin"].post(path, nil).status(t, http.StatusSeeOther)
	f.browsers["lin"].post(path, nil).status(t, http.StatusSeeOther)
	for _, lang := range ui.Languages {
		for _, a := range []*answer{
			f.browsers["chen"].post(path, nil, "Accept-Language", lang).status(t, http.StatusConflict),
			f.browsers["chen"].post(path, nil, "Accept-Language", lang, "Accept", "application/json").status(t, http.StatusConflict),
		} {
			if !strings.Contains(a.body, ui.Text(lang, "conversation.taken", "name", "lin")) {
				t.Errorf("%s: %.200s", lang, a.body)
			}
		}
	}
}
