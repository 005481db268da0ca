package handlers_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"parlor/domain"
)

// browser is one browser with its own cookies. It follows no redirects.
type browser struct {
	d       *desk
	http    *http.Client
	base    string
	headers []string // sent with every request, names and values by turns
}

type answer struct {
	*http.Response
	body string
}

func (d *desk) browser() *browser {
	jar, _ := cookiejar.New(nil) // cannot fail without options
	return &browser{d: d, base: d.srv.URL, http: &http.Client{
		Jar: jar, Transport: d.srv.Client().Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// signedIn is a browser in which an agent has signed in.
func (d *desk) signedIn(email string) *browser {
	d.T.Helper()
	b := d.browser()
	if r := b.login(email, password); r.StatusCode != http.StatusSeeOther {
		d.T.Fatalf("%s cannot sign in: %d", email, r.StatusCode)
	}
	return b
}

func (d *desk) asAdmin() *browser { return d.signedIn(adminEmail) }

func (b *browser) login(email, password string, headers ...string) *answer {
	return b.post("/login", form("email", email, "password", password), headers...)
}

// form makes form values of names and values by turns.
func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// request prepares a request; headers are names and values by turns.
func (b *browser) request(method, path, body string, headers ...string) *http.Request {
	b.d.T.Helper()
	r, err := http.NewRequest(method, b.base+path, strings.NewReader(body))
	if err != nil {
		b.d.T.Fatal(err)
	}
	headers = append(b.headers[:len(b.headers):len(b.headers)], headers...)
	for i := 0; i+1 < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	return r
}

func (b *browser) do(r *http.Request) *answer {
	b.d.T.Helper()
	ctx, cancel := context.WithTimeout(r.Context(), 20*time.Second) // a stream has no end
	defer cancel()
	response, err := b.http.Do(r.WithContext(ctx))
	if err != nil {
		b.d.T.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.d.T.Fatal(err)
	}
	return &answer{response, string(body)}
}

func (b *browser) get(path string, headers ...string) *answer {
	b.d.T.Helper()
	return b.do(b.request(http.MethodGet, path, "", headers...))
}

// post submits a form as a page of this server would.
func (b *browser) post(path string, f url.Values, headers ...string) *answer {
	b.d.T.Helper()
	return b.send(http.MethodPost, path, f.Encode(), headers...)
}

func (b *browser) send(method, path, body string, headers ...string) *answer {
	b.d.T.Helper()
	headers = append([]string{"Content-Type", "application/x-www-form-urlencoded", "Origin", b.base}, headers...)
	return b.do(b.request(method, path, body, headers...))
}

// cookie is what the browser holds under a name.
func (b *browser) cookie(name string) string {
	u, _ := url.Parse(b.base)
	for _, c := range b.http.Jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// posted is the answer to a message, asked for as JSON.
type posted struct {
	ID     domain.EventID `json:"id"`
	Client string         `json:"client_id"`
	Event  domain.EventID `json:"event"`
	Token  string         `json:"token"`
}

// write sends a visitor's message from this browser.
func (b *browser) write(key, client, body string, headers ...string) posted {
	b.d.T.Helper()
	headers = append([]string{"Accept", "application/json"}, headers...)
	r := b.post("/chat/"+key+"/messages", form("client_id", client, "body", body), headers...)
	if r.StatusCode != http.StatusCreated {
		b.d.T.Fatalf("message refused: %d %s", r.StatusCode, r.body)
	}
	var p posted
	if err := json.Unmarshal([]byte(r.body), &p); err != nil {
		b.d.T.Fatal(err)
	}
	return p
}

// status fails the test unless the answer has the status wanted.
func (a *answer) status(t testing.TB, want int) *answer {
	t.Helper()
	if a.StatusCode != want {
		t.Fatalf("%s %s: %d, want %d\n%.500s", a.Request.Method, a.Request.URL.Path, a.StatusCode, want, a.body)
	}
	return a
}

var requestID = regexp.MustCompile(`[a-z2-7]{12}`)

// same is the body without what differs by chance from request to request.
func (a *answer) same() string { return requestID.ReplaceAllString(a.body, "ID") }
