package e2e

import "testing"

func TestSessionOver_KeepsWhatWasTyped(t *testing.T) {
	s := start(t)
	zhou := s.setUp()
	chat := newPerson(t, "Lin", desktop).chat(s)
	chat.send("Hello")
	agent := zhou.at(desktop)
	agent.faults.expect("status of 401")
	desk := agent.thread(s, 1)

	// The cookie is gone: what is sent waits for the sign-in.
	agent.dropCookie(s, "parlor")
	desk.answer("Sent without a session")
	desk.see(".toast button")
	becomes(desk, agentLines, []string{"visitor: Hello", "agent: Sent without a session …"})
	becomes(desk, notices, []string{"You were signed out; what you wrote is kept"})
	becomes(chat, visitorLines, []string{"visitor: Hello"})
	desk.click(".toast button")
	desk.signIn(zhou.email, password)
	sent := []string{"visitor: Hello", "agent: Sent without a session"}
	becomes(desk, agentLines, sent)
	becomes(chat, visitorLines, sent)

	// Every session ends elsewhere: what is being typed stays.
	desk.fill("#editor", "Not sent yet")
	const changed = "another-porcelain-9"
	zhou.must("/settings/password", "current", password, "password", changed)
	desk.see(".toast button")
	becomes(desk, notices, []string{"You were signed out; what you wrote is kept"})
	desk.click(".toast button")
	desk.signIn(zhou.email, changed)
	becomes(desk, value("#editor"), "Not sent yet")
	desk.click("#editor")
	desk.press(enter)
	sent = append(sent, "agent: Not sent yet")
	becomes(desk, agentLines, sent)
	becomes(chat, visitorLines, sent)
}

// signIn goes through the sign-in page and back to the conversation.
func (p *page) signIn(email, password string) {
	p.t.Helper()
	p.until(`location.pathname === "/login"`)
	p.fill("[name=email]", email)
	p.fill("[name=password]", password)
	p.click("button[type=submit]")
	p.see("#talk")
}

// notices is what the page's notices say, without their buttons.
const notices = `[...document.querySelectorAll(".toast")].map((n) => n.firstChild.textContent.trim())`
