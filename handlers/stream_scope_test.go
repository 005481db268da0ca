package handlers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"parlor/domain"
)

// stir makes everything happen in a conversation that a stream could carry.
func (f *floor) stir(c domain.ConversationID, by domain.AgentID, key, secret string) {
	f.T.Helper()
	v := f.visitors[c]
	v.write(key, "stir-"+secret, secret+" message")
	v.post("/chat/"+key+"/typing", form("body", secret+" typing")).status(f.T, http.StatusNoContent)
	m := f.reply(by, c, "reply-"+secret, secret+" reply", domain.Text)
	v.post("/chat/"+key+"/read", form("upto", fmt.Sprint(m.ID))).status(f.T, http.StatusNoContent)
	f.reply(by, c, "note-"+secret, secret+" note for @lin and @chen", domain.Note)
}

// foreign are the events of a stream that tell of a conversation.
func foreign(s *source, c domain.ConversationID, secret string) []event {
	id := fmt.Sprint(int64(c))
	return slices.DeleteFunc(s.all(), func(e event) bool {
		named := strings.Contains(e.data, `"conversation":`+id+`,`) || strings.Contains(e.data, `data-thread="`+id+`"`)
		return !named && !strings.Contains(e.data, secret) && !(e.kind == "moved" && e.data == id)
	})
}

func TestS25_S26_A09_NoEventOfAForeignConversation(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	f.browsers["lin"].get(fmt.Sprintf("/desk/conversations/%d", southHeld)).status(t, 404) // looking does not make it watched
	lin, chen, analyst, mei, admin := f.live("lin"), f.live("chen"), f.live("analyst"), f.live("mei"), f.live("admin")
	f.stir(southHeld, f.mei, "SOUTHKEY", "southern")
	f.visitors[southQueued].write("SOUTHKEY", "second", "southern queue")
	if err := f.End(f.As(f.mei), southHeld); err != nil {
		t.Fatal(err)
	}
	f.settle(lin, chen, analyst, mei, admin)
	for name, s := range map[string]*source{"lin": lin, "chen": chen, "analyst": analyst} {
		for _, c := range []domain.ConversationID{southHeld, southQueued} {
			if got := foreign(s, c, "southern"); len(got) > 0 {
				t.Errorf("%s hears of conversation %d: %q", name, c, got)
			}
		}
	}
	for _, part := range []string{"southern message", "southern typing", "southern reply", "southern note", `"upto"`} {
		if !strings.Contains(mei.heard(), part) {
			t.Errorf("the agent who holds the conversation does not hear %q", part)
		}
	}
	if len(foreign(admin, southHeld, "southern")) == 0 {
		t.Error("an administrator hears nothing of it")
	}
}

func TestA09_AReplayHoldsOnlyWhatMayBeSeen(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	for who := range holds {
		if who == "admin" {
			continue
		}
		for _, query := range []string{"", "&stream=*", "&conversation=3", "&agent=1", "&stream=%25"} {
			s := f.browsers[who].listen("/desk/live?after=0" + query).ready()
			s.saying(words(sees[who][0]))
			f.settle(s)
			for _, c := range slices.Concat(north, south) {
				if got := strings.Contains(s.heard(), words(c)); got != slices.Contains(sees[who], c) {
					t.Errorf("%s, %q: conversation %d in the replay: %t", who, query, c, got)
				}
			}
			s.cancel()
		}
	}
}

// watching is a supervisor with a stream who looks into a conversation of the
// first group.
func (f *floor) watching() *source {
	f.T.Helper()
	f.browsers["chen"].get(fmt.Sprintf("/desk/conversations/%d", northHeld)).status(f.T, 200)
	s := f.live("chen")
	f.stir(northHeld, f.lin, "SITEKEY", "before")
	for _, part := range []string{"before message", "before typing", "before reply", "before note", `"upto"`} {
		s.saying(part)
	}
	return s
}

