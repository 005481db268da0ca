package handlers_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"parlor/handlers/web"
)

func TestS07_AForgedHostChangesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(c *web.Config) { c.Base = &url.URL{Scheme: "https", Host: "chat.example.com"} })
	b := d.browser()
	for _, host := range []string{"evil.example", "chat.example.com.evil.example", "evil.example:443", "chat.example.com:8080", "127.0.0.1", "localhost", "[::1]", "chat.example.com@evil.example"} {
		for _, path := range []string{"/login", "/setup", "/widget.js?site=SITEKEY", "/chat/SITEKEY", "/static/x", "/no/such/page"} {
			a := b.get(path, "Host", host).status(t, http.StatusMisdirectedRequest)
			if strings.Contains(a.body, "evil") {
				t.Errorf("%s of %s repeats the host", path, host)
			}
		}
	}
	for name, value := range map[string]string{"X-Forwarded-Host": "evil.example", "X-Original-Host": "evil.example", "Forwarded": "host=evil.example", "X-Forwarded-Proto": "ftp"} {
		for _, path := range []string{"/widget.js?site=SITEKEY", "/login", "/chat/SITEKEY", "/desk"} {
			a := b.get(path, "Host", "chat.example.com", name, value)
			if strings.Contains(a.body+a.Header.Get("Location"), "evil") {
				t.Errorf("%s repeats %s", path, name)
			}
		}
	}
	loader := b.get("/widget.js?site=SITEKEY", "Host", "chat.example.com")
	if !strings.Contains(loader.body, `"base":"https://chat.example.com"`) {
		t.Errorf("the loader does not lead to the configured address: %.200s", loader.body)
	}
}

func TestS07_LoopbackHasSeveralNames(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	port := d.app.Config.Base.Port()
	for host, want := range map[string]int{
		"localhost:" + port: 200, "127.0.0.1:" + port: 200, "[::1]:" + port: 200, "localhost": 421, "localhost:1": 421, "10.0.0.1:" + port: 421,
	} {
		if got := d.browser().get("/login", "Host", host).StatusCode; got != want {
			t.Errorf("%s: %d, want %d", host, got, want)
		}
	}
}

// seenFrom is the address that agents are shown for a visitor who writes with
// the given headers.
func seenFrom(d *desk, headers ...string) string {
	d.T.Helper()
	v := d.browser()
	v.write("SITEKEY", "first", "hello", headers...)
	c, err := d.Conversation(d.As(d.Admin), d.newestConversation())
	if err != nil {
		d.T.Fatal(err)
	}
	visit, err := d.VisitOf(c)
	if err != nil {
		d.T.Fatal(err)
	}
	return visit.IP
}

func TestS57_ForwardedAddressesCountFromTrustedProxiesAlone(t *testing.T) {
	t.Parallel()
	forged := []string{"X-Forwarded-For", "203.0.113.9", "X-Real-IP", "203.0.113.9", "Forwarded", "for=203.0.113.9", "CF-Connecting-IP", "203.0.113.9", "True-Client-IP", "203.0.113.9"}
	if got := seenFrom(newDesk(t), forged...); got != "127.0.0.1" {
		t.Errorf("nobody is trusted, and the visitor is at %s", got)
	}
	other := func(c *web.Config) { c.Proxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} }
	if got := seenFrom(newDesk(t, other), forged...); got != "127.0.0.1" {
		t.Errorf("another proxy is trusted, and the visitor is at %s", got)
	}
	trusted := newDesk(t, behind)
	for header, want := range map[string]string{
		"203.0.113.9": "203.0.113.9", "6.6.6.6, 203.0.113.9": "203.0.113.9", "6.6.6.6, 203.0.113.9, 127.0.0.1": "203.0.113.9",
		"2001:db8::7": "2001:db8::7", "::ffff:203.0.113.9": "203.0.113.9", "garbage": "127.0.0.1", "<script>": "127.0.0.1", "fe80::1%eth0": "127.0.0.1",
		"127.0.0.1": "127.0.0.1", "10.0.0.1, 192.168.0.1": "192.168.0.1",
	} {
		if got := seenFrom(trusted, "X-Forwarded-For", header, "X-Real-IP", "6.6.6.6"); got != want {
			t.Errorf("X-Forwarded-For: %s is seen as %q, want %s", header, got, want)
		}
	}
}

func TestMetricsAreForConfiguredAddressesAlone(t *testing.T) {
	t.Parallel()
	here := newDesk(t)
	here.browser().get("/metrics").status(t, http.StatusOK)
	for _, header := range []string{"X-Forwarded-For", "Forwarded"} {
		here.browser().get("/metrics", header, "127.0.0.1").status(t, http.StatusNotFound)
	}
	elsewhere := newDesk(t, func(c *web.Config) { c.MetricsFrom = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} })
	elsewhere.browser().get("/metrics").status(t, http.StatusNotFound)
	elsewhere.browser().get("/metrics", "X-Forwarded-For", "192.0.2.1").status(t, http.StatusNotFound)
}
