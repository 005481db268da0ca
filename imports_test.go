package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

type row struct {
	from string
	may  []string
}

// arrows is which of our packages each package may import; the first row that
// matches counts. A pattern that ends with /* stands for every package in that folder.
var arrows = []row{
	{".", []string{"handlers", "handlers/live", "handlers/web", "db", "db/demo", "domain", "channels/*"}},
	{"domain", nil},
	{"static", nil},
	{"db", []string{"domain"}},
	{"db/dbtest", []string{"db", "domain"}},
	{"db/demo", []string{"db", "domain"}},
	{"channels/*", []string{"domain"}},
	{"views/ui", []string{"static"}},
	{"views/layout", []string{"views/ui", "static", "domain"}},
	{"views/*", []string{"views/ui", "views/layout", "domain", "static"}},
	{"handlers/web", []string{"domain", "db", "views/ui", "views/layout"}},
	{"handlers/live", []string{"domain", "db", "views/*"}},
	{"handlers/*", []string{"domain", "db", "handlers/web", "handlers/live", "views/*"}}, // visitor, agent, admin, api; never each other
	{"handlers", []string{"handlers/*", "db", "domain", "static"}},
}

// exceptions are single arrows beside the table, each with its reason.
var exceptions = map[string]string{
	"views/settings → views/auth": "the field in which somebody chooses a password is the same everywhere",
	"handlers/visitor → static":   "the launcher is a file of static with its site's looks in front",
}

// apart are folders with programs of their own beside the server's.
var apart = []string{"bench", "e2e", "tools", "deploy"}

// outside is which packages of others the innermost package may import.
var outside = []string{"github.com/microcosm-cc/bluemonday"}

// imports calls f for every import of a file that is not a test.
func imports(t *testing.T, f func(pkg, imported string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (slices.Contains(apart, file) || (strings.HasPrefix(d.Name(), ".") && file != ".")) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range parsed.Imports {
			name, _ := strconv.Unquote(i.Path.Value) // the parser has seen that it is a string
			f(path.Dir(filepath.ToSlash(file)), name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func matches(pattern, pkg string) bool {
	ok, _ := path.Match(pattern, pkg) // our patterns are well-formed
	return ok
}

func TestImportsFollowTheTable(t *testing.T) {
	needed := map[string]bool{}
	imports(t, func(pkg, imported string) {
		to, ours := strings.CutPrefix(imported, "parlor/")
		if !ours {
			return
		}
		i := slices.IndexFunc(arrows, func(r row) bool { return matches(r.from, pkg) })
		arrow := pkg + " → " + to
		switch {
		case i < 0:
			t.Errorf("%s stands in no row of the table", pkg)
		case slices.ContainsFunc(arrows[i].may, func(p string) bool { return matches(p, to) }):
		case exceptions[arrow] != "":
			needed[arrow] = true
		default:
			t.Errorf("%s is not allowed", arrow)
		}
	})
	for arrow := range exceptions {
		if !needed[arrow] {
			t.Errorf("nothing needs the exception %s any more", arrow)
		}
	}
}

func TestTheDomainKnowsNothingButRules(t *testing.T) {
	imports(t, func(pkg, imported string) {
		if pkg != "domain" {
			return
		}
		if strings.Contains(imported, ".") && !slices.Contains(outside, imported) {
			t.Errorf("domain imports %s", imported)
		}
		for _, io := range []string{"os", "net", "net/http", "database/sql", "io", "context", "log/slog", "syscall"} {
			if imported == io {
				t.Errorf("domain imports %s", imported)
			}
		}
	})
}
