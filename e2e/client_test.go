package e2e

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
)

// client speaks to the server without a browser, with cookies of its own. It
// follows no redirects.
type client struct {
	s    *server
	http *http.Client
	urls *url.URL // whose cookies it holds
}

func (s *server) client() *client {
	jar, _ := cookiejar.New(nil) // cannot fail without options
	base, err := url.Parse(s.base)
	if err != nil {
		s.t.Fatal(err)
	}
	return &client{s: s, urls: base, http: &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: direct{s.addr},
	}}
}

// direct sends every request to one address, whatever its URL names.
type direct struct{ addr string }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	to := r.Clone(r.Context())
	to.Host, to.URL.Host = r.URL.Host, d.addr
	return http.DefaultTransport.RoundTrip(to)
}

// post submits a form as a page of this server would and returns status and
// body. Fields are names and values by turns.
func (c *client) post(path string, fields ...string) (int, string) {
	c.s.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	r, err := http.NewRequest(http.MethodPost, c.s.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		c.s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", c.s.base)
	if strings.HasSuffix(path, "/messages") {
		r.Header.Set("Accept", "application/json")
	}
	return c.do(r)
}

func (c *client) get(path string) (int, string) {
	c.s.t.Helper()
	r, err := http.NewRequest(http.MethodGet, c.s.base+path, nil)
	if err != nil {
		c.s.t.Fatal(err)
	}
	return c.do(r)
}

func (c *client) do(r *http.Request) (int, string) {
	c.s.t.Helper()
	response, err := c.http.Do(r)
	if err != nil {
		c.s.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		c.s.t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// must posts a form that has to be accepted and returns the body.
func (c *client) must(path string, fields ...string) string {
	c.s.t.Helper()
	status, body := c.post(path, fields...)
	if status >= 400 {
		c.s.t.Fatalf("POST %s: %d\n%.400s", path, status, body)
	}
	return body
}

const (
	password  = "porcelain-waves-7"
	agentRole = "3" // the role with which one answers customers and manages nothing
)

// account is an agent with a session.
type account struct {
	*client
	name, email string
}

var (
	siteKey  = regexp.MustCompile(`widget\.js\?site=(\w+)`)
	joinLink = regexp.MustCompile(`/join/(\w+)`)
)

// setUp makes team, administrator and a site that pages of any of this
// machine's ports may embed, and signs the administrator in.
func (s *server) setUp() account {
	s.t.Helper()
	a := account{s.client(), "Zhou", "zhou@lanshe.example"}
	a.must("/setup", "team", "Lanshe", "name", a.name, "email", a.email, "password", password, "site", "localhost")
	_, body := a.get("/settings/sites/1?fresh=1")
	found := siteKey.FindStringSubmatch(body)
	if found == nil {
		s.t.Fatalf("no script tag on the page after the setup:\n%.400s", body)
	}
	s.key = found[1]
	a.must("/settings/sites/1", "name", "Lanshe shop", "domains", "localhost\n127.0.0.1", "group", "1", "brand", "cobalt", "side", "right", "silence", "30")
	a.get("/settings/sites/1") // takes the note that it was saved
	return a
}

// hire invites a colleague into the first group, who joins and is on duty.
func (a account) hire(name, scope string) account {
	return a.hireInto(name, scope, "1")
}

// hireInto invites a colleague into one group, or into none.
func (a account) hireInto(name, scope, group string) account {
	a.s.t.Helper()
	fields := []string{"name", name, "role", agentRole, "scope", scope}
	if group != "" {
		fields = append(fields, "groups", group)
	}
	made := a.must("/settings/invites", fields...)
	found := joinLink.FindStringSubmatch(html.UnescapeString(made))
	if found == nil {
		a.s.t.Fatalf("no invitation link:\n%.400s", made)
	}
	b := account{a.s.client(), name, strings.ToLower(name) + "@lanshe.example"}
	b.must("/join/"+found[1], "name", name, "email", b.email, "password", password)
	return b
}

// posted is the answer to a message.
type posted struct {
	ID     int64  `json:"id"`
	Client string `json:"client_id"`
}

var clients atomic.Int64

// newClientID is a message id as a page would choose one.
func newClientID() string { return fmt.Sprintf("e2e-%d", clients.Add(1)) }

func (c *client) message(path, body string, more ...string) posted {
	c.s.t.Helper()
	answer := c.must(path, append([]string{"client_id", newClientID(), "body", body}, more...)...)
	var p posted
	if err := json.Unmarshal([]byte(answer), &p); err != nil {
		c.s.t.Fatalf("%v: %s", err, answer)
	}
	return p
}

// say writes as a visitor.
func (c *client) say(body string) posted {
	c.s.t.Helper()
	return c.message("/chat/"+c.s.key+"/messages", body)
}

// reply answers as an agent; kind is text or note.
func (a account) reply(conversation int, body, kind string) posted {
	a.s.t.Helper()
	return a.message(fmt.Sprintf("/desk/conversations/%d/messages", conversation), body, "kind", kind)
}
