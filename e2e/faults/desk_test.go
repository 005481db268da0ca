package faults

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// desk is a running server with a team that is signed in.
type desk struct {
	*server
	*team
	http   *http.Client
	ledger *ledger
}

// team is who works in every file these tests start from. All agents are
// busy, so that customers wait until somebody accepts them.
type team struct {
	origin string // a database nobody has open
	key    string // of its one site
	agents []agent
}

type agent struct{ name, cookie string }

const (
	password  = "six quiet herons wade"
	colleague = 3 // the role of an ordinary agent in a new file
	teamSize  = 20
)

// theTeam is made once: hashing twenty passwords takes a while.
var (
	theTeam *team
	making  sync.Mutex
)

// newDesk serves a copy of the team's file.
func newDesk(t *testing.T) *desk {
	t.Helper()
	d := newDeskIn(t, t.TempDir())
	d.start()
	return d
}

// newDeskIn copies the team's file into a folder without serving it yet.
func newDeskIn(t *testing.T, dir string) *desk {
	t.Helper()
	making.Lock()
	defer making.Unlock()
	if theTeam == nil {
		theTeam = found(t)
	}
	file := filepath.Join(dir, "parlor.db")
	content, err := os.ReadFile(theTeam.origin)
	if err == nil {
		err = os.WriteFile(file, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return deskOn(t, file, theTeam)
}

// deskOn is a desk over a file that holds the team.
func deskOn(t *testing.T, file string, who *team) *desk {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 100}
	t.Cleanup(transport.CloseIdleConnections)
	return &desk{
		server: newServer(t, file), team: who, ledger: &ledger{t: t},
		http: &http.Client{
			Transport: transport, Timeout: 30 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

var (
	siteKey  = regexp.MustCompile(`widget\.js\?site=([A-Za-z0-9]+)`)
	joinPath = regexp.MustCompile(`/join/[A-Za-z0-9]+`)
)

// found makes the team the way people do, in a file that outlives the test.
func found(t *testing.T) *team {
	t.Helper()
	made := &team{origin: filepath.Join(scratch, "team.db")}
	d := deskOn(t, made.origin, made)
	d.start()
	r := d.ask(http.MethodPost, "/setup", agent{}, "team", "Lanshe", "name", "Agent 0", "email", "agent0@lanshe.example", "password", password, "site", "Shop")
	made.agents = []agent{{"Agent 0", r.session()}}
	page := d.ask(http.MethodGet, r.Header.Get("Location"), made.agents[0]).want(t, http.StatusOK)
	made.key = siteKey.FindStringSubmatch(page.body)[1]
	for len(made.agents) < teamSize {
		made.agents = append(made.agents, d.hire(len(made.agents)))
	}
	for _, a := range made.agents {
		d.ask(http.MethodPost, "/desk/status", a, "status", "busy").want(t, http.StatusSeeOther)
	}
	d.stop()
	return made
}

func (d *desk) hire(n int) agent {
	d.t.Helper()
	name := fmt.Sprintf("Agent %d", n)
	invited := d.ask(http.MethodPost, "/settings/invites", d.agents[0],
		"name", name, "role", fmt.Sprint(colleague), "scope", "groups", "groups", "1", "scope_in", "1")
	joined := d.ask(http.MethodPost, joinPath.FindString(invited.body), agent{},
		"name", name, "email", fmt.Sprintf("agent%d@lanshe.example", n), "password", password)
	return agent{name, joined.want(d.t, http.StatusSeeOther).session()}
}

// answer is a response whose body was read.
type answer struct {
	*http.Response
	body string
}

// session is the sign-in that the response gives.
func (a *answer) session() string {
	for _, c := range a.Cookies() {
		if c.Name == "parlor" {
			return c.Name + "=" + c.Value
		}
	}
	return ""
}

func (a *answer) want(t *testing.T, status int) *answer {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("%s %s: %d, want %d\n%.500s", a.Request.Method, a.Request.URL.Path, a.StatusCode, status, a.body)
	}
	return a
}

// ask sends a request that must be answered, as an agent or, for the zero
// agent, as anybody. Fields are names and values by turns.
func (d *desk) ask(method, path string, by agent, fields ...string) *answer {
	d.t.Helper()
	h := http.Header{}
	if by.cookie != "" {
		h.Set("Cookie", by.cookie)
	}
	a, err := d.try(method, path, h, fields...)
	if err != nil {
		d.t.Fatal(err)
	}
	return a
}

// try sends a request as a page of this server would.
func (d *desk) try(method, path string, h http.Header, fields ...string) (*answer, error) {
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	q, err := http.NewRequest(method, "http://"+d.addr+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	q.Header = h.Clone()
	q.Header.Set("Sec-Fetch-Site", "same-origin")
	if method != http.MethodGet {
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r, err := d.http.Do(q)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	return &answer{r, string(body)}, err
}
