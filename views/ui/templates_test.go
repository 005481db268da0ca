package ui_test

import (
	"go/ast"
	"go/types"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// written is the markup that each function of the generated views writes; \x00
// stands where a value goes.
func written(t *testing.T, f func(path, markup string)) {
	sources(t, func(path string, file *ast.File) {
		if !strings.HasSuffix(path, "_templ.go") {
			return
		}
		for _, d := range file.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			var b strings.Builder
			ast.Inspect(fn, func(n ast.Node) bool {
				if c, ok := n.(*ast.CallExpr); ok && named(c.Fun) == "WriteString" {
					b.WriteString(strings.ReplaceAll(pattern(c.Args[len(c.Args)-1]), "*", "\x00"))
				}
				return true
			})
			f(path, b.String())
		}
	})
}

var (
	element = regexp.MustCompile(`<[^>]*>`)
	spoken  = regexp.MustCompile(` (aria-label|title|placeholder|alt|data-tip)="([^"]*)"`)
)

// literal are the few texts that read alike in every language: keys of the
// keyboard, the names of languages, and an example of an address.
var literal = []string{"E", "A", "D", "Shift D", "中文", "English", "简体中文", "shop.example.com"}

func TestNoTextIsLeftUntranslated(t *testing.T) {
	seen := 0
	written(t, func(path, markup string) {
		texts := strings.Split(element.ReplaceAllString(markup, "\x00"), "\x00")
		for _, m := range spoken.FindAllStringSubmatch(markup, -1) {
			texts = append(texts, strings.Split(m[2], "\x00")...)
		}
		for _, text := range texts {
			text = strings.TrimSpace(text)
			seen += len(text)
			if strings.ContainsFunc(text, unicode.IsLetter) && !slices.Contains(literal, text) {
				t.Errorf("%s holds the text %q", path, text)
			}
		}
	})
	if seen == 0 {
		t.Error("no text at all was found: the search is broken")
	}
}

// unsafe are the helpers of templ that put text into a page as it is.
var unsafe = []string{
	"Raw", "SafeCSS", "SafeCSSProperty", "SafeScript", "SafeScriptInline", "JSFuncCall", "JSUnsafeFuncCall", "JSExpression", "ComponentScript", "ToGoHTML", "FromGoHTML",
}

// addresses are the expressions that templ.SafeURL may be given: paths of this
// server, what comes from a list of such paths, and what Links and WebLink let through.
var addresses = regexp.MustCompile(`^("/[a-z]|path \+ "\?lang=|[co]\.(url|olderURL)\(|conversationURL\(|(href|s\.Path|p\.URL|address)$)`)

func TestS31_NothingIsPutIntoAPageAsItIs(t *testing.T) {
	found := 0
	sources(t, func(path string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && named(s.X) == "templ" && slices.Contains(unsafe, s.Sel.Name) {
				t.Errorf("%s uses templ.%s", path, s.Sel.Name)
			}
			c, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			switch name := named(c.Fun); {
			case name == "SafeURL":
				found++
				if from := types.ExprString(c.Args[0]); !addresses.MatchString(from) {
					t.Errorf("%s: nobody has checked that SafeURL(%s) is safe", path, from)
				}
			case (name == "tab" || name == "navItem") && !strings.HasPrefix(pattern(c.Args[0]), "/"):
				t.Errorf("%s: %s leads to something that is not a path", path, name)
			}
			return true
		})
	})
	if found < 15 {
		t.Errorf("found only %d addresses: the search is broken", found)
	}
}

var inline = regexp.MustCompile(`(?i) style="| on[a-z]+="|<style|<script(?: [a-z]+="[^"]*"| defer| async)*>[^<]|javascript:`)

func TestS37_NoScriptOrStyleStandsInAPage(t *testing.T) {
	written(t, func(path, markup string) {
		for _, bad := range inline.FindAllString(markup, -1) {
			t.Errorf("%s holds %q", path, bad)
		}
	})
}
