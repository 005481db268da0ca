package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// page is one tab, or one frame of another site in a tab.
type page struct {
	t      *testing.T
	person *person
	ctx    context.Context
	name   string
}

// do takes steps that have to succeed within the usual patience.
func (p *page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatalf("%s: %v", p.name, err)
	}
}

func (p *page) visit(url string) {
	p.t.Helper()
	p.do(chromedp.Navigate(url))
}

func (p *page) reload() {
	p.t.Helper()
	p.do(chromedp.Reload())
}

// expect lets pass what a test brings about on purpose.
func (p *page) expect(pattern string) { p.person.faults.expect(pattern) }

// try evaluates a script; a page on its way elsewhere has no answer.
func try[T any](p *page, script string) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
}

// read evaluates a script that has to have an answer.
func read[T any](p *page, script string) T {
	p.t.Helper()
	v, err := try[T](p, script)
	if err != nil {
		p.t.Fatalf("%s: %v\n%s", p.name, err, script)
	}
	return v
}

// within waits until a script answers what is wanted.
func within[T any](p *page, wait time.Duration, script string, want T) {
	p.t.Helper()
	var got T
	var err error
	for end := time.Now().Add(wait); ; time.Sleep(25 * time.Millisecond) {
		if got, err = try[T](p, script); err == nil && reflect.DeepEqual(got, want) {
			return
		}
		if time.Now().After(end) {
			p.t.Fatalf("%s, not within %s: %s\n got %#v (%v)\nwant %#v", p.name, wait, script, got, err, want)
		}
	}
}

// becomes waits until a script answers what is wanted.
func becomes[T any](p *page, script string, want T) {
	p.t.Helper()
	within(p, patience, script, want)
}

// until waits until a script answers yes.
func (p *page) until(script string) {
	p.t.Helper()
	becomes(p, "!!("+script+")", true)
}

func quoted(s string) string {
	b, _ := json.Marshal(s) // a string cannot fail
	return string(b)
}

func visible(selector string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(%s)].some((e) => e.checkVisibility({ visibilityProperty: true }))`, quoted(selector))
}

// see waits until something is shown.
func (p *page) see(selector string) {
	p.t.Helper()
	becomes(p, visible(selector), true)
}

// miss waits until something is not shown.
func (p *page) miss(selector string) {
	p.t.Helper()
	becomes(p, visible(selector), false)
}

// text is what an element says.
func (p *page) text(selector string) string {
	p.t.Helper()
	p.see(selector)
	return read[string](p, fmt.Sprintf(`document.querySelector(%s).innerText.trim()`, quoted(selector)))
}

// says waits until an element says something.
func (p *page) says(selector, want string) {
	p.t.Helper()
	becomes(p, fmt.Sprintf(`document.querySelector(%s)?.innerText.trim() ?? null`, quoted(selector)), want)
}

// value is what stands in a field.
func value(selector string) string {
	return fmt.Sprintf(`document.querySelector(%s)?.value ?? null`, quoted(selector))
}

var unfit = regexp.MustCompile(`[^A-Za-z0-9]+`)

// picture keeps what a page of a failed test showed; go test -artifacts says where.
func (p *page) picture() {
	if !p.t.Failed() {
		return
	}
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	image, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		return // a frame has no picture of its own
	}
	file := filepath.Join(p.t.ArtifactDir(), unfit.ReplaceAllString(p.name, "-")+".png")
	if err := os.WriteFile(file, image, 0o600); err != nil {
		p.t.Log(err)
	}
}
