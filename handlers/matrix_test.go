package handlers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"parlor/domain"
)

// attempt is something to try on a conversation.
type attempt struct {
	method, path string
	body         string
	needs        domain.Permission
	expect       func(who string, c domain.ConversationID) int // for who may see it and holds the permission; 0 to leave out
}

// holder is who holds a conversation.
func holder(c domain.ConversationID) string {
	return map[domain.ConversationID]string{northHeld: "lin", southHeld: "mei", chenHeld: "chen"}[c]
}

func always(code int) func(string, domain.ConversationID) int {
	return func(string, domain.ConversationID) int { return code }
}

// byHolder is code for the agent who holds the conversation and a conflict for everyone else.
func byHolder(code int) func(string, domain.ConversationID) int {
	return func(who string, c domain.ConversationID) int {
		if holder(c) == who {
			return code
		}
		return http.StatusConflict
	}
}

// accepting leaves out what would succeed, which TestS18_AllowedChanges tries.
func accepting(who string, c domain.ConversationID) int {
	switch {
	case c == northQueued || c == southQueued:
		return 0
	case holder(c) == who:
		return http.StatusOK
	}
	return http.StatusConflict
}

var attempts = []attempt{
	{"GET", "", "", domain.PermView, always(200)},
	{"GET", "/messages", "", domain.PermView, always(200)},
	{"GET", "/messages?before=9999", "", domain.PermView, always(200)},
	{"GET", "/find?q=words", "", domain.PermView, always(200)},
	{"POST", "/messages", "client_id=CLIENT&kind=text&body=hello", domain.PermReply, byHolder(201)},
	{"POST", "/messages", "client_id=noteCLIENT&kind=note&body=hello", domain.PermReply, always(201)},
	{"POST", "/read", "upto=9999", domain.PermView, always(204)},
	{"POST", "/typing", "", domain.PermReply, always(204)},
	{"POST", "/closure", "", domain.PermReply, byHolder(0)},
	{"POST", "/assignment", "", domain.PermQueue, accepting},
	{"PUT", "/assignment", "", domain.PermQueue, accepting},
}

// holds is which permissions each role of a floor has, written down by hand.
var holds = map[string][]domain.Permission{
	"admin":   {domain.PermView, domain.PermReply, domain.PermQueue, domain.PermAgents, domain.PermSites, domain.PermSettings},
	"chen":    {domain.PermView, domain.PermReply, domain.PermQueue, domain.PermAgents},
	"lin":     {domain.PermView, domain.PermReply, domain.PermQueue},
	"mei":     {domain.PermView, domain.PermReply, domain.PermQueue},
	"analyst": {domain.PermView},
}

func (f *floor) try(who string, a attempt, c domain.ConversationID) *answer {
	body := strings.ReplaceAll(a.body, "CLIENT", fmt.Sprintf("%s%d", who, c))
	return f.browsers[who].send(a.method, fmt.Sprintf("/desk/conversations/%d%s", c, a.path), body, "Accept", "application/json")
}

// sameAnswer reports whether two refusals cannot be told apart.
func sameAnswer(a, b *answer) bool {
	for _, h := range []http.Header{a.Header, b.Header} {
		h.Del("Date")
	}
	return a.StatusCode == b.StatusCode && a.same() == b.same() && fmt.Sprint(a.Header) == fmt.Sprint(b.Header)
}

func TestS17_S18_WhatMayNotBeSeenIsNotThere(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	for _, a := range attempts {
		for who := range sees {
			nothing := f.try(who, a, absent)
			for _, c := range slices.Concat(north, south) {
				want := http.StatusNotFound
				switch {
				case who == "stranger":
					want = http.StatusUnauthorized
				case who == "lin" && (c == chenHeld || c == chenEnded) && strings.HasSuffix(a.path, "assignment"):
					want = http.StatusConflict // it may have waited for lin too, who is told that chen was faster
				case slices.Contains(sees[who], c) && slices.Contains(holds[who], a.needs):
					if want = a.expect(who, c); want == 0 {
						continue
					}
				}
				got := f.try(who, a, c)
				if got.StatusCode != want {
					t.Errorf("%s: %s %d%s: %d, want %d", who, a.method, c, a.path, got.StatusCode, want)
				}
				if want == http.StatusNotFound && !sameAnswer(got, nothing) {
					t.Errorf("%s can tell that conversation %d exists: %s%s", who, c, a.method, a.path)
				}
				if want >= 400 && strings.Contains(got.body, "words of") {
					t.Errorf("%s: the refusal of %s %d%s leaks", who, a.method, c, a.path)
				}
			}
		}
	}
}

