// Package team fills a fresh desk with people over HTTP, the way browsers do.
package team

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Team is a desk whose administrator is signed in.
type Team struct {
	Addr  string // host:port
	Key   string // of its one site
	Admin Agent
	http  *http.Client
}

// Agent is someone signed in.
type Agent struct {
	ID     int64
	Cookie string // value of the Cookie header
}

// Visitor is a browser that has written once.
type Visitor struct {
	Token string
	Event int64 // of the first message
}

const (
	password  = "six quiet herons wade"
	firstRole = 3   // the role of an ordinary agent in a fresh file
	MostOpen  = 100 // conversations an agent may hold at most
)

func client() *http.Client {
	return &http.Client{
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

var siteKey = regexp.MustCompile(`widget\.js\?site=([A-Za-z0-9]+)`)

// New makes the first team of a fresh desk.
func New(addr string) (*Team, error) {
	t := &Team{Addr: addr, Admin: Agent{ID: 1}, http: client()}
	r, _, err := t.Post("", "/setup", url.Values{
		"team": {"Lanshe"}, "name": {"Zhou Yian"}, "email": {"zhou@lanshe.example"}, "password": {password}, "site": {"Shop"},
	})
	if err != nil {
		return nil, err
	}
	t.Admin.Cookie = session(r)
	_, page, err := t.do("GET", "Cookie", t.Admin.Cookie, r.Header.Get("Location"), nil)
	if err != nil {
		return nil, err
	}
	found := siteKey.FindSubmatch(page)
	if found == nil {
		return nil, fmt.Errorf("no script tag on the site's page")
	}
	t.Key = string(found[1])
	return t, nil
}

func session(r *http.Response) string {
	for _, c := range r.Cookies() {
		if c.Name == "parlor" {
			return c.Name + "=" + c.Value
		}
	}
	return ""
}

var joinLink = regexp.MustCompile(`/join/[A-Za-z0-9]+`)

// Agent invites, signs in and gives as much room as there is to the n-th
// agent after the administrator, who sees the work of the only group.
func (t *Team) Agent(n int) (Agent, error) {
	place := url.Values{
		"name": {fmt.Sprintf("Agent %d", n)}, "role": {strconv.Itoa(firstRole)}, "scope": {"groups"}, "groups": {"1"}, "scope_in": {"1"},
	}
	_, page, err := t.Post(t.Admin.Cookie, "/settings/invites", place)
	if err != nil {
		return Agent{}, err
	}
	r, _, err := t.Post("", string(joinLink.Find(page)), url.Values{
		"name": place["name"], "email": {fmt.Sprintf("agent%d@lanshe.example", n)}, "password": {password},
	})
	if err != nil {
		return Agent{}, err
	}
	a := Agent{ID: t.Admin.ID + int64(n), Cookie: session(r)}
	return a, t.Raise(a, place)
}

// Raise lets an agent hold as many conversations as the product allows.
func (t *Team) Raise(a Agent, place url.Values) error {
	most := strconv.Itoa(MostOpen)
	place.Set("maximum", most)
	place.Set("ceiling", most)
	place.Set("active", "1")
	_, _, err := t.Post(t.Admin.Cookie, fmt.Sprintf("/settings/agents/%d", a.ID), place)
	return err
}

// RaiseAdmin lets the administrator hold as much.
func (t *Team) RaiseAdmin() error {
	return t.Raise(t.Admin, url.Values{"name": {"Zhou Yian"}, "role": {"1"}, "scope": {"all"}, "groups": {"1"}})
}

// Visitor writes a first message from a new browser.
func (t *Team) Visitor(text string) (Visitor, error) {
	form := message("first", text)
	form.Set("page", "https://shop.example/")
	form.Set("title", "Shop")
	_, body, err := t.Post("", "/chat/"+t.Key+"/messages", form)
	if err != nil {
		return Visitor{}, err
	}
	var v Visitor
	return v, json.Unmarshal(body, &v)
}

// Visitors signs n visitors up.
func (t *Team) Visitors(n int) ([]Visitor, error) {
	out := make([]Visitor, n)
	for i := range out {
		var err error
		if out[i], err = t.Visitor("你好，在吗？"); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Say writes one more message as a visitor.
func (t *Team) Say(v Visitor, client, body string) error {
	_, _, err := t.do("POST", "X-Parlor-Visitor", v.Token, "/chat/"+t.Key+"/messages", message(client, body))
	return err
}

// Reply answers in a conversation.
func (t *Team) Reply(a Agent, conversation int64, client, body string) error {
	_, _, err := t.Post(a.Cookie, fmt.Sprintf("/desk/conversations/%d/messages", conversation), message(client, body))
	return err
}

func message(client, body string) url.Values {
	return url.Values{"client_id": {client}, "body": {body}, "kind": {"reply"}}
}

// Post sends a form, signed in unless the cookie is empty. A refusal is an error.
func (t *Team) Post(cookie, path string, form url.Values) (*http.Response, []byte, error) {
	return t.do("POST", "Cookie", cookie, path, form)
}

func (t *Team) do(method, header, value, path string, form url.Values) (*http.Response, []byte, error) {
	q, err := http.NewRequest(method, "http://"+t.Addr+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, nil, err
	}
	q.Header.Set("Sec-Fetch-Site", "same-origin")
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if value != "" {
		q.Header.Set(header, value)
	}
	if header != "Cookie" || value == "" {
		q.Header.Set("Accept", "application/json")
	}
	r, err := t.http.Do(q)
	if err != nil {
		return nil, nil, err
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err == nil && r.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("%s %s: %s: %.300s", method, path, r.Status, text)
	}
	return r, text, err
}
