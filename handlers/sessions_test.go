package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"parlor/db"
	"parlor/handlers/web"
)

// with is a browser that sends one session cookie and keeps none.
func (d *desk) with(token string) *browser {
	b := d.browser()
	b.http.Jar = nil
	b.headers = []string{"Cookie", "parlor=" + token}
	return b
}

// in reports whether the browser is signed in.
func (b *browser) in() bool {
	b.d.T.Helper()
	a := b.get("/desk")
	if a.StatusCode != http.StatusOK && a.StatusCode != http.StatusSeeOther {
		b.d.T.Fatalf("the workspace answers %d", a.StatusCode)
	}
	return a.StatusCode == http.StatusOK
}

func TestS10_APlantedSessionNeverBecomesAuthenticated(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const planted = "PLANTEDPLANTEDPLANTEDPLANTEDPLANTEDPLANTED"
	b := d.browser()
	u, _ := url.Parse(b.base)
	b.http.Jar.SetCookies(u, []*http.Cookie{{Name: "parlor", Value: planted}})
	b.login(adminEmail, password).status(t, http.StatusSeeOther)
	if token := b.cookie("parlor"); token == planted || len(token) < 22 { // 22 characters of base64 hold 128 bits
		t.Errorf("token after signing in: %q", token)
	}
	if d.with(planted).in() {
		t.Error("the planted session is signed in")
	}
}

func TestS10_SigningInAgainMakesANewToken(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.asAdmin()
	first := b.cookie("parlor")
	b.login(adminEmail, password).status(t, http.StatusSeeOther)
	if b.cookie("parlor") == first || d.with(first).in() || !b.in() {
		t.Error("the token of before is still good")
	}
}

func TestS11_CookieAttributes(t *testing.T) {
	t.Parallel()
	secure := func(c *web.Config) { c.Base = &url.URL{Scheme: "https", Host: "chat.example.com"} }
	for base, adjust := range map[string]func(*web.Config){"http": func(*web.Config) {}, "https": secure} {
		d := newDesk(t, adjust)
		b := d.browser()
		b.headers = []string{"Host", d.app.Config.Base.Host}
		b.base = d.srv.URL
		for name, a := range map[string]*answer{
			"parlor":          b.post("/login", form("email", adminEmail, "password", password), "Origin", d.app.Config.Base.String()),
			"visitor-SITEKEY": b.post("/chat/SITEKEY/messages", form("client_id", "first", "body", "hello"), "Origin", d.app.Config.Base.String()),
		} {
			sent := a.status(t, http.StatusSeeOther).Cookies()
			if len(sent) != 1 {
				t.Fatalf("%s %s: cookies %v", base, name, sent)
			}
			c, visitor := sent[0], name != "parlor"
			if base == "https" {
				name = "__Host-" + name
			}
			if c.Name != name || !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.Secure != (base == "https") {
				t.Errorf("%s: %s", base, c.Raw)
			}
			if inFrame := visitor && base == "https"; inFrame != (c.SameSite == http.SameSiteNoneMode) || inFrame != c.Partitioned {
				t.Errorf("%s: %s", base, c.Raw)
			}
			if !(visitor && base == "https") && c.SameSite != http.SameSiteLaxMode {
				t.Errorf("%s: %s", base, c.Raw)
			}
		}
	}
}

func TestS11_SessionsEndWhenIdleAndForGood(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	idle, used := d.asAdmin(), d.asAdmin()
	d.Clock.Advance(db.SessionIdle - time.Minute)
	if !used.in() {
		t.Error("a session ended too early")
	}
	d.Clock.Advance(2 * time.Minute)
	if idle.in() || !used.in() {
		t.Error("an idle session goes on, or a used one does not")
	}
	for left := web.SessionLife; left > 0; left -= db.SessionIdle / 2 {
		d.Clock.Advance(db.SessionIdle / 2)
		used.get("/desk")
	}
	if used.in() {
		t.Error("a session in use never ends")
	}
}

func TestS11_AStreamDoesNotKeepASessionAlive(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.asAdmin()
	d.Clock.Advance(db.SessionIdle - time.Minute)
	s := b.listen("/desk/live").ready()
	d.Clock.Advance(2 * time.Minute)
	if b.in() {
		t.Error("opening a stream kept the session alive")
	}
	if err := d.RenameTeam(d.As(d.Admin), "Another name"); err != nil {
		t.Fatal(err)
	}
	s.ended(5 * time.Second)
}

func TestS12_TheFileHoldsOnlyHashesOfTokens(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.asAdmin()
	visitor := b.write("SITEKEY", "first", "hello").Token
	link := b.post("/settings/invites", form("name", "Lin", "role", fmt.Sprint(d.roleID("agent")), "scope", "self", "groups", "1"))
	_, rest, _ := strings.Cut(link.status(t, http.StatusOK).body, "/join/")
	invite, _, _ := strings.Cut(rest, "<")
	for name, token := range map[string]string{"session": b.cookie("parlor"), "visitor": visitor, "invitation": invite, "password": password} {
		if len(token) < 20 {
			t.Fatalf("%s %q is not there", name, token)
		}
		for _, file := range []string{d.Path, d.Path + "-wal"} {
			stored, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(stored), token) {
				t.Errorf("%s is in %s in clear", name, file)
			}
		}
	}
}
