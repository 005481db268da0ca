package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"
)

func said(side string, from, to int) (out []string) {
	for i := from; i <= to; i++ {
		out = append(out, fmt.Sprintf("%s: %s %d", side, side, i))
	}
	return out
}

// agree waits until both pages show what each side said, each message once
// and in order, and the same way round on both.
func agree(t *testing.T, desk, chat *page, count int) {
	t.Helper()
	for _, side := range []string{"agent", "visitor"} {
		mine := fmt.Sprintf(`.filter((l) => l.startsWith("%s"))`, side)
		within(desk, 30*time.Second, agentLines+mine, said(side, 1, count))
		within(chat, 30*time.Second, visitorLines+mine, said(side, 1, count))
	}
	on, off := read[[]string](desk, agentLines), read[[]string](chat, visitorLines)
	if !slices.Equal(on, off) {
		t.Errorf("the agent sees\n%q\nthe visitor\n%q", on, off)
	}
	desk.reload()
	becomes(desk, agentLines, on)
	chat.reload()
	becomes(chat, visitorLines, on)
}

func TestR10_WhatIsWrittenDuringAnOutageArrivesOnceAndInOrder(t *testing.T) {
	s := start(t)
	zhou := s.setUp()
	chat := newPerson(t, "Lin", desktop).chat(s)
	chat.send("visitor 1")
	desk := zhou.at(desktop).thread(s, 1)
	desk.answer("agent 1")
	becomes(chat, visitorLines, []string{"visitor: visitor 1", "agent: agent 1"})
	chat.expect(outage)
	desk.expect(outage)

	// R02: these two may or may not be stored when the power goes.
	chat.send("visitor 2")
	desk.answer("agent 2")
	s.kill()
	desk.answer("agent 3")
	chat.send("visitor 3")
	desk.answer("agent 4")
	chat.send("visitor 4")
	within(desk, 6*time.Second, visible("#net"), true)
	within(chat, 6*time.Second, visible("#net"), true)
	becomes(desk, agentLines+`.filter((l) => l.endsWith("…")).length > 1`, true)

	s.run()
	desk.click("[data-retry]")
	desk.miss("#net")
	within(chat, 10*time.Second, visible("#net"), false)
	agree(t, desk, chat, 4)
}

func TestR07_UntouchedPagesCatchUpAfter502(t *testing.T) {
	s, proxy := behindProxy(t)
	zhou := s.setUp()
	lin := newPerson(t, "Lin", desktop)
	chat := lin.chat(s)
	chat.send("visitor 1")
	desk := zhou.at(desktop).thread(s, 1)
	zhou.reply(1, "agent 1", "text")
	begun := []string{"visitor: visitor 1", "agent: agent 1"}
	becomes(desk, agentLines, begun)
	becomes(chat, visitorLines, begun)
	chat.expect(outage)
	desk.expect(outage)

	proxy.refuse(everything)
	other := lin.client(s)
	for _, i := range []string{"2", "3", "4"} {
		other.say("visitor " + i)
		zhou.reply(1, "agent "+i, "text")
	}
	time.Sleep(8 * time.Second)
	becomes(desk, agentLines, begun)
	proxy.refuse(nothing)
	agree(t, desk, chat, 4)
}

func TestR10_AMessageThatFailsInPassingIsSentAgain(t *testing.T) {
	s, proxy := behindProxy(t)
	zhou := s.setUp()
	chat := newPerson(t, "Lin", desktop).chat(s)
	chat.send("visitor 1")
	desk := zhou.at(desktop).thread(s, 1)
	chat.expect(outage)
	desk.expect(outage)
	proxy.refuse(changes)
	desk.answer("agent 1")
	chat.send("visitor 2")
	desk.answer("agent 2")
	for page, lines := range map[*page]string{desk: agentLines, chat: visitorLines} {
		page.until(lines + `.some((l) => l.endsWith("…"))`)
	}
	proxy.refuse(nothing)
	agree(t, desk, chat, 2)
}

func TestR03_AnAnswerThatIsLostDoublesNothing(t *testing.T) {
	s, proxy := behindProxy(t)
	zhou := s.setUp()
	chat, desk := newPerson(t, "Lin", desktop).chat(s), zhou.at(desktop).desk(s)
	chat.expect(outage)
	desk.expect(outage)
	proxy.lose(changes)
	chat.send("visitor 1")
	desk.choose(1)
	becomes(desk, agentLines, said("visitor", 1, 1))
	desk.answer("agent 1")
	time.Sleep(2 * time.Second) // both go on trying
	proxy.lose(nothing)
	becomes(chat, visitorLines, []string{"visitor: visitor 1", "agent: agent 1"})
	chat.send("visitor 2")
	desk.answer("agent 2")
	agree(t, desk, chat, 2)
	becomes(desk, `document.querySelectorAll("#rows .conv").length`, 1)
}

func TestReceipt_PassesOverWhatIsNotStoredYet(t *testing.T) {
	s, proxy := behindProxy(t)
	zhou := s.setUp()
	chat := newPerson(t, "Lin", desktop).chat(s)
	chat.send("Hello")
	desk := zhou.at(desktop).thread(s, 1)
	desk.expect(outage)
	proxy.refuse(func(r *http.Request) bool { return changes(r) && r.URL.Path == "/desk/conversations/1/messages" })
	desk.answer("On its way for a while")
	desk.see("#lines .pending")
	zhou.reply(1, "From another place", "text")
	becomes(desk, `document.querySelectorAll("#lines .msg.out:not(.pending) .receipt.read").length`, 1)
	becomes(desk, `document.querySelector("#lines .pending .receipt").innerText`, "Sending")
	proxy.refuse(nothing)
	becomes(chat, visitorLines, []string{"visitor: Hello", "agent: From another place", "agent: On its way for a while"})
}
