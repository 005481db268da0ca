package e2e

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
)

// reportViolations makes a page say what its content policy refused.
const reportViolations = `addEventListener("securitypolicyviolation", (e) =>
	console.error("content policy refused", e.violatedDirective, e.blockedURI, "at", e.sourceFile, e.lineNumber));`

// faults are what a person's pages, frames and workers complained about:
// errors on the console, uncaught exceptions, refusals of a content policy,
// failed requests.
type faults struct {
	mu       sync.Mutex
	all      []string
	expected []*regexp.Regexp
}

func (f *faults) listen(event any) {
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			var said []string
			for _, a := range e.Args {
				said = append(said, strings.Trim(string(a.Value), `"`)+a.Description)
			}
			f.add("console: " + strings.Join(said, " "))
		}
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		f.add("exception: " + text)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Source == log.EntrySourceSecurity {
			f.add(fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	}
}

func (f *faults) add(text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = append(f.all, text)
}

// expect lets pass what a test brings about on purpose.
func (f *faults) expect(pattern string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.expected = append(f.expected, regexp.MustCompile(pattern))
}

func (f *faults) unexpected() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
next:
	for _, text := range f.all {
		for _, e := range f.expected {
			if e.MatchString(text) {
				continue next
			}
		}
		out = append(out, text)
	}
	return out
}

// outage is what a browser, and htmx in it, say of a server that does not answer.
const outage = `net::ERR_|status of 50[234]|console: htmx:|Status Error Code 50[234]`
