package e2e

import (
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/emulation"
)

// The chat page works as plain forms: nothing of it needs a script.
func TestNoScript_TheChatPageWorksAsForms(t *testing.T) {
	s := start(t)
	zhou := s.setUp()
	tab := newPerson(t, "Lin", desktop).blank()
	tab.do(command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	tab.visit(s.base + "/chat/" + s.key)
	tab.click("#text")
	tab.write("I read this without scripts")
	tab.submit("#compose button[type=submit]")
	becomes(tab, visitorLines, []string{"visitor: I read this without scripts"})
	zhou.reply(1, "So do we", "text")
	tab.reload()
	becomes(tab, visitorLines, []string{"visitor: I read this without scripts", "agent: So do we"})
	zhou.reply(1, "Sometimes", "text")
	tab.submit(".w-noscript")
	becomes(tab, visitorLines, []string{"visitor: I read this without scripts", "agent: So do we", "agent: Sometimes"})

	tab.expect("status of 422")
	tab.click("#text")
	tab.write("   ")
	tab.submit("#compose button[type=submit]")
	tab.says("#text-error", "Write something first")

	tab.click(".w-more summary")
	tab.submit("[data-end] button")
	tab.see(".w-ended")
	tab.click("#text")
	tab.write("One more thing")
	tab.submit("#compose button[type=submit]")
	becomes(tab, visitorLines, []string{"visitor: One more thing"})
}

// submit clicks and waits for the page that comes of it.
func (p *page) submit(selector string) {
	p.t.Helper()
	before := read[float64](p, `performance.timeOrigin`)
	p.click(selector)
	p.until(`performance.timeOrigin > ` + strconv.FormatFloat(before, 'f', -1, 64) + ` && document.readyState === "complete"`)
}
