package e2e

import (
	"context"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// launcher is what the widget shows on somebody's website.
type launcher struct {
	Button bool   `json:"button"` // shown, that is, folded
	Label  string `json:"label"`
	Unread string `json:"unread"` // the bubble's text; "" without a bubble
	Frames int    `json:"frames"`
	X      float64
	Y      float64
}

const lookAtLauncher = `function () {
	const b = this.querySelector("button"), n = this.querySelector("b"), r = b.getBoundingClientRect();
	return {
		button: b.checkVisibility(), label: b.getAttribute("aria-label"), unread: n.checkVisibility() ? n.textContent : "",
		frames: this.querySelectorAll("iframe").length, X: r.x + r.width / 2, Y: r.y + r.height / 2,
	};
}`

// launcher looks into the widget's closed shadow tree; ok is false while
// there is no widget.
func (p *page) launcher() (l launcher, ok bool) {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	host, err := chromedp.Run(ctx, chromedp.Evaluate[*runtime.RemoteObject](`document.getElementById("parlor-widget")`))
	if err != nil || host.ObjectID == "" {
		return l, false
	}
	l, err = chromedp.Run(ctx, func(ctx context.Context, t *chromedp.Target) (launcher, error) {
		node, err := cdp.Call(ctx, t, dom.DescribeNode, dom.DescribeNodeParams{ObjectID: host.ObjectID, Depth: new(int64(-1)), Pierce: new(true)})
		if err != nil {
			return l, err
		}
		root, err := cdp.Call(ctx, t, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: node.Node.ShadowRoots[0].BackendNodeID})
		if err != nil {
			return l, err
		}
		at := func(c *runtime.CallFunctionOnParams) { c.ObjectID = root.Object.ObjectID }
		return chromedp.CallFunctionOn[launcher](lookAtLauncher, at)(ctx, t)
	})
	return l, err == nil
}

// launcherIs waits until the widget looks as wanted.
func (p *page) launcherIs(what string, want func(launcher) bool) {
	p.t.Helper()
	eventually(p.t, what, func() bool {
		l, ok := p.launcher()
		return ok && want(l)
	})
}

// unfold clicks the launcher and returns the frame that it opens.
func (p *page) unfold() *page {
	p.t.Helper()
	eventually(p.t, "frames of an earlier page are gone", func() bool {
		l, ok := p.launcher()
		return ok && l.Button && l.Frames == len(p.person.targets("iframe"))
	})
	l, _ := p.launcher()
	p.clickAt(l.X, l.Y)
	frame := p.person.frame("/chat/")
	frame.see("#text")
	return frame
}

// requests collects what the tab asks of a server, from now on.
func (p *page) requests(base string) func() []string {
	p.t.Helper()
	var mu sync.Mutex
	var all []string
	err := chromedp.Listen(p.ctx, func(event any) {
		if e, ok := event.(*network.EventRequestWillBeSent); ok && strings.HasPrefix(e.Request.URL, base) {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, strings.TrimPrefix(e.Request.URL, base))
		}
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), all...)
	}
}
