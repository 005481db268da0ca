package e2e

import (
	"testing"

	"github.com/chromedp/cdproto/input"
)

// Enter chooses a candidate while an input method is composing, and only
// sends afterwards.
func TestInputMethod_EnterWhileComposingNeverSends(t *testing.T) {
	s := start(t)
	zhou := s.setUp()
	chat := newPerson(t, "林", look{width: 1440, height: 900, language: "zh-CN"}).chat(s)
	chat.compose("#text", visitorLines, "你好", []string{}, []string{"visitor: 你好"})
	desk := zhou.at(desktop).thread(s, 1)
	desk.compose("#editor", agentLines, "您好", []string{"visitor: 你好"}, []string{"visitor: 你好", "agent: 您好"})
	becomes(chat, visitorLines, []string{"visitor: 你好", "agent: 您好"})
}

// compose writes a word with an input method and sends it.
func (p *page) compose(field, lines, word string, before, after []string) {
	p.t.Helper()
	taken := key{"Enter", "Enter", "", 13} // the input method lets the page see it, and types nothing
	processed := key{"Process", "Enter", "", 229}
	late := key{"Enter", "Enter", "", 229} // some engines tell of it after the composition is over
	p.click(field)
	read[bool](p, `(window.heard = [], document.addEventListener("keydown", (e) => heard.push([e.isComposing, e.keyCode]), true), true)`)
	p.do(command(input.ImeSetComposition, input.ImeSetCompositionParams{Text: "ni hao", SelectionStart: 6, SelectionEnd: 6}))
	p.press(taken)
	p.press(processed)
	becomes(p, value(field), "ni hao")
	p.do(command(input.ImeSetComposition, input.ImeSetCompositionParams{Text: word, SelectionStart: 2, SelectionEnd: 2}))
	p.write(word)
	p.press(late)
	becomes(p, `heard`, [][]any{{true, 13.0}, {true, 229.0}, {false, 229.0}})
	becomes(p, value(field), word)
	becomes(p, lines, before)
	p.press(enter)
	becomes(p, lines, after)
	becomes(p, value(field), "")
}
