package handlers_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"parlor/handlers/web"
	"parlor/static"
)

// everywhere are requests for every kind of response there is.
func everywhere(d *desk) map[string]*answer {
	d.T.Helper()
	v, _ := d.chatting("hello")
	admin, stranger := d.asAdmin(), d.browser()
	huge := form("client_id", "huge", "body", strings.Repeat("x", 300<<10))
	all := map[string]*answer{
		"page": admin.get("/desk/conversations/1"), "fragment": admin.get("/desk/conversations/1", "HX-Request", "true"), "region": admin.get("/desk/inbox"),
		"queue": admin.get("/queue"), "settings": admin.get("/settings/sites/1"), "redirect": admin.get("/"), "door": stranger.get("/desk"),
		"login": stranger.get("/login"), "refused login": stranger.login(adminEmail, "wrong"), "gone": stranger.get("/setup"),
		"not found": stranger.get("/no/such/page"), "not found JSON": stranger.get("/no/such/page", "Accept", "application/json"),
		"signed out": stranger.post("/desk/status", nil), "refused origin": stranger.post("/login", nil, "Origin", "https://evil.example"),
		"method": stranger.send("DELETE", "/login", ""), "options": stranger.send("OPTIONS", "/login", ""), "trace": stranger.send("TRACE", "/login", ""),
		"too large": v.post("/chat/SITEKEY/messages", huge), "malformed": v.send("POST", "/chat/SITEKEY/messages", "body=%zz"), "refused form": v.post("/chat/SITEKEY/messages", nil),
		"wrong host": stranger.get("/login", "Host", "evil.example"), "visitor's page": v.get("/chat/SITEKEY"), "visitor's fragment": v.get("/chat/SITEKEY/messages"),
		"visitor's state": v.get("/chat/SITEKEY/state"), "unread": v.get("/chat/SITEKEY/unread"), "no such site": v.get("/chat/NOSUCHKEY"), "loader": v.get("/widget.js?site=SITEKEY"),
		"stylesheet": v.get(static.URL(static.App)), "no such file": v.get("/static/x/nothing.css"), "directory": v.get("/static/"), "traversal": v.get("/static/x/..%2f..%2fgo.mod"),
		"health": stranger.get("/healthz"), "ready": stranger.get("/readyz"), "metrics": stranger.get("/metrics"), "head": stranger.send("HEAD", "/login", ""),
	}
	s := v.listen("/chat/SITEKEY/live").ready()
	all["stream"] = &answer{Response: s.answer}
	return all
}

var directive = regexp.MustCompile(`^[a-z-]+( ('none'|'self'|https?:|data:|https?://[a-z0-9.*:-]+))*$`)

func TestS37_S39_HeadersOnEveryResponse(t *testing.T) {
	t.Parallel()
	for name, a := range everywhere(newDesk(t)) {
		policy := a.Header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "object-src 'none'", "base-uri 'none'", "form-action 'self'"} {
			if !strings.Contains(policy+";", part+";") {
				t.Errorf("%s: no %s in %q", name, part, policy)
			}
		}
		for d := range strings.SplitSeq(policy, ";") {
			if !directive.MatchString(strings.TrimSpace(d)) || (strings.Contains(d, "data:") && !strings.Contains(d, "img-src")) {
				t.Errorf("%s: %q in the policy", name, d)
			}
		}
		if framed := name == "visitor's page" || name == "refused form"; framed == strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: %s", name, policy)
		}
		if a.Header.Get("X-Content-Type-Options") != "nosniff" || a.Header.Get("Referrer-Policy") == "" || a.Header.Get("Cross-Origin-Resource-Policy") == "" {
			t.Errorf("%s: headers %v", name, a.Header)
		}
		if values := a.Header["Content-Security-Policy"]; len(values) != 1 {
			t.Errorf("%s: %d policies", name, len(values))
		}
		if a.StatusCode >= 500 {
			t.Errorf("%s: %d", name, a.StatusCode)
		}
		for _, leak := range []string{"goroutine ", ".go:", "sqlite", "SQL"} {
			if strings.Contains(a.body, leak) && name != "stylesheet" && name != "loader" {
				t.Errorf("%s tells of %q", name, leak)
			}
		}
	}
}

func TestS39_StatusOfWhatIsNotServed(t *testing.T) {
	t.Parallel()
	all := everywhere(newDesk(t))
	for name, want := range map[string]int{
		"trace": 404, "method": 404, "directory": 404, "traversal": 404, "no such file": 404, "no such site": 404, "gone": 404, "not found": 404,
		"too large": 413, "malformed": 400, "refused form": 422, "refused origin": 403, "wrong host": 421, "signed out": 401, "door": 303,
	} {
		if got := all[name].StatusCode; got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
}

func TestS39_StrictTransportSecurityWithTLS(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(c *web.Config) { c.Base = &url.URL{Scheme: "https", Host: "chat.example.com"} })
	for _, path := range []string{"/login", "/no/such/page", "/static/x", "/widget.js?site=SITEKEY"} {
		if got := d.browser().get(path, "Host", "chat.example.com").Header.Get("Strict-Transport-Security"); got != "max-age=31536000" {
			t.Errorf("%s: %q", path, got)
		}
	}
	if got := newDesk(t).browser().get("/login").Header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("without TLS: %q", got)
	}
}

