package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"parlor/domain"
	"parlor/handlers/web"
)

// behind lets this machine be a reverse proxy that is believed.
func behind(c *web.Config) { c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")} }

func from(address string) []string { return []string{"X-Forwarded-For", address} }

func TestS09_AWrongSecretOpensNoDoor(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.hire("lin", "agent", domain.ScopeSelf, d.Group)
	gone := d.hire("gone", "agent", domain.ScopeSelf, d.Group)
	left := d.Directory().Agents[gone]
	left.Active = false
	if err := d.SaveAgent(d.As(d.Admin), left); err != nil {
		t.Fatal(err)
	}
	hash, err := hashed()
	if err != nil {
		t.Fatal(err)
	}
	for _, try := range [][2]string{
		{adminEmail, ""}, {adminEmail, "wrong"}, {adminEmail, password + " "}, {adminEmail, strings.ToUpper(password)}, {adminEmail, password[:8]},
		{adminEmail, password + "\x00"}, {adminEmail, hash}, {"", ""}, {"", password}, {"admin", "admin"}, {"gone@lanshe.example", password},
		{adminEmail + "\x00", password}, {"zhou@lanshe.exampl_", password}, {"%", password}, {"' OR 1=1 --", password},
	} {
		b := d.browser()
		d.Clock.Advance(time.Hour + time.Second) // nothing is held against this machine
		if a := b.login(try[0], try[1]); a.StatusCode != http.StatusUnprocessableEntity || b.cookie("parlor") != "" || b.in() {
			t.Errorf("%q: %d", try, a.StatusCode)
		}
	}
	d.signedIn(" " + strings.ToUpper(adminEmail) + " ") // spelling of the address does not matter
}

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

func TestS09_SetupClosesItself(t *testing.T) {
	t.Parallel()
	d := newDeskAt(t, t.TempDir()+"/parlor.db")
	b := d.browser()
	b.get("/setup").status(t, http.StatusOK)
	if to := b.get("/login").status(t, http.StatusSeeOther).Header.Get("Location"); to != "/setup" {
		t.Errorf("before the first run the door leads to %s", to)
	}
	typed := form("team", "Lanshe", "name", "Zhou", "email", adminEmail, "password", password, "site", "shop.example")
	var founded atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if d.browser().post("/setup", typed).StatusCode == http.StatusSeeOther {
				founded.Add(1)
			}
		})
	}
	all.Wait()
	if founded.Load() != 1 {
		t.Errorf("%d setups succeeded", founded.Load())
	}
	b.get("/setup").status(t, http.StatusNotFound)
	b.post("/setup", typed).status(t, http.StatusNotFound)
	if n := len(d.Directory().Agents); n != 1 {
		t.Errorf("%d agents", n)
	}
}

func TestS04_FailuresMakeTheNextAttemptWait(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.browser()
	for range 5 {
		b.login(adminEmail, "wrong").status(t, http.StatusUnprocessableEntity)
	}
	var before time.Duration
	for range 5 {
		wait := time.Duration(0)
		for ; b.login(adminEmail, "wrong").StatusCode == http.StatusTooManyRequests; wait += time.Second {
			d.Clock.Advance(time.Second)
		}
		if wait <= before {
			t.Errorf("waited %s after having waited %s", wait, before)
		}
		before = wait
	}
	a := b.login(adminEmail, password).status(t, http.StatusTooManyRequests)
	if !strings.Contains(a.body, adminEmail) || strings.Contains(a.body, "{n}") {
		t.Error("the page that asks to wait lost the address or the number of seconds")
	}
	d.Clock.Advance(time.Hour)
	b.login(adminEmail, password).status(t, http.StatusSeeOther)
}

func TestS04_OneAddressMayNotTryManyAccounts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.browser()
	for i := range 30 {
		b.login(fmt.Sprintf("nobody%d@lanshe.example", i), "wrong").status(t, http.StatusUnprocessableEntity)
	}
	b.login("nobody@lanshe.example", "wrong").status(t, http.StatusTooManyRequests)
}

func TestS04_AStrangerLocksNobodyOut(t *testing.T) {
	t.Parallel()
	d := newDesk(t, behind)
	b := d.browser()
	for range 40 {
		b.login(adminEmail, "wrong", from("203.0.113.9")...)
	}
	b.login(adminEmail, password, from("203.0.113.9")...).status(t, http.StatusTooManyRequests)
	b.login(adminEmail, password, from("198.51.100.7")...).status(t, http.StatusSeeOther)
}

