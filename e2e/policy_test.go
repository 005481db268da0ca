package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// Every test fails for a refusal of a content policy in a page, a frame or a
// worker. This one brings each about and sees that it is heard.
func TestS38_RefusalsAreHeardEverywhere(t *testing.T) {
	s := start(t)
	zhou := s.setUp()
	const inline = `document.body.append(Object.assign(document.createElement("script"), { textContent: "1" }))`

	agent := zhou.at(desktop)
	read[chromedp.Void](agent.desk(s), inline)
	agent.faults.mustHear(t, "script-src")

	visitor := newPerson(t, "Lin", desktop)
	frame := visitor.open(s.website().elsewhere()).unfold()
	read[chromedp.Void](frame, inline)
	visitor.faults.mustHear(t, "script-src")

	// What happened before anybody listened is told to who comes later.
	late := &person{t: t, context: agent.context, faults: &faults{}}
	eventually(t, "the workspace has its worker", func() bool { return len(agent.targets("shared_worker")) == 1 })
	worker := agent.attach("worker", chromedp.WithTargetID(agent.targets("shared_worker")[0].TargetID))
	read[string](worker, `fetch("http://127.0.0.1:1/").then(() => "", () => "refused")`)
	agent.faults.mustHear(t, "connect-src")
	late.inspectWorkers()
	late.faults.mustHear(t, "connect-src")
}

// mustHear waits for a refusal and takes it for expected.
func (f *faults) mustHear(t *testing.T, directive string) {
	t.Helper()
	eventually(t, "a refusal by "+directive+" is heard", func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return strings.Contains(strings.Join(f.all, "\n"), directive)
	})
	f.expect("Content Security Policy|content policy refused")
}
