package e2e

import (
	"net/http"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

// cookies names the cookies the browser holds.
func (p *person) cookies() (names []string) {
	p.t.Helper()
	for _, c := range p.jar() {
		names = append(names, c.Name)
	}
	return names
}

func (p *person) jar() []*network.Cookie {
	p.t.Helper()
	got, err := chromedp.CallBrowser(chrome, storage.GetCookies, storage.GetCookiesParams{BrowserContextID: p.context})
	if err != nil {
		p.t.Fatal(err)
	}
	return got.Cookies
}

// client speaks to the server as the person's browser would, beside it.
func (p *person) client(s *server) *client {
	p.t.Helper()
	c := s.client()
	for _, k := range p.jar() {
		c.http.Jar.SetCookies(c.urls, []*http.Cookie{{Name: k.Name, Value: k.Value, Path: "/"}})
	}
	return c
}

// setCookie gives the browser a cookie of the server.
func (p *person) setCookie(s *server, name, value string) {
	p.t.Helper()
	p.cookie(&network.CookieParam{Name: name, Value: value, URL: s.base})
}

// dropCookie forgets one cookie, as a browser does when its time is over.
func (p *person) dropCookie(s *server, name string) {
	p.t.Helper()
	p.cookie(&network.CookieParam{Name: name, URL: s.base, Expires: 1})
	if slices.Contains(p.cookies(), name) {
		p.t.Fatalf("the cookie %s is still there", name)
	}
}

func (p *person) cookie(c *network.CookieParam) {
	p.t.Helper()
	_, err := chromedp.CallBrowser(chrome, storage.SetCookies, storage.SetCookiesParams{BrowserContextID: p.context, Cookies: []*network.CookieParam{c}})
	if err != nil {
		p.t.Fatal(err)
	}
}

// become makes a person's browser somebody else's: nobody's for "".
func (p *person) become(s *server, cookie string) {
	p.t.Helper()
	for _, name := range p.cookies() {
		if name == "parlor" || strings.HasPrefix(name, "visitor-") {
			p.dropCookie(s, name)
		}
	}
	if name, value, ok := strings.Cut(cookie, "="); ok {
		p.setCookie(s, name, value)
	}
}
