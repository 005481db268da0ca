package e2e

import (
	"fmt"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// place is where a hand would touch an element: in its middle, once the page
// is whole and nothing lies over it.
func (p *page) place(selector string) (x, y float64) {
	p.t.Helper()
	script := fmt.Sprintf(`(() => {
		const e = [...document.querySelectorAll(%s)].find((e) => e.checkVisibility({ visibilityProperty: true }));
		if (!e || document.readyState !== "complete") return [];
		e.scrollIntoView({ block: "nearest", inline: "nearest" });
		const r = e.getBoundingClientRect(), at = [r.x + r.width / 2, r.y + r.height / 2];
		const top = document.elementFromPoint(...at);
		return e.contains(top) || (top && top.closest("label")?.control === e) ? at : [];
	})()`, quoted(selector))
	var at []float64
	eventually(p.t, p.name+" can reach "+selector, func() bool {
		var err error
		at, err = try[[]float64](p, script)
		return err == nil && len(at) == 2
	})
	return at[0], at[1]
}

func (p *page) click(selector string) {
	p.t.Helper()
	x, y := p.place(selector)
	p.clickAt(x, y)
}

func (p *page) clickAt(x, y float64) {
	p.t.Helper()
	p.do(chromedp.MouseEvent(chromedp.MouseMoved, x, y), chromedp.MouseClickXY(x, y))
}

func (p *page) hover(selector string) {
	p.t.Helper()
	x, y := p.place(selector)
	p.do(chromedp.MouseEvent(chromedp.MouseMoved, x, y))
}

// write puts text in where the caret is, as a paste or an input method does.
func (p *page) write(text string) {
	p.t.Helper()
	p.do(command(input.InsertText, input.InsertTextParams{Text: text}))
}

// fill replaces what stands in a field.
func (p *page) fill(selector, text string) {
	p.t.Helper()
	p.click(selector)
	p.until(fmt.Sprintf(`document.activeElement === document.querySelector(%s)`, quoted(selector)))
	read[bool](p, `(document.activeElement.select(), true)`)
	p.write(text)
}

// press strikes a key; as on a keyboard, what the page does with it decides
// whether it also types.
func (p *page) press(k key) {
	p.t.Helper()
	down := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: k.name, Code: k.code, Text: k.text, WindowsVirtualKeyCode: k.number}
	up := down
	up.Type, up.Text = input.DispatchKeyEventTypeKeyUp, ""
	p.do(command(input.DispatchKeyEvent, down), command(input.DispatchKeyEvent, up))
}

// key is one key of a keyboard.
type key struct {
	name, code, text string
	number           int64
}

var (
	enter  = key{"Enter", "Enter", "\r", 13}
	escape = key{"Escape", "Escape", "", 27}
	keyA   = key{"a", "KeyA", "a", 65}
)
