package e2e

import "testing"

func TestEnding_ByAgentKeepsTheDraftAndLeadsToANewConversation(t *testing.T) {
	s := start(t)
	zhou := s.setUp()
	chat := newPerson(t, "Lin", desktop).chat(s)
	chat.send("Old question")
	desk := zhou.at(desktop).desk(s)
	desk.choose(1)
	desk.fill("#editor", "Half a sentence")
	desk.click("#talk-head form[action$='/closure'] button")
	desk.see(`#talk[data-held="ended"]`)
	desk.see("#composer .closed-line")
	desk.miss("#mode-reply")
	becomes(desk, value("#editor"), "Half a sentence")
	chat.see(".w-ended")

	chat.send("New question")
	desk.choose(2)
	becomes(desk, agentLines, []string{"visitor: New question"})
	becomes(desk, value("#editor"), "")
	desk.until(`document.querySelector(".mini a")?.getAttribute("href") === "/desk/conversations/1"`)
	desk.answer("Welcome back")
	becomes(chat, visitorLines, []string{"visitor: Old question", "visitor: New question", "agent: Welcome back"})
	chat.miss(".w-ended")
	desk.choose(1)
	becomes(desk, value("#editor"), "Half a sentence")
	becomes(desk, agentLines, []string{"visitor: Old question"})
}

func TestEnding_ByVisitorReplacesTheComposer(t *testing.T) {
	s := start(t)
	zhou := s.setUp()
	frame := newPerson(t, "Lin", desktop).open(s.website().elsewhere()).unfold()
	frame.send("One thing only")
	desk := zhou.at(desktop).thread(s, 1)
	desk.fill("#editor", "What I was about to say")
	frame.click(".w-more summary")
	frame.click("[data-end] button")
	frame.see(".w-ended")
	desk.see(`#talk[data-held="ended"]`)
	desk.miss("#mode-reply")
	becomes(desk, value("#editor"), "What I was about to say")
	becomes(desk, `[...document.querySelectorAll("#lines .event")].at(-1).firstChild.textContent.trim()`, "The visitor ended the conversation")
	frame.send("Another thing")
	desk.see(row(2))
}
