package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"parlor/handlers"
	"parlor/handlers/live"
)

func TestS43_TheVisitorsTokenIsToldOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v, first := d.chatting("hello")
	token := v.cookie("visitor-SITEKEY")
	if first.Token != token || len(token) < 26 { // 26 characters of base32 hold 130 bits
		t.Fatalf("token %q, cookie %q", first.Token, token)
	}
	if again := v.write("SITEKEY", "second", "more"); again.Token != "" {
		t.Error("the token is told again")
	}
	for path, a := range map[string]*answer{
		"page": v.get("/chat/SITEKEY"), "frame": v.get("/chat/SITEKEY?embed=1"), "messages": v.get("/chat/SITEKEY/messages"), "state": v.get("/chat/SITEKEY/state"),
		"unread": v.get("/chat/SITEKEY/unread"), "loader": v.get("/widget.js?site=SITEKEY"), "form": v.post("/chat/SITEKEY/messages", form("client_id", "third", "body", "x")),
		"fragment": v.post("/chat/SITEKEY/messages", form("client_id", "fourth", "body", "x"), "HX-Request", "true"),
		"agent":    d.asAdmin().get("/desk/conversations/1"),
	} {
		if strings.Contains(a.body, token) || strings.Contains(a.Header.Get("Location"), token) || len(a.Header["Set-Cookie"]) > 0 {
			t.Errorf("%s holds the token", path)
		}
	}
}

func TestS43_ABrowserThatBlocksCookiesStillChats(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	_, first := d.chatting("hello")
	blocked := d.browser()
	blocked.http.Jar, blocked.headers = nil, []string{"X-Parlor-Visitor", first.Token}
	blocked.write("SITEKEY", "second", "without a cookie")
	s := blocked.listen(after(first.Event)).ready()
	s.saying("without a cookie")
	if page := blocked.get("/chat/SITEKEY"); !strings.Contains(page.body, "hello") {
		t.Error("the thread is not there")
	}
}

func TestS24_AVisitorsThreadNeedsTheVisitorsToken(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	token := f.visitors[northHeld].cookie("visitor-SITEKEY")
	for _, stolen := range []string{"", "1", "0", token[1:], strings.ToLower(token), token + "A", "%", "' OR 1=1 --", "visitor-1"} {
		b := f.browser()
		b.headers = []string{"X-Parlor-Visitor", stolen, "Cookie", "visitor-SITEKEY=" + stolen}
		for _, tail := range []string{"", "/messages", "/messages?after=1", "/messages?before=999", "/state", "?conversation=1"} {
			if strings.Contains(b.get("/chat/SITEKEY"+tail).body, "words of") {
				t.Errorf("%q opens %s", stolen, tail)
			}
		}
		b.get("/chat/SITEKEY/live").status(t, http.StatusNotFound)
		b.post("/chat/SITEKEY/closure", nil).status(t, http.StatusNotFound)
		b.post("/chat/SITEKEY/read", form("upto", "99")).status(t, http.StatusNotFound)
	}
	elsewhere := f.browser() // the token of one site is nobody on another
	elsewhere.headers = []string{"X-Parlor-Visitor", token}
	if strings.Contains(elsewhere.get("/chat/SOUTHKEY").body, "words of") {
		t.Error("the token opens a thread of another site")
	}
	elsewhere.get("/chat/SOUTHKEY/live").status(t, http.StatusNotFound)
}

func TestUnknownSitesAreNotThere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, r := range handlers.Routes(d.app, live.New()) {
		if !strings.HasPrefix(r.Path, "/chat/") {
			continue
		}
		for _, key := range []string{"NOSUCHKEY", "sitekey", "1", "%20", "SITEKEY%00", "%ff", "..%2fSITEKEY"} {
			if got := d.browser().send(r.Method, at(r.Path, key), "").StatusCode; got != http.StatusNotFound {
				t.Errorf("%s %s: %d", r.Method, at(r.Path, key), got)
			}
		}
	}
	d.browser().get("/widget.js").status(t, http.StatusNotFound)
	d.browser().get("/widget.js?site=NOSUCHKEY").status(t, http.StatusNotFound)
}