func TestS26_ScopeRemovedMidStreamEndsDelivery(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	s := f.watching()
	chen := f.Directory().Agents[f.chen]
	chen.ScopeIn, chen.Groups = []domain.GroupID{f.south}, []domain.GroupID{f.south}
	if err := f.SaveAgent(f.As(f.Admin), chen); err != nil {
		t.Fatal(err)
	}
	before := len(foreign(s, northHeld, "before"))
	f.stir(northHeld, f.lin, "SITEKEY", "afterwards")
	f.settle(s)
	if got := foreign(s, northHeld, "afterwards")[before:]; len(got) > 0 {
		t.Errorf("after the scope was taken: %q", got)
	}
}

// endings are the ways in which an agent's sessions end, as ways to do it.
var endings = map[string]func(*floor) error{
	"password":     func(f *floor) error { return f.ChangePassword(f.As(f.chen), "a new hash") },
	"deactivation": func(f *floor) error { return f.place(f.chen, func(a *domain.Agent) { a.Active = false }) },
	"role":         func(f *floor) error { return f.place(f.chen, func(a *domain.Agent) { a.Role = f.roleID("agent") }) },
	"scope":        func(f *floor) error { return f.place(f.chen, func(a *domain.Agent) { a.Scope = domain.ScopeSelf }) },
}

func (f *floor) place(id domain.AgentID, change func(*domain.Agent)) error {
	a := f.Directory().Agents[id]
	change(&a)
	return f.SaveAgent(f.As(f.Admin), a)
}

func TestS13_WhateverEndsASessionEndsItsStreams(t *testing.T) {
	t.Parallel()
	for name, end := range endings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFloor(t)
			s := f.watching()
			if err := end(f); err != nil {
				t.Fatal(err)
			}
			s.ended(5 * time.Second)
			f.stir(northHeld, f.lin, "SITEKEY", "afterwards")
			if got := foreign(s, northHeld, "afterwards"); len(got) > 0 && strings.Contains(s.heard(), "afterwards") {
				t.Errorf("after the end: %q", got)
			}
			again := f.browsers["chen"].get("/desk/live?after=0").status(t, 200)
			if again.body != "event: signed-out\ndata: 1\n\n" {
				t.Errorf("the old cookie opens a stream: %.200s", again.body)
			}
		})
	}
}

func TestS13_LogoutEndsTheStreamsOfItsSessionAlone(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	s := f.live("chen")
	elsewhere := f.signedIn("chen@lanshe.example")
	f.Status(f.chen, domain.Offline) // so that nothing but the logout itself can end the stream
	other := elsewhere.listen("/desk/live").ready()
	f.browsers["chen"].post("/logout", nil).status(t, http.StatusSeeOther)
	s.ended(5 * time.Second)
	f.settle(other)
	elsewhere.get("/desk").status(t, http.StatusOK)
}

func TestS22_VisitorsNeverHearNotesOrOthers(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	v := f.visitors[northHeld]
	s := v.listen("/chat/SITEKEY/live?after=0").ready()
	f.stir(northHeld, f.lin, "SITEKEY", "own")
	f.stir(southHeld, f.mei, "SOUTHKEY", "southern")
	f.visitors[northQueued].write("SITEKEY", "second", "of another visitor")
	v.write("SITEKEY", "last", "the last word")
	s.saying("the last word")
	if !strings.Contains(s.heard(), "own reply") {
		t.Error("the visitor does not hear the reply")
	}
	after := fmt.Sprintf("/chat/SITEKEY/messages?after=%d", 1)
	for name, text := range map[string]string{
		"stream": s.heard(), "page": v.get("/chat/SITEKEY").body, "messages": v.get(after).body,
		"state": v.get("/chat/SITEKEY/state").body, "older": v.get("/chat/SITEKEY/messages?before=9999").body,
	} {
		for _, secret := range []string{"note", "southern", "another visitor"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds %q", name, secret)
			}
		}
	}
}

func TestS25_AStreamIsForPagesOfThisServerAlone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v, _ := d.chatting("hello")
	admin := d.asAdmin()
	for _, site := range []string{"cross-site", "same-site", "none"} {
		v.get("/chat/SITEKEY/live", "Sec-Fetch-Site", site).status(t, http.StatusNotFound)
		admin.get("/desk/live", "Sec-Fetch-Site", site).status(t, http.StatusNotFound)
	}
	v.send("HEAD", "/chat/SITEKEY/live", "").status(t, http.StatusNotFound)
	admin.send("HEAD", "/desk/live", "").status(t, http.StatusNotFound)
}
