package handlers_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parlor/domain"
)

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

// TestF10_ASlowRequestDoesNotStoreADeletedSession holds a request between
// loading its session and storing it, signs out, and looks also after a restart.
func TestF10_ASlowRequestDoesNotStoreADeletedSession(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.asAdmin()
	old := b.cookie("parlor")
	loaded, release, stored := make(chan struct{}), make(chan struct{}), make(chan struct{})
	slow := d.app.Sessions.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.app.Sessions.Put(r.Context(), "toast", "changed")
		close(loaded)
		<-release
		w.WriteHeader(http.StatusNoContent)
	}))
	go func() {
		defer close(stored)
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Cookie", "parlor="+old)
		slow.ServeHTTP(httptest.NewRecorder(), r)
	}()
	<-loaded
	b.post("/logout", nil).status(t, http.StatusSeeOther)
	close(release)
	<-stored
	if d.with(old).in() {
		t.Error("the session is back")
	}
	d.close()
	if newDeskAt(t, d.Path).with(old).in() {
		t.Error("the session is back after a restart")
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
