package handlers_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"parlor/domain"
	"parlor/handlers"
	"parlor/handlers/live"
	"parlor/handlers/web"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func allRoutes() []web.Route { return handlers.Routes(web.Unserved(), live.New()) }

// TestRoutesGolden shows every new route in review.
func TestRoutesGolden(t *testing.T) {
	const golden = "testdata/routes.golden"
	var b strings.Builder
	for _, r := range allRoutes() {
		fmt.Fprintf(&b, "%-5s %-42s %s\n", r.Method, r.Path, r.Access)
	}
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("routes differ from %s; run the test with -update and review the difference", golden)
	}
}

// public is every route that may be asked for without signing in.
var public = []string{
	"GET /login", "POST /login", "GET /join/:token", "POST /join/:token", "GET /setup", "POST /setup",
	"GET /widget.js", "GET /chat/:key", "GET /chat/:key/messages", "POST /chat/:key/messages", "GET /chat/:key/live",
	"GET /chat/:key/state", "GET /chat/:key/unread", "POST /chat/:key/read", "POST /chat/:key/typing", "POST /chat/:key/closure",
}

func TestS16_EveryRouteDeclaresWhoMayUseIt(t *testing.T) {
	for _, r := range allRoutes() {
		name := r.Method + " " + r.Path
		switch {
		case r.Access == "public":
			if !slices.Contains(public, name) {
				t.Errorf("%s is public and not on the list of public routes", name)
			}
		case r.Access == "signed in", slices.Contains(domain.Permissions, domain.Permission(r.Access)):
		default:
			t.Errorf("%s has access %q", name, r.Access)
		}
	}
	for _, name := range public {
		if !slices.ContainsFunc(allRoutes(), func(r web.Route) bool { return r.Method+" "+r.Path == name }) {
			t.Errorf("%s is on the list of public routes and does not exist", name)
		}
	}
}

// operations are the routes beside the audiences' tables.
var operations = []string{"GET /healthz", "GET /readyz", "GET /metrics", "GET /static/*", "HEAD /static/*"}

func TestS16_TheServerHasNoRouteBesideTheTables(t *testing.T) {
	d := newDesk(t)
	declared := slices.Clone(operations)
	for _, r := range allRoutes() {
		declared = append(declared, r.Method+" "+r.Path)
		if r.Method == http.MethodGet && !r.IsStream() {
			declared = append(declared, "HEAD "+r.Path)
		}
	}
	for _, r := range d.serve.(*echo.Echo).Routes() {
		if name := r.Method + " " + r.Path; !slices.Contains(declared, name) && r.Method != echo.RouteNotFound {
			t.Errorf("%s is served and stands in no table", name)
		}
	}
}

var parameter = regexp.MustCompile(`:[a-z]+`)

// at fills the parameters of a route's path in.
func at(path, value string) string { return parameter.ReplaceAllString(path, value) }

func TestS16_NoRouteButThePublicOnesAnswersAStranger(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.chatting("a secret question")
	b := d.browser()
	for _, r := range allRoutes() {
		if r.Access == "public" {
			continue
		}
		a := b.send(r.Method, at(r.Path, "1"), "")
		door := a.StatusCode == 303 && strings.HasPrefix(a.Header.Get("Location"), "/login?next=")
		if a.StatusCode != 401 && !door && !(r.Path == "/desk/live" && a.body == "event: signed-out\ndata: 1\n\n") {
			t.Errorf("%s %s: %d %.100s", r.Method, r.Path, a.StatusCode, a.body)
		}
		if strings.Contains(a.body, "secret") || strings.Contains(a.body, "Zhou") {
			t.Errorf("%s %s tells a stranger something", r.Method, r.Path)
		}
	}
}
