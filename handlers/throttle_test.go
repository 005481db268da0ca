package handlers_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parlor/handlers/web"
)

// behind lets this machine be a reverse proxy that is believed.
func behind(c *web.Config) { c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")} }

func from(address string) []string { return []string{"X-Forwarded-For", address} }

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
