package e2e

import (
	_ "embed"
	"fmt"
	"strings"
	"testing"
)

// axe is axe-core, see testdata for its licence.
//
//go:embed testdata/axe.min.js
var axe string

const runAxe = `axe.run(document, {
	runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"], preload: false, iframes: false,
}).then((r) => r.violations.map((v) => v.id + " (" + v.impact + "): " + v.nodes.map((n) => n.target.join(" ") + " " + (n.any[0] ?? n.all[0] ?? n.none[0])?.message).slice(0, 4).join("; ")))`

// A checker of WCAG 2.2 AA finds nothing on any page: on a screen and on a
// phone, light and dark, in both languages.
func TestAccessibility_NoViolationOnAnyPage(t *testing.T) {
	w := newTour(t)
	for _, l := range []look{
		{width: 1440, height: 900, language: "zh-CN"},
		{width: 1440, height: 900, dark: true},
		{width: 390, height: 844},
		{width: 390, height: 844, dark: true, language: "zh-CN"},
	} {
		t.Run(fmt.Sprintf("%d %s dark=%t", l.width, l.language, l.dark), func(t *testing.T) {
			tab := newPerson(t, "a reader", l).blank()
			for _, stop := range w.stops {
				w.visit(tab, stop)
				read[bool](tab, axe+";true")
				if found := read[[]string](tab, runAxe); len(found) > 0 {
					t.Errorf("%s:\n%s", stop.name, strings.Join(found, "\n"))
				}
			}
		})
	}
}