func TestS04_S57_AnInventedAddressDoesNotEscapeTheThrottle(t *testing.T) {
	t.Parallel()
	d := newDesk(t) // nobody is believed
	b := d.browser()
	var last int
	for i := range 6 {
		address := fmt.Sprintf("203.0.113.%d", i)
		last = b.login(adminEmail, "wrong", "X-Forwarded-For", address, "X-Real-IP", address, "Forwarded", "for="+address, "CF-Connecting-IP", address).StatusCode
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the sixth attempt was answered %d", last)
	}
}

func TestS04_AttemptsAtTheSameMomentCountToo(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var taken atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if d.browser().login(adminEmail, "wrong").StatusCode != http.StatusTooManyRequests {
				taken.Add(1)
			}
		})
	}
	all.Wait()
	if taken.Load() > 5 {
		t.Errorf("%d of 20 attempts at once were checked", taken.Load())
	}
}

func TestS04_TheThrottleSurvivesARestart(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for range 6 {
		d.browser().login(adminEmail, "wrong")
	}
	d.close()
	newDeskAt(t, d.Path).browser().login(adminEmail, password).status(t, http.StatusTooManyRequests)
}

func TestS05_AnUnknownAccountLooksLikeAKnownOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t, behind)
	b := d.browser()
	took := map[string][]time.Duration{}
	for i := range 20 {
		var answers []*answer
		for _, email := range []string{adminEmail, "nobody@lanshe.example"} {
			begin := time.Now()
			a := b.login(email, "wrong", from(fmt.Sprintf("203.0.113.%d", i))...)
			took[email] = append(took[email], time.Since(begin))
			a.body = strings.ReplaceAll(a.body, email, "EMAIL")
			answers = append(answers, a.status(t, http.StatusUnprocessableEntity))
		}
		answers[1].Header.Del("Content-Length") // the address itself is longer
		answers[0].Header.Del("Content-Length")
		if !sameAnswer(answers[0], answers[1]) {
			t.Fatal("the answers differ")
		}
	}
	known, unknown := median(took[adminEmail]), median(took["nobody@lanshe.example"])
	if known > 3*unknown || unknown > 3*known {
		t.Errorf("a known account takes %s, an unknown one %s", known, unknown)
	}
}

func median(d []time.Duration) time.Duration { slices.Sort(d); return d[len(d)/2] }

func TestS02_PasswordsAreHashedFewAtATime(t *testing.T) {
	t.Parallel()
	d := newDesk(t, behind)
	v, _ := d.chatting("start")
	ctx, stop := context.WithCancel(context.Background())
	var storm sync.WaitGroup
	for i := range 40 {
		storm.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				d.browser().login(fmt.Sprintf("n%d@x.example", n), "wrong", from(fmt.Sprintf("203.0.%d.%d", n, i))...)
			}
		})
	}
	var took []time.Duration
	for i := range 40 {
		begin := time.Now()
		v.write("SITEKEY", fmt.Sprintf("c%d", i), "in the storm")
		took = append(took, time.Since(begin))
	}
	stop()
	storm.Wait()
	if slices.Sort(took); took[37] > time.Second {
		t.Errorf("a message took %s while many signed in", took[37])
	}
}

func TestS59_NobodyIsSentElsewhere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	home, _ := url.Parse(d.srv.URL)
	for _, next := range []string{
		"//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "http:evil.example", "javascript:alert(1)",
		"/\t/evil.example", "/\n/evil.example", "\t//evil.example", " //evil.example", "/\x00/evil.example", "evil.example", "@evil.example", "?x", "#x", "",
		"/\x7f/evil.example", "//evil.example/%2f..", "/%5cevil.example", "/..//evil.example", "/desk?next=//evil.example", "/queue",
	} {
		shown := d.browser().get("/login?next="+url.QueryEscape(next)).status(t, http.StatusOK)
		if strings.Contains(shown.body, `value="//`) || strings.Contains(shown.body, "javascript:") {
			t.Errorf("%q stands in the form", next)
		}
		to := d.browser().post("/login", form("email", adminEmail, "password", password, "next", next)).status(t, http.StatusSeeOther).Header.Get("Location")
		target, err := home.Parse(to)
		if err != nil || target.Host != home.Host || target.Scheme != "http" || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\t\n\r\x00") {
			t.Errorf("%q leads to %q", next, to)
		}
		if next == "/queue" && to != "/queue" {
			t.Errorf("%q leads to %q", next, to)
		}
	}
}
