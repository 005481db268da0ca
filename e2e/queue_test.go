package e2e

import (
	"fmt"
	"testing"
)

// row is the list's entry of a conversation.
func row(conversation int) string { return fmt.Sprintf("#row-%d", conversation) }

// full limits an agent to one conversation at a time.
func (a account) full() {
	a.s.t.Helper()
	a.must("/desk/maximum", "maximum", "1")
}

func TestLoadRule_SharesOutByLoadAndFreesTheQueue(t *testing.T) {
	s := start(t)
	zhou := s.setUp()
	wang := zhou.hire("Wang", "self")
	zhouDesk, wangDesk := zhou.at(desktop).desk(s), wang.at(desktop).desk(s)
	s.client().say("First")
	s.client().say("Second")
	zhouDesk.see(row(1))
	wangDesk.see(row(2))
	zhouDesk.miss(row(2))
	wangDesk.miss(row(1))
	zhou.full()
	wang.full()

	chat := newPerson(t, "Lin", desktop).chat(s)
	chat.send("Third")
	chat.says("#position", "1")
	zhouDesk.see(".queue-entry")
	wangDesk.choose(2)
	wangDesk.click("form[action$='/closure'] button")
	wangDesk.see(row(3))
	chat.miss("#position")
	becomes(chat, `document.querySelector("#head b").innerText`, "Wang")
	wangDesk.choose(3)
	wangDesk.answer("Good day")
	becomes(chat, visitorLines, []string{"visitor: Third", "agent: Good day"})
}

func TestQueue_PlacesMoveWhileAgentsAccept(t *testing.T) {
	s := start(t)
	zhou := s.setUp()
	zhou.full()
	s.client().say("Occupies the only place")
	s.client().say("Waits first")
	chat := newPerson(t, "Lin", desktop).chat(s)
	chat.send("Waits second")
	chat.says("#position", "2")
	chat.says("#state b", "1 ahead of you")

	agent := zhou.at(desktop)
	queue := agent.open(s.base + "/queue")
	queue.see("#queued-3")
	queue.click("#queued-2 button")
	queue.see(`#talk[data-conversation="2"][data-held="mine"]`)
	chat.says("#position", "1")
	chat.says("#state b", "You are next")

	queue.visit(s.base + "/queue")
	queue.see("#queued-3")
	queue.miss("#queued-2")
	third := newPerson(t, "Ma", desktop).chat(s)
	third.send("Waits and leaves")
	queue.see("#queued-4")
	third.says("#position", "2")
	third.click(".w-more summary")
	third.click("[data-end] button")
	queue.miss("#queued-4")
	third.miss("#position")
	third.see(".w-ended")

	queue.press(keyA)
	queue.see(`#talk[data-conversation="3"][data-held="mine"]`)
	chat.miss("#position")
	queue.answer("Thank you for waiting")
	becomes(chat, visitorLines, []string{"visitor: Waits second", "agent: Thank you for waiting"})
	queue.see("#self .banner.over")
}

func TestQueue_ACallerOvertakenIsTold(t *testing.T) {
	s := start(t)
	zhou := s.setUp()
	wang := zhou.hire("Wang", "self")
	zhou.full()
	wang.full()
	for _, text := range []string{"First", "Second", "Third"} {
		s.client().say(text)
	}
	slow := wang.at(desktop)
	slow.faults.expect("status of 409")
	queue := slow.open(s.base + "/queue")
	queue.see("#queued-3")
	queue.hold() // the page does not hear of it in time
	zhou.must("/desk/conversations/3/assignment")
	queue.click("#queued-3 button")
	queue.says(".queue-note span", "Zhou has already taken this customer")
	queue.miss("#queued-3")
}

// hold keeps a page from reloading its regions.
func (p *page) hold() {
	p.t.Helper()
	read[bool](p, `(document.addEventListener("htmx:beforeRequest", (e) => e.preventDefault()), true)`)
}
