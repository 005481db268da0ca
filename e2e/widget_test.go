package e2e

import (
	"slices"
	"testing"
	"time"
)

func TestWidget_CarriesAConversationOnAnotherOrigin(t *testing.T) {
	s := start(t)
	desk := s.setUp().at(desktop).desk(s)
	visitor := newPerson(t, "Lin", look{width: 1440, height: 900, noThirdParty: true})
	shop := visitor.blank()
	asked := shop.requests(s.base)
	shop.visit(s.website().elsewhere())
	shop.launcherIs("the launcher is there", func(l launcher) bool { return l.Button })
	time.Sleep(500 * time.Millisecond) // long enough for anything that would load by itself
	shop.launcherIs("no frame opened by itself", func(l launcher) bool { return l.Button && l.Frames == 0 })
	if want := []string{"/widget.js?site=" + s.key}; !slices.Equal(asked(), want) {
		t.Errorf("before the first click the page asked for %q, want %q", asked(), want)
	}

	frame := shop.unfold()
	shop.launcherIs("the frame took the launcher's place", func(l launcher) bool { return !l.Button && l.Frames == 1 })
	frame.send("My robot <b>stopped</b>\nin the kitchen")
	desk.choose(1)
	desk.answer("Does its <i>lamp</i> blink?")
	want := []string{"visitor: My robot <b>stopped</b>\nin the kitchen", "agent: Does its <i>lamp</i> blink?"}
	becomes(desk, agentLines, want)
	becomes(frame, visitorLines, want)

	desk.see("#lines .msg.out .receipt.read")
	desk.note("Serial number 2409")
	becomes(desk, agentLines, append(slices.Clone(want), "note: Serial number 2409"))
	frame.send("It does")
	becomes(desk, agentLines, append(slices.Clone(want), "note: Serial number 2409", "visitor: It does"))
	desk.click("label:has(#mode-reply)")
	desk.answer("Then charge it")
	becomes(frame, visitorLines, append(slices.Clone(want), "visitor: It does", "agent: Then charge it"))
	if read[bool](frame, `document.documentElement.innerHTML.includes("2409")`) {
		t.Error("the note reached the visitor")
	}
}

func TestWidget_ShowsWhatTheOtherSideTypes(t *testing.T) {
	s := start(t)
	desk := s.setUp().at(desktop).desk(s)
	frame := newPerson(t, "Lin", desktop).open(s.website().elsewhere()).unfold()
	frame.send("Hello")
	desk.choose(1)
	becomes(frame, visitorLines, []string{"visitor: Hello"})
	frame.fill("#text", "I wonder whether")
	desk.says("#peek .trunc", "I wonder whether")
	frame.press(enter)
	desk.miss("#peek")
	frame.miss("#typing")
	desk.fill("#editor", "Let me")
	frame.see("#typing")
	desk.press(enter)
	frame.miss("#typing")
	becomes(frame, visitorLines, []string{"visitor: Hello", "visitor: I wonder whether", "agent: Let me"})
}

func TestWidget_CountsWhatCameInWhileFolded(t *testing.T) {
	s := start(t)
	admin := s.setUp()
	shop := newPerson(t, "Lin", desktop).open(s.website().beside())
	frame := shop.unfold()
	frame.send("Is anybody there?")
	becomes(frame, visitorLines, []string{"visitor: Is anybody there?"})
	frame.click("#fold")
	shop.launcherIs("the widget is folded", func(l launcher) bool { return l.Button && l.Unread == "" })
	admin.reply(1, "Yes", "text")
	admin.reply(1, "We are", "text")
	two := func(l launcher) bool { return l.Unread == "2" && l.Label == "Open chat · 2 new" }
	shop.launcherIs("two new messages are counted", two)

	shop.reload()
	shop.launcherIs("they are counted on a fresh page too", two)
	shop.launcherIs("without a frame", func(l launcher) bool { return l.Frames == 0 })
	frame = shop.unfold()
	becomes(frame, visitorLines, []string{"visitor: Is anybody there?", "agent: Yes", "agent: We are"})
	frame.click("#fold")
	shop.launcherIs("what was read is not counted", func(l launcher) bool { return l.Button && l.Unread == "" })
}

func TestWidget_WorksWithoutThirdPartyCookies(t *testing.T) {
	s := start(t)
	admin := s.setUp()
	visitor := newPerson(t, "Lin", look{width: 1440, height: 900, noThirdParty: true})
	shop := visitor.open(s.website().elsewhere())
	frame := shop.unfold()
	frame.send("First")
	becomes(frame, visitorLines, []string{"visitor: First"})
	admin.reply(1, "Second", "text")
	becomes(frame, visitorLines, []string{"visitor: First", "agent: Second"})
	shop.reload()
	frame = shop.unfold()
	becomes(frame, visitorLines, []string{"visitor: First", "agent: Second"})
	frame.send("Third")
	becomes(frame, visitorLines, []string{"visitor: First", "agent: Second", "visitor: Third"})
	admin.reply(1, "Fourth", "text")
	becomes(frame, visitorLines, []string{"visitor: First", "agent: Second", "visitor: Third", "agent: Fourth"})
	if held := visitor.cookies(); slices.Contains(held, "visitor-"+s.key) {
		t.Errorf("the browser was to block cookies and holds %q", held)
	}
}
