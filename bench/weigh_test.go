package main

import (
	"slices"
	"testing"
)

func TestRefsFindsWhatAPageLoads(t *testing.T) {
	page := `<link href="/static/ab12/css/app.css"><use href="/static/ab12/img/icons.svg#x"></use><div data-worker="/static/ab12/js/worker.js">`
	script := `import { a } from "./parts.js"; import("../vendor/x.js")`
	sheet := `a{background:url(../img/dot.svg)} b{background:url(data:image/png;base64,x)}`
	for _, c := range []struct {
		at, text string
		want     []string
	}{
		{"/desk", page, []string{"/static/ab12/css/app.css", "/static/ab12/img/icons.svg", "/static/ab12/js/worker.js"}},
		{"/static/ab12/js/desk.js", script, []string{"/static/ab12/js/parts.js", "/static/ab12/vendor/x.js"}},
		{"/static/ab12/css/app.css", sheet, []string{"/static/ab12/img/dot.svg"}},
	} {
		if got := refs(c.at, c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, not %v", c.at, got, c.want)
		}
	}
}
