package handlers_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"parlor/domain"
)

// logged is everything that is logged while f runs. The tests that use it do
// not run beside others.
func logged(f func()) string {
	var text lockedBuffer
	old := slog.Default()
	defer slog.SetDefault(old)
	slog.SetDefault(slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug})))
	f()
	return text.String()
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestS17_DeniedAccessIsLogged(t *testing.T) {
	d := newDesk(t)
	d.hire("lin", "agent", domain.ScopeSelf, d.Group)
	lin := d.signedIn("lin@lanshe.example")
	log := logged(func() { lin.get("/settings/sites").status(t, http.StatusNotFound) })
	if !strings.Contains(log, "denied") || !strings.Contains(log, "agent=2") || !strings.Contains(log, "/settings/sites") {
		t.Errorf("logged %q", log)
	}
}

func TestS65_LogsHoldNoSecrets(t *testing.T) {
	d := newDesk(t)
	var session, visitor string
	log := logged(func() {
		admin, v := d.asAdmin(), d.browser()
		session = admin.cookie("parlor")
		visitor = v.write("SITEKEY", "first", "what the visitor wrote").Token
		v.post("/chat/SITEKEY/typing", form("body", "what the visitor typed"))
		d.browser().login(adminEmail, "a wrong password")
		d.hire("lin", "agent", domain.ScopeSelf, d.Group)
		if err := d.Invite(d.As(d.Admin), domain.Invite{Name: "Mei", Role: d.roleID("agent"), Scope: domain.ScopeSelf}, "INVITATION", nil); err != nil {
			t.Error(err)
		}
		d.browser().get("/join/INVITATION").status(t, http.StatusOK)
		d.browser().post("/join/INVITATION", form("name", "Mei", "email", "mei@lanshe.example", "password", "short")).status(t, 422)
		admin.get("/desk/conversations/1/find?q=what+they+searched")
	})
	if !strings.Contains(log, "/desk/conversations/1/find") {
		t.Fatal("the requests were not logged")
	}
	for what, secret := range map[string]string{
		"password": password, "wrong password": "a wrong password", "session": session, "visitor's token": visitor, "invitation": "INVITATION",
		"message": "what the visitor wrote", "typing": "what the visitor typed", "search": "searched", "short": "short",
	} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds the %s", what)
		}
	}
}
