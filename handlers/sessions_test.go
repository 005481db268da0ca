package handlers_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"parlor/db"
	"parlor/domain"
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

// sessionEnds are the ways in which a browser is signed out.
var sessionEnds = map[string]func(*floor){
	"logout": func(f *floor) { f.browsers["chen"].post("/logout", nil).status(f.T, http.StatusSeeOther) },
	"password": func(f *floor) {
		f.browsers["chen"].post("/settings/password", form("current", password, "password", "another good one")).status(f.T, http.StatusSeeOther)
	},
	"deactivation": func(f *floor) {
		f.browsers["admin"].post(fmt.Sprintf("/settings/agents/%d", f.chen), form("name", "chen", "role", fmt.Sprint(f.roleID("supervisor")),
			"scope", "groups", "scope_in", "1", "groups", "1", "maximum", "8", "ceiling", "20")).status(f.T, http.StatusSeeOther)
	},
	"role": func(f *floor) {
		if err := f.place(f.chen, func(a *domain.Agent) { a.Role = f.roleID("agent") }); err != nil {
			f.T.Fatal(err)
		}
	},
}

func TestS13_TheOldCookieIsDeadAtOnce(t *testing.T) {
	t.Parallel()
	for name, end := range sessionEnds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFloor(t)
			old := f.with(f.browsers["chen"].cookie("parlor"))
			if !old.in() {
				t.Fatal("not signed in to begin with")
			}
			under := f.begin(old, "/settings/profile", "name=Revived")
			note := f.begin(old, "/desk/conversations/1/messages", "client_id=late&kind=note&body=too+late")
			end(f)
			if old.in() {
				t.Error("the old cookie still works")
			}
			for what, finish := range map[string]func() int{"a profile": under, "a note": note} {
				if code := finish(); code < 400 && code != http.StatusSeeOther {
					t.Errorf("%s whose request began before was answered %d", what, code)
				}
			}
			if old.in() {
				t.Error("a request under way revived the session")
			}
			if got := f.Directory().Agents[f.chen].Name; got != "chen" {
				t.Error("a request under way still changed the profile")
			}
			if body := f.browsers["lin"].get("/desk/conversations/1").body; strings.Contains(body, "too late") {
				t.Error("a request under way still left a note")
			}
		})
	}
}

// begin starts a form post and holds its last byte back until finish is called.
func (f *floor) begin(b *browser, path, body string) (finish func() int) {
	f.T.Helper()
	host := f.srv.Listener.Addr().String()
	c, err := net.Dial("tcp", host)
	if err != nil {
		f.T.Fatal(err)
	}
	f.T.Cleanup(func() { c.Close() })
	fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nCookie: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
		path, host, b.base, b.headers[1], len(body), body[:len(body)-1])
	time.Sleep(50 * time.Millisecond) // the handler is now waiting for the rest
	return func() int {
		fmt.Fprint(c, body[len(body)-1:])
		r, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			f.T.Fatal(err)
		}
		return r.StatusCode
	}
}

func TestS15_NothingOfAnAgentsPagesIsKept(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	admin := f.browsers["admin"]
	for _, r := range allRoutes() {
		if r.Method != http.MethodGet || r.Access == "public" || r.Path == "/desk/live" {
			continue
		}
		for _, id := range []string{"1", "999"} {
			a := admin.get(at(r.Path, id))
			if !strings.Contains(a.Header.Get("Cache-Control"), "no-store") {
				t.Errorf("%s: Cache-Control %q", r.Path, a.Header.Get("Cache-Control"))
			}
		}
	}
	s := f.live("admin")
	if got := s.answer.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("stream: Cache-Control %q", got)
	}
	bye := admin.post("/logout", nil).status(t, http.StatusSeeOther)
	if got := bye.Header.Get("Clear-Site-Data"); !strings.Contains(got, `"cache"`) || !strings.Contains(got, `"storage"`) {
		t.Errorf("Clear-Site-Data %q", got)
	}
	if admin.cookie("parlor") != "" {
		t.Error("the browser keeps the cookie")
	}
}
