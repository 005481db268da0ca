package e2e

import (
	"fmt"
	"testing"
)

func TestDrafts_SurviveSwitchingAndReload(t *testing.T) {
	s := start(t)
	desk := s.setUp().at(desktop).desk(s)
	s.client().say("First customer")
	s.client().say("Second customer")
	desk.choose(1)
	desk.fill("#editor", "For the first")
	desk.choose(2)
	becomes(desk, value("#editor"), "")
	desk.click("label:has(#mode-note)")
	desk.fill("#editor", "About the second")
	desk.choose(1)
	becomes(desk, value("#editor"), "For the first")
	becomes(desk, `document.querySelector("#mode-reply").checked`, true)
	desk.reload()
	becomes(desk, value("#editor"), "For the first")
	desk.choose(2)
	becomes(desk, value("#editor"), "About the second")
	becomes(desk, `document.querySelector("#mode-note").checked`, true)
}

func TestQuote_PutsTheMessageAboveTheReply(t *testing.T) {
	s := start(t)
	zhou := s.setUp()
	chat := newPerson(t, "Lin", desktop).chat(s)
	chat.send("Which of the two?")
	desk := zhou.at(desktop).thread(s, 1)
	desk.hover("#lines .msg .bubble")
	desk.click("[data-line=quote]")
	becomes(desk, value("#editor"), "> Which of the two?\n")
	desk.write("The white one")
	desk.press(enter)
	becomes(desk, `document.querySelector("#lines .msg.out .quote")?.innerText ?? ""`, "Which of the two?")
	becomes(chat, visitorLines, []string{"visitor: Which of the two?", "agent: > Which of the two?\nThe white one"})
}

// long is a conversation with 120 messages of which the agent has read the
// first hundred.
func long(t *testing.T) (*server, account, *client) {
	t.Helper()
	s := start(t, "--visitor-rate", "0")
	zhou := s.setUp()
	visitor := s.client()
	for i := 1; i <= 120; i++ {
		p := visitor.say(fmt.Sprintf("Message %d", i))
		if i == 100 {
			zhou.must("/desk/conversations/1/read", "upto", fmt.Sprint(p.ID))
		}
	}
	return s, zhou, visitor
}

// place of a message on the screen.
func top(message int) string {
	return fmt.Sprintf(`Math.round([...document.querySelectorAll("#lines .bubble")].find((b) => b.innerText.trim() === "Message %d").getBoundingClientRect().top)`, message)
}

const count = `document.querySelectorAll("#lines .msg").length`

func TestThread_ShowsUnreadAndOlderWithoutAJump(t *testing.T) {
	s, zhou, visitor := long(t)
	desk := zhou.at(desktop).thread(s, 1)
	becomes(desk, count, 50)
	becomes(desk, `document.querySelector("#new-divider").nextElementSibling.querySelector(".bubble").innerText.trim()`, "Message 101")
	becomes(desk, `(() => { const d = document.querySelector("#new-divider").getBoundingClientRect(), t = document.querySelector("#thread").getBoundingClientRect(); return d.top >= t.top && d.bottom <= t.bottom; })()`, true)

	desk.until(`(document.querySelector("#thread").scrollTop = 200, document.querySelector("#thread").scrollTop === 200)`)
	before := read[int](desk, top(71))
	desk.until(`(document.querySelector("#thread").scrollTop = 0, true)`)
	becomes(desk, count, 100)
	if moved := read[int](desk, top(71)) - before; moved < 150 || moved > 250 {
		t.Errorf("the oldest message shown moved %d px when older ones were put above it, want the 200 px of the scroll", moved)
	}
	becomes(desk, `document.querySelector("#lines .bubble").innerText.trim()`, "Message 21")
	desk.until(`(document.querySelector("#thread").scrollTop = 0, ` + count + ` === 120)`)
	becomes(desk, `[...document.querySelectorAll("#lines .bubble")].map((b) => b.innerText.trim())`, messages(1, 120))
	becomes(desk, `document.querySelectorAll("#lines .day[data-day]").length`, 1)

	visitor.say("Message 121")
	desk.see("#jump")
	becomes(desk, `document.querySelector("#thread").scrollTop < 5000`, true)
	desk.click("#jump")
	desk.miss("#jump")
	becomes(desk, top(121)+` < innerHeight`, true)
}

func messages(from, to int) (out []string) {
	for i := from; i <= to; i++ {
		out = append(out, fmt.Sprintf("Message %d", i))
	}
	return out
}

func TestThread_FindsWhatWasSaidLongAgo(t *testing.T) {
	s, zhou, visitor := long(t)
	visitor.say("我的洗碗机漏水")
	desk := zhou.at(desktop).thread(s, 1)
	desk.click("[data-find=open]")
	desk.write("漏水")
	desk.says("#find-result", "1 match")
	becomes(desk, `document.querySelector("#lines mark")?.innerText`, "漏水")
	desk.fill("#find-q", "Message 12")
	desk.says("#find-result", "2 matches") // 12 and 120
	desk.press(enter)
	becomes(desk, `[...document.querySelectorAll("#lines mark")].map((m) => m.closest(".bubble").innerText.trim()).includes("Message 12")`, true)
	becomes(desk, `(() => { const r = document.querySelector("#lines mark").getBoundingClientRect(); return r.top > 0 && r.bottom < innerHeight; })()`, true)
	desk.press(escape)
	desk.miss("#find")
	becomes(desk, `document.querySelectorAll("#lines mark").length`, 0)
}
