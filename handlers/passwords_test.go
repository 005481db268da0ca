package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"parlor/domain"
)

func TestS01_AWeakerHashIsRenewedAtLogin(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	weak, err := argon2id.CreateHash(password, &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		t.Fatal(err)
	}
	lin := d.hireWith(weak, "lin", "agent", domain.ScopeSelf)
	d.signedIn("lin@lanshe.example")
	if hash, err := d.PasswordHash(lin); err != nil || hash == weak {
		t.Errorf("the hash is still %s, %v", hash, err)
	}
	d.signedIn("lin@lanshe.example")
}

func TestS03_EveryFormThatSetsAPasswordChecksIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if err := d.Invite(d.As(d.Admin), domain.Invite{Name: "Lin", Role: d.roleID("agent"), Scope: domain.ScopeSelf}, "TOKEN", nil); err != nil {
		t.Fatal(err)
	}
	empty := newDeskAt(t, t.TempDir()+"/parlor.db")
	admin := d.asAdmin()
	for _, bad := range []string{"", "short", "password1", "lanshe2026", strings.Repeat("x", 257)} {
		for name, a := range map[string]*answer{
			"setup":   empty.browser().post("/setup", form("team", "Lanshe", "name", "Zhou", "email", adminEmail, "site", "Shop", "password", bad)),
			"join":    d.browser().post("/join/TOKEN", form("name", "Lin", "email", "lin@lanshe.example", "password", bad)),
			"profile": admin.post("/settings/password", form("current", password, "password", bad)),
		} {
			if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-password-error"`) {
				t.Errorf("%s takes %q: %d", name, bad, a.StatusCode)
			}
			if len(bad) > 5 && strings.Contains(a.body, bad) {
				t.Errorf("%s repeats the password", name)
			}
		}
	}
	long := strings.Repeat("a long one ", 9) // 99 characters
	d.browser().post("/join/TOKEN", form("name", "Lin", "email", "lin@lanshe.example", "password", long)).status(t, http.StatusSeeOther)
	d.browser().login("lin@lanshe.example", long).status(t, http.StatusSeeOther)
	d.browser().login("lin@lanshe.example", long[:98]).status(t, http.StatusUnprocessableEntity)
}

func TestS06_AnInvitationWorksOnceAndNotForEver(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	invite := func(token string) {
		t.Helper()
		if err := d.Invite(d.As(d.Admin), domain.Invite{Name: "Lin", Role: d.roleID("agent"), Scope: domain.ScopeSelf}, token, nil); err != nil {
			t.Fatal(err)
		}
	}
	join := func(token, email string) *answer {
		return d.browser().post("/join/"+token, form("name", "Lin", "email", email, "password", password))
	}
	invite("ONCE")
	join("ONCE", "lin@lanshe.example").status(t, http.StatusSeeOther)
	join("ONCE", "lin2@lanshe.example").status(t, http.StatusNotFound)
	invite("LATE")
	d.Clock.Advance(domain.InviteLife + time.Second)
	join("LATE", "lin3@lanshe.example").status(t, http.StatusNotFound)
	d.browser().get("/join/LATE").status(t, http.StatusNotFound)
	for _, token := range []string{"", "%20", "%00", "NULL", "0"} {
		join(token, "lin4@lanshe.example").status(t, http.StatusNotFound)
	}
	invite("REVOKED")
	open, err := d.Invites()
	if err != nil {
		t.Fatal(err)
	}
	d.asAdmin().post(fmt.Sprintf("/settings/invites/%d/revocation", open[0].ID), nil).status(t, http.StatusSeeOther)
	join("REVOKED", "lin5@lanshe.example").status(t, http.StatusNotFound)
}
