package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parlor/domain"
)

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
