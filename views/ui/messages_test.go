package ui_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"parlor/domain"
	"parlor/views/ui"
)

// sources calls f for every Go file that may speak to people.
func sources(t *testing.T, f func(path string, file *ast.File)) {
	t.Helper()
	for _, dir := range []string{"views", "handlers", "domain", "db"} {
		err := filepath.WalkDir(filepath.Join("..", "..", dir), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err == nil {
				f(path, file)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

func TestEveryLanguageHasTheSameTexts(t *testing.T) {
	first := ui.Texts[ui.Languages[0]]
	for _, lang := range ui.Languages {
		texts := ui.Texts[lang]
		for key, text := range texts {
			other, ok := first[key]
			if !ok {
				t.Errorf("%s is in %s and not in %s", key, lang, ui.Languages[0])
			}
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s is empty in %s", key, lang)
			}
			if a, b := places(text), places(other); !slices.Equal(a, b) && !strings.HasSuffix(key, ".one") {
				t.Errorf("%s has %v in %s and %v in %s", key, a, lang, b, ui.Languages[0])
			}
		}
		for key := range first {
			if _, ok := texts[key]; !ok {
				t.Errorf("%s is not in %s", key, lang)
			}
		}
	}
}

// places are the names in braces of a text, each once.
func places(text string) []string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// built are the keys put together at run time: what stands for * in each.
var built = map[string][]string{
	"status.*":         texts(domain.Statuses),
	"status.*.means":   texts(domain.Statuses),
	"list.empty.*":     texts(domain.Statuses),
	"list.reason.*":    {"agent", "visitor", "silence"},
	"event.queued.*":   {"left"},
	"event.assigned.*": {"load", "hand"},
	"event.ended.*":    {"visitor", "silence"},
	"scope.*":          {"self", "groups", "all"},
	"brand.*":          domain.Brands,
	"role.*":           {"admin", "supervisor", "agent", "analyst"},
	"month.*":          {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"},
	"weekday.*":        {"0", "1", "2", "3", "4", "5", "6"},
	"notice.*":         {"mention", "assigned", "message", "queued"},
	"launcher.*":       {"open", "close", "unread", "title"},
}

func texts[T ~string](in []T) (out []string) {
	for _, s := range in {
		out = append(out, string(s))
	}
	return out
}

// pattern is a string expression with * for whatever is not a literal.
func pattern(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if s, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return s
		}
	case *ast.BinaryExpr:
		return pattern(e.X) + pattern(e.Y)
	case *ast.ParenExpr:
		return pattern(e.X)
	}
	return "*"
}

// asked is every key that a call asks for, with the place of the call.
func asked(t *testing.T) map[string]string {
	keys := map[string]string{}
	sources(t, func(path string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok || len(c.Args) < 2 {
				return true
			}
			key := pattern(c.Args[1])
			switch name := named(c.Fun); {
			case strings.Trim(key, "*") == "": // handed on; the literal rule finds where it comes from
			case name == "T" || name == "Text":
				keys[key] = path
			case name == "N":
				keys[key+".one"], keys[key+".other"] = path, path
			}
			return true
		})
	})
	return keys
}

func TestEveryTextAskedForExists(t *testing.T) {
	known := ui.Texts[ui.Languages[0]]
	keys := asked(t)
	if len(keys) < 100 {
		t.Fatalf("found only %d keys: the search is broken", len(keys))
	}
	for key, path := range keys {
		if !strings.Contains(key, "*") {
			if _, ok := known[key]; !ok {
				t.Errorf("%s asks for %s", path, key)
			}
			continue
		}
		values, ok := built[key]
		if !ok {
			values = scriptWords(t)
			ok = key == "script.*"
		}
		if !ok {
			t.Errorf("%s puts %s together; list what may stand for *", path, key)
		}
		for _, v := range values {
			if _, ok := known[strings.Replace(key, "*", v, 1)]; !ok {
				t.Errorf("%s asks for %s with %s", path, key, v)
			}
		}
	}
}

// scriptWords are the words of every list of that name.
func scriptWords(t *testing.T) (words []string) {
	sources(t, func(_ string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok || v.Names[0].Name != "scriptWords" || len(v.Values) == 0 {
				return true
			}
			for _, e := range v.Values[0].(*ast.CompositeLit).Elts {
				words = append(words, pattern(e))
			}
			return false
		})
	})
	return words
}

// keyForm is how a key of the catalogue looks.
var keyForm = regexp.MustCompile(`^[a-z]+(\.[a-z0-9]+)+$`)

// alike look like keys and are a column and a file.
var alike = []string{"agents.email", "widget.css"}

// TestEveryKeyInTheSourceExists finds keys that are handed around before they
// are asked for, such as those of domain.Invalid and of form fields.
func TestEveryKeyInTheSourceExists(t *testing.T) {
	known := ui.Texts[ui.Languages[0]]
	families := map[string]bool{}
	for key := range known {
		family, _, _ := strings.Cut(key, ".")
		families[family] = true
	}
	sources(t, func(path string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			key, err := strconv.Unquote(lit.Value)
			family, _, _ := strings.Cut(key, ".")
			if err != nil || !keyForm.MatchString(key) || !families[family] || slices.Contains(append(texts(domain.Permissions), alike...), key) {
				return true
			}
			_, plain := known[key]
			if _, counted := known[key+".other"]; !plain && !counted {
				t.Errorf("%s has %q, which no catalogue knows", path, key)
			}
			return true
		})
	})
}

// marks are the expressions of a node that become keys at a form's fields.
func marks(n ast.Node) (keys []ast.Expr) {
	switch n := n.(type) {
	case *ast.CompositeLit:
		for _, e := range n.Elts {
			pair, ok := e.(*ast.KeyValueExpr)
			if ok && (named(n.Type) == "Invalid" || named(n.Type) == "Conflict" && named(pair.Key) == "Key") {
				keys = append(keys, pair.Value)
			}
		}
	case *ast.AssignStmt:
		if field, ok := n.Lhs[0].(*ast.IndexExpr); ok && (named(field.X) == "v" || named(field.X) == "Errors") {
			keys = append(keys, n.Rhs...)
		}
	}
	return keys
}

// named is the name that an expression ends with.
func named(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func TestEveryMarkOfARefusedFieldExists(t *testing.T) {
	known, found := ui.Texts[ui.Languages[0]], 0
	sources(t, func(path string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			for _, e := range marks(n) {
				key := pattern(e)
				if _, ok := known[key]; !ok && !strings.Contains(key, "*") {
					t.Errorf("%s marks a field with %q", path, key)
				}
				found++
			}
			return true
		})
	})
	if found < 30 {
		t.Errorf("found only %d marks: the search is broken", found)
	}
}

// TestEveryTextIsUsed finds texts that nothing asks for any more.
func TestEveryTextIsUsed(t *testing.T) {
	used := map[string]bool{}
	use := func(key string) {
		for _, form := range []string{key, key + ".one", key + ".other"} {
			used[form] = true
		}
	}
	sources(t, func(_ string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok {
				use(pattern(lit))
			}
			return true
		})
	})
	for key, values := range built {
		for _, v := range values {
			use(strings.Replace(key, "*", v, 1))
		}
	}
	for _, w := range scriptWords(t) {
		use("script." + w)
	}
	for key := range ui.Texts[ui.Languages[0]] {
		if !used[key] {
			t.Errorf("%s is not used", key)
		}
	}
}
