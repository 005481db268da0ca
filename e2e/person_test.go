package e2e

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// person is somebody with a browser of their own: cookies, storage, workers.
type person struct {
	t       *testing.T
	name    string
	context cdp.BrowserContextID
	faults  *faults
	look    look
}

// look is how a person's browser shows pages.
type look struct {
	width, height int64
	language      string // "" for English
	dark          bool
	noThirdParty  bool // whether cookies of framed sites are blocked altogether
}

var (
	desktop = look{width: 1440, height: 900}
	phone   = look{width: 390, height: 844}
)

// newPerson gives somebody a browser. The test fails at its end for anything
// their pages complained about.
func newPerson(t *testing.T, name string, l look) *person {
	t.Helper()
	made, err := chromedp.CallBrowser(chrome, target.CreateBrowserContext, target.CreateBrowserContextParams{})
	if err != nil {
		t.Fatal(err)
	}
	p := &person{t: t, name: name, context: made.BrowserContextID, faults: &faults{}, look: l}
	t.Cleanup(func() {
		p.inspectWorkers()
		for _, f := range p.faults.unexpected() {
			t.Errorf("%s's browser: %s", name, f)
		}
		_, err := chromedp.CallBrowser(chrome, target.DisposeBrowserContext, target.DisposeBrowserContextParams{BrowserContextID: p.context})
		if err != nil {
			t.Error(err)
		}
	})
	return p
}

// at gives an agent a browser that is signed in already.
func (a account) at(l look) *person {
	a.s.t.Helper()
	p := newPerson(a.s.t, a.name, l)
	for _, c := range a.http.Jar.Cookies(a.urls) {
		p.setCookie(a.s, c.Name, c.Value)
	}
	return p
}

// open shows a page in a new tab.
func (p *person) open(url string) *page {
	p.t.Helper()
	tab := p.blank()
	tab.visit(url)
	return tab
}

// blank is a new tab that has not gone anywhere yet.
func (p *person) blank() *page {
	p.t.Helper()
	tab := p.attach(p.name, chromedp.WithExistingBrowserContext(p.context))
	agent := read[string](tab, "navigator.userAgent")
	scheme := "light"
	if p.look.dark {
		scheme = "dark"
	}
	language := p.look.language
	if language == "" {
		language = "en-US"
	}
	tab.do(
		chromedp.EmulateViewport(p.look.width, p.look.height),
		command(emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}),
		command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}}),
		command(emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: language}),
		command(cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: reportViolations}),
	)
	if p.look.noThirdParty {
		tab.do(command(network.SetCookieControls, network.SetCookieControlsParams{EnableThirdPartyCookieRestriction: true}))
	}
	return tab
}

// attach watches a tab, a frame or a worker from here on.
func (p *person) attach(name string, options ...chromedp.ContextOption) *page {
	p.t.Helper()
	options = append(options, chromedp.WithListener(p.faults.listen), chromedp.WithDetachOnCancel())
	ctx, cancel := chromedp.NewContext(chrome, options...)
	tab := &page{t: p.t, person: p, ctx: ctx, name: name}
	p.t.Cleanup(func() { tab.picture(); cancel() })
	if err := chromedp.Do(ctx); err != nil {
		p.t.Fatal(err)
	}
	return tab
}

// targets lists what the person's browser runs of a kind.
func (p *person) targets(kind string) []*target.Info {
	all, err := chromedp.Targets(chrome)
	if err != nil {
		p.t.Error(err)
	}
	var out []*target.Info
	for _, info := range all {
		if info.Type == kind && info.BrowserContextID == p.context {
			out = append(out, info)
		}
	}
	return out
}

// frame finds the frame of another site whose address contains part.
func (p *person) frame(part string) *page {
	p.t.Helper()
	var id target.ID
	eventually(p.t, p.name+" has a frame of "+part, func() bool {
		for _, info := range p.targets("iframe") {
			if strings.Contains(info.URL, part) {
				id = info.TargetID
			}
		}
		return id != ""
	})
	return p.attach(p.name+"'s frame", chromedp.WithTargetID(id))
}

// inspectWorkers reads what the shared workers complained about: a browser
// hands out what it kept when somebody begins to listen.
func (p *person) inspectWorkers() {
	limited, cancel := context.WithTimeout(chrome, patience)
	defer cancel()
	for _, info := range p.targets("shared_worker") {
		ctx, cancel := chromedp.NewContext(limited, chromedp.WithTargetID(info.TargetID), chromedp.WithListener(p.faults.listen), chromedp.WithDetachOnCancel())
		if err := chromedp.Do(ctx); err != nil {
			p.t.Errorf("%s's worker cannot be inspected: %v", p.name, err)
		}
		cancel()
	}
}

// command is a protocol command as a step.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}
