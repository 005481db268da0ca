package handlers_test

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3"
)

// contents is a hash of every row of every table, by table. When a session
// was last used is left out: to read is to use it.
func contents(t *testing.T, path string) map[string]string {
	t.Helper()
	file := open(t, path)
	out := map[string]string{}
	for _, table := range column(t, file, `SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'`) {
		columns := column(t, file, `SELECT 'quote("' || name || '")' FROM pragma_table_info('`+table+`') WHERE name <> 'seen_at'`)
		rows := column(t, file, fmt.Sprintf(`SELECT %s FROM "%s"`, strings.Join(columns, "||','||"), table))
		slices.Sort(rows)
		out[table] = fmt.Sprintf("%d rows %x", len(rows), sha256.Sum256([]byte(strings.Join(rows, "\n"))))
	}
	return out
}

// open opens the file beside the server, for reading.
func open(t *testing.T, path string) *sql.DB {
	t.Helper()
	file, err := sql.Open("sqlite3", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}

func column(t *testing.T, file *sql.DB, query string) (out []string) {
	t.Helper()
	rows, err := file.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

var reference = regexp.MustCompile(`(?:href|src|action|hx-get|sse-connect)="([^"#]+)`)

// crawl follows every address that pages name, beginning with all GET routes.
func crawl(b *browser, from []string) (visited []string) {
	b.d.T.Helper()
	for next := from; len(next) > 0; {
		path := next[0]
		next = next[1:]
		if slices.Contains(visited, path) || strings.Contains(path, "/live") {
			continue
		}
		visited = append(visited, path)
		a := b.get(path)
		if a.StatusCode >= 500 {
			b.d.T.Errorf("%s: %d", path, a.StatusCode)
		}
		for _, m := range reference.FindAllStringSubmatch(a.body, -1) {
			u, err := url.Parse(strings.ReplaceAll(m[1], "&amp;", "&"))
			if err == nil && u.Host == "" && strings.HasPrefix(u.Path, "/") && len(visited) < 300 {
				next = append(next, u.RequestURI())
			}
		}
	}
	return visited
}

func TestS45_ReadingChangesNothing(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	var start []string
	for _, r := range allRoutes() {
		if r.Method == http.MethodGet {
			for _, value := range []string{"1", "5", "999", "SITEKEY"} {
				start = append(start, at(r.Path, value))
			}
		}
	}
	before := contents(t, f.Path)
	if before["messages"] == "" || before["sessions"] == "" {
		t.Fatalf("tables are missing: %v", before)
	}
	for _, b := range []*browser{f.browsers["admin"], f.browsers["lin"], f.visitors[northHeld], f.visitors[northQueued], f.browsers["stranger"]} {
		visited := crawl(b, start)
		for _, path := range visited[:len(start)/4] {
			b.send("HEAD", path, "")
		}
	}
	now := contents(t, f.Path)
	for table, was := range before {
		if now[table] != was {
			t.Errorf("%s was %s and is %s", table, was, now[table])
		}
	}
}