func TestS40_OnlyTheSitesOwnPagesFrameTheChat(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.site("OWNKEY", d.Group, "shop.example", "*.shop.example", "localhost:8000")
	for key, want := range map[string]string{
		"SITEKEY": "frame-ancestors 'self' http: https:",
		"OWNKEY": "frame-ancestors 'self' https://shop.example http://shop.example https://*.shop.example http://*.shop.example" +
			" https://localhost:8000 http://localhost:8000",
	} {
		for _, path := range []string{"/chat/" + key, "/chat/" + key + "?embed=1"} {
			a := d.browser().get(path)
			_, got, _ := strings.Cut(a.Header.Get("Content-Security-Policy"), "object-src 'none'; ")
			if got != want {
				t.Errorf("%s: %q, want %q", path, got, want)
			}
			if a.Header.Get("X-Frame-Options") != "" {
				t.Errorf("%s: X-Frame-Options would forbid what the policy allows", path)
			}
		}
	}
}

func TestS41_OnlyTheSitesOwnPagesReadTheUnreadCount(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.site("OWNKEY", d.Group, "shop.example", "*.cdn.example")
	for origin, allowed := range map[string]bool{
		"https://shop.example": true, "http://shop.example": true, "https://a.cdn.example": true,
		"https://shop.example.evil.example": false, "https://evilshop.example": false, "https://sub.shop.example": false, "https://shop.example:8443": false,
		"https://cdn.example": false, "https://evilcdn.example": false, "null": false, "": false, "file://": false, "shop.example": false, "https://": false,
		"https://shop.example@evil.example": false, "javascript://shop.example": false, "https://evil.example/shop.example": false,
	} {
		a := d.browser().get("/chat/OWNKEY/unread", "Origin", origin).status(t, http.StatusOK)
		got := a.Header.Get("Access-Control-Allow-Origin")
		if allowed != (got == origin && got != "") || (!allowed && got != "") || allowed != (a.Header.Get("Access-Control-Allow-Credentials") == "true") {
			t.Errorf("%q: allowed %q", origin, got)
		}
		if !strings.Contains(strings.Join(a.Header.Values("Vary"), ","), "Origin") {
			t.Errorf("%q: the answer does not vary by origin", origin)
		}
	}
	any := d.browser().get("/chat/SITEKEY/unread", "Origin", "null")
	if got := any.Header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("a page without an origin may read the count: %q", got)
	}
}

func TestS41_NothingElseIsForOtherOrigins(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v, _ := d.chatting("hello")
	admin := d.asAdmin()
	for _, r := range allRoutes() {
		if r.Method != http.MethodGet || strings.HasSuffix(r.Path, "/unread") || strings.HasSuffix(r.Path, "/live") {
			continue
		}
		path := strings.ReplaceAll(at(r.Path, "1"), "/chat/1", "/chat/SITEKEY")
		for _, b := range []*browser{v, admin} {
			for name := range b.get(path, "Origin", "https://shop.example").Header {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("%s has %s", path, name)
				}
			}
		}
	}
}

func TestS44_ChangesNeedAPageOfThisServer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v, _ := d.chatting("hello")
	admin, stranger := d.asAdmin(), d.browser()
	foreign := map[string][]string{
		"cross-site": {"Sec-Fetch-Site", "cross-site"}, "same-site": {"Sec-Fetch-Site", "same-site"}, "other origin": {"Origin", "https://evil.example"},
		"null": {"Origin", "null"}, "other port": {"Origin", "http://127.0.0.1:1"}, "both": {"Sec-Fetch-Site", "cross-site", "Origin", d.srv.URL},
	}
	post := func(b *browser, method, path string, headers []string) int {
		r := b.request(method, path, "status=away&email="+adminEmail+"&password="+url.QueryEscape(password), headers...)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return b.do(r).StatusCode
	}
	for _, r := range allRoutes() {
		if r.Method == http.MethodGet {
			continue
		}
		path := strings.ReplaceAll(at(r.Path, "1"), "/chat/1", "/chat/SITEKEY")
		for name, headers := range foreign {
			for _, b := range []*browser{admin, v, stranger} {
				if got := post(b, r.Method, path, headers); got != http.StatusForbidden {
					t.Errorf("%s %s from %s: %d", r.Method, path, name, got)
				}
			}
		}
		if got := post(admin, r.Method, path, nil); r.Access != "public" && got != http.StatusForbidden {
			t.Errorf("%s %s with a cookie and no word on where it comes from: %d", r.Method, path, got)
		}
	}
	if got := post(admin, "POST", "/desk/status", []string{"Sec-Fetch-Site", "same-origin"}); got != http.StatusSeeOther {
		t.Errorf("a page of this server is refused: %d", got)
	}
}

func TestStaticFilesAreCachedByContent(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for path, want := range map[string]string{static.URL(static.App): "public, max-age=31536000, immutable", "/static/0000/" + static.App: "no-cache"} {
		a := d.browser().get(path).status(t, http.StatusOK)
		if got := a.Header.Get("Cache-Control"); got != want {
			t.Errorf("%s: %q", path, got)
		}
	}
}

func TestR29_APanicEndsOneRequestAlone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.serve.(*echo.Echo).GET("/panic", func(echo.Context) error { panic("a secret of the program") })
	a := d.browser().get("/panic").status(t, http.StatusInternalServerError)
	if strings.Contains(a.body, "secret") || strings.Contains(a.body, "goroutine") || !strings.Contains(a.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("%v %s", a.Header, a.body)
	}
	d.asAdmin().get("/desk").status(t, http.StatusOK)
}
