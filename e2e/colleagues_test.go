package e2e

import (
	"net/http"
	"testing"
)

func TestTwoTabsAndAColleague_StayInStep(t *testing.T) {
	s := start(t)
	zhou := s.setUp()
	wang, sun := zhou.hire("Wang", "all"), zhou.hire("Sun", "self")
	visitor := newPerson(t, "Lin", desktop).chat(s)
	visitor.send("Where is my parcel?")

	holder := zhou.at(desktop)
	first, second := holder.thread(s, 1), holder.thread(s, 1)
	other := wang.at(desktop).open(s.base + "/desk?tab=colleagues")
	other.choose(1)
	other.see("#composer .closed-line")
	other.miss("#mode-reply")

	tabs := []*page{first, second, other}
	said := []string{"visitor: Where is my parcel?"}
	everywhere := func(line string) {
		t.Helper()
		said = append(said, line)
		for _, tab := range tabs {
			becomes(tab, agentLines, said)
		}
	}
	first.answer("On its way")
	everywhere("agent: On its way")
	visitor.send("Since when?")
	everywhere("visitor: Since when?")
	second.answer("Since Monday")
	everywhere("agent: Since Monday")
	becomes(visitor, visitorLines, said)
	other.answer("It left on Sunday")
	everywhere("note: It left on Sunday")
	first.note("Thank you")
	everywhere("note: Thank you")
	becomes(visitor, visitorLines, said[:4])

	if status, _ := sun.get("/desk/conversations/1"); status != http.StatusNotFound {
		t.Errorf("an agent outside the scope is answered %d", status)
	}
	stranger := sun.at(desktop)
	stranger.faults.expect("status of 404")
	becomes(stranger.open(s.base+"/desk/conversations/1"), `document.querySelector("h1").innerText`, "Not found")
}

func TestMention_CallsAColleague(t *testing.T) {
	s := start(t)
	zhou := s.setUp()
	wang := zhou.hire("Wang", "all")
	s.client().say("Is this still under guarantee?")
	called := wang.at(desktop).desk(s)
	holder := zhou.at(desktop).thread(s, 1)
	holder.click("label:has(#mode-note)")
	holder.fill("#editor", "Please look, @Wa")
	holder.see("#mentions li")
	holder.press(enter)
	becomes(holder, value("#editor"), "Please look, @Wang ")
	holder.press(enter)
	called.see(".toast")
	called.until(`document.querySelector(".toast").innerText.startsWith("You were mentioned")`)
	called.click(".toast button")
	called.see(`#talk[data-conversation="1"]`)
	becomes(called, agentLines, []string{"visitor: Is this still under guarantee?", "note: Please look, @Wang"})
}

// A browser opens six connections to a server over HTTP/1.1: one stream
// serves all the tabs of an agent.
func TestR10_EightTabsAreAllLive(t *testing.T) {
	s := start(t)
	zhou := s.setUp().at(desktop)
	var tabs []*page
	for range 8 {
		tabs = append(tabs, zhou.desk(s))
	}
	s.client().say("Hello to all of you")
	for _, tab := range tabs {
		tab.see(row(1))
	}
}