func TestS18_AllowedChangesSucceedOnceAndTakeEffect(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	accept := attempt{method: "PUT", path: "/assignment"}
	f.try("lin", accept, northQueued).status(t, http.StatusOK)
	f.try("chen", accept, northQueued).status(t, http.StatusConflict)
	f.try("mei", accept, northQueued).status(t, http.StatusNotFound)
	end := attempt{method: "POST", path: "/closure"}
	f.try("chen", end, northQueued).status(t, http.StatusConflict)
	f.try("lin", end, northQueued).status(t, http.StatusSeeOther)
	f.try("lin", end, northQueued).status(t, http.StatusConflict)
	c, err := f.Conversation(f.As(f.Admin), northQueued)
	if err != nil || c.State != domain.Ended || c.Agent != f.lin {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestS19_ListsHoldExactlyWhatMayBeSeen(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	lists := map[string][]domain.ConversationID{
		"/desk": {}, "/desk/inbox": {}, "/desk/inbox?tab=colleagues": {northHeld, southHeld, chenHeld}, "/desk?tab=colleagues": {northHeld, southHeld, chenHeld},
		"/queue": {northQueued, southQueued}, "/queue/list": {northQueued, southQueued}, "/queue/groups": {},
	}
	for who := range holds {
		for path, shows := range lists {
			a := f.browsers[who].get(path)
			for _, c := range slices.Concat(north, south) {
				seen := strings.Contains(a.body, words(c))
				may := slices.Contains(sees[who], c)
				if seen && !may {
					t.Errorf("%s: %s shows conversation %d", who, path, c)
				}
				listed := slices.Contains(shows, c) && holder(c) != who && a.StatusCode == 200
				self := who == "lin" || who == "mei" // have no list of colleagues
				if listed && may && !seen && !(self && strings.Contains(path, "colleagues")) {
					t.Errorf("%s: %s hides conversation %d", who, path, c)
				}
			}
		}
	}
}

func TestA11_AForeignChildOfAnAllowedParentIsNotShown(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	last, err := f.LastEvent()
	if err != nil {
		t.Fatal(err)
	}
	for id := range int64(last) + 2 {
		for _, path := range []string{"/messages?before=%d", "/messages?after=%d"} {
			a := f.browsers["lin"].get(fmt.Sprintf("/desk/conversations/1"+path, id)).status(t, http.StatusOK)
			if strings.Contains(strings.ReplaceAll(a.body, words(northHeld), ""), "words of") {
				t.Errorf(path+" shows a line of another conversation", id)
			}
		}
	}
}

func TestS16_EveryRouteIsRefusedWithoutItsPermission(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	for who, grants := range holds {
		nothing := f.browsers[who].get("/no/such/page")
		for _, r := range allRoutes() {
			if slices.Contains([]string{"public", "signed in"}, r.Access) {
				continue
			}
			allowed := slices.Contains(grants, domain.Permission(r.Access))
			if allowed && r.Method != http.MethodGet {
				continue
			}
			a := f.browsers[who].send(r.Method, at(r.Path, fmt.Sprint(sees[who][0])), "")
			if allowed && a.StatusCode != http.StatusOK && a.StatusCode != http.StatusNotFound {
				t.Errorf("%s: %s %s: %d", who, r.Method, r.Path, a.StatusCode)
			}
			if !allowed && (a.StatusCode != http.StatusNotFound || a.same() != nothing.same()) {
				t.Errorf("%s: %s %s: %d and not as if there were nothing", who, r.Method, r.Path, a.StatusCode)
			}
		}
	}
}

func TestS21_NobodyGrantsWhatTheyLack(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	admin, agent := fmt.Sprint(f.roleID("admin")), fmt.Sprint(f.roleID("agent"))
	chen := f.browsers["chen"]
	place := func(role, scope string, more ...string) []string {
		return append([]string{"name", "Chen", "role", role, "scope", scope, "groups", "1", "maximum", "8", "ceiling", "20", "active", "1"}, more...)
	}
	own := fmt.Sprintf("/settings/agents/%d", f.chen)
	chen.post(own, form(place(admin, "groups", "scope_in", "1")...)).status(t, 422)
	chen.post(own, form(place(agent, "all")...)).status(t, 422)
	chen.post(own, form(place(agent, "groups", "scope_in", "2")...)).status(t, 422)
	chen.post(own, form(place(agent, "self", "groups", "2")...)).status(t, 422)
	chen.post(fmt.Sprintf("/settings/agents/%d", f.Admin), form(place(agent, "self")...)).status(t, 422)
	chen.post("/settings/invites", form("name", "x", "role", admin, "scope", "self", "groups", "1")).status(t, 422)
	chen.post("/settings/invites", form("name", "x", "role", agent, "scope", "all", "groups", "1")).status(t, 422)
	f.browsers["lin"].post("/settings/profile", form("name", "Lin", "role", admin, "scope", "all", "maximum", "99", "ceiling", "99")).status(t, 303)
	lin := f.Directory().Agents[f.lin]
	if f.Directory().Roles[lin.Role].Key != "agent" || lin.Scope != domain.ScopeSelf || lin.Ceiling == 99 || lin.Maximum == 99 {
		t.Errorf("a profile form changed the agent's place: %+v", lin)
	}
	f.browsers["lin"].post("/desk/maximum", form("maximum", fmt.Sprint(lin.Ceiling+1))).status(t, 303)
	if got := f.Directory().Agents[f.lin].Maximum; got > lin.Ceiling {
		t.Errorf("an agent raised the own maximum to %d", got)
	}
}
