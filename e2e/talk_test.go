package e2e

import "fmt"

// What both sides of a conversation show, in the same words, so that the two
// can be compared: who said what, … for what is not stored yet.
const (
	agentLines = `[...document.querySelectorAll("#lines > .msg, #lines > .noted")].map((li) =>
		(li.matches(".noted") ? "note: " : li.matches(".out") ? "agent: " : "visitor: ") +
		li.querySelector(".bubble, .body").innerText.trim() + (li.matches(".pending, .failed") ? " …" : ""))`
	visitorLines = `[...document.querySelectorAll("#lines > .w-msg")].map((el) =>
		(el.matches(".out") ? "visitor: " : "agent: ") +
		el.querySelector(".w-in, .w-out").innerText.trim() + (el.matches(".pending, .failed") ? " …" : ""))`
)

// desk opens the workspace in a new tab.
func (p *person) desk(s *server) *page {
	p.t.Helper()
	tab := p.open(s.base + "/desk")
	tab.see("#rows")
	return tab
}

// thread opens one conversation in a new tab.
func (p *person) thread(s *server, conversation int) *page {
	p.t.Helper()
	tab := p.open(fmt.Sprintf("%s/desk/conversations/%d", s.base, conversation))
	tab.see("#talk")
	return tab
}

// choose opens a conversation from the list.
func (p *page) choose(conversation int) {
	p.t.Helper()
	p.click(fmt.Sprintf("#row-%d > a", conversation))
	p.see(fmt.Sprintf(`#talk[data-conversation="%d"]`, conversation))
}

// answer writes and sends as an agent.
func (p *page) answer(text string) {
	p.t.Helper()
	p.fill("#editor", text)
	p.press(enter)
}

// note leaves an internal note.
func (p *page) note(text string) {
	p.t.Helper()
	p.click("label:has(#mode-note)")
	p.answer(text)
}

// chat opens the visitor's page standing alone.
func (p *person) chat(s *server) *page {
	p.t.Helper()
	tab := p.open(s.base + "/chat/" + s.key)
	tab.see("#text")
	return tab
}

// send writes and sends as a visitor.
func (p *page) send(text string) {
	p.t.Helper()
	p.fill("#text", text)
	p.press(enter)
}
