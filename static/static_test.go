package static_test

import (
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"parlor/static"
)

func get(method, path string, headers ...string) *http.Response {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	static.Handler().ServeHTTP(w, r)
	return w.Result()
}

func TestBothEncodingsHoldTheSame(t *testing.T) {
	for _, name := range []string{static.App, "js/desk.js", "img/icons.svg", "widget.css"} {
		plain, err := io.ReadAll(get("GET", static.URL(name)).Body)
		if err != nil || len(plain) == 0 {
			t.Fatalf("%s: %d bytes, %v", name, len(plain), err)
		}
		packed := get("GET", static.URL(name), "Accept-Encoding", "gzip")
		if packed.Header.Get("Content-Encoding") != "gzip" || packed.Header.Get("Vary") != "Accept-Encoding" {
			t.Fatalf("%s: headers %v", name, packed.Header)
		}
		r, err := gzip.NewReader(packed.Body)
		if err != nil {
			t.Fatal(err)
		}
		unpacked, err := io.ReadAll(r)
		if err != nil || string(unpacked) != string(plain) {
			t.Errorf("%s differs by encoding: %v", name, err)
		}
	}
}

func TestS39_NothingButTheFilesIsServed(t *testing.T) {
	for _, path := range []string{
		"/static/", "/static/x", "/static/x/", "/static/x/css", "/static/x/../static.go", "/static/x/static.go", "/static/x/css/00-tokens.css", "/static/x/js/", "/static/x/..%2fgo.mod",
	} {
		if got := get("GET", path).StatusCode; got != http.StatusNotFound {
			t.Errorf("%s: %d", path, got)
		}
	}
	if got := get("POST", static.URL(static.App)).StatusCode; got != http.StatusNotFound {
		t.Errorf("POST: %d", got)
	}
	head := get("HEAD", static.URL(static.App))
	if body, err := io.ReadAll(head.Body); head.StatusCode != http.StatusOK || len(body) > 0 || err != nil {
		t.Errorf("HEAD: %d and %d bytes", head.StatusCode, len(body))
	}
}

// views calls f for every view and script of ours.
func views(t *testing.T, f func(path, text string)) {
	t.Helper()
	for _, dir := range []string{"../views", "js"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !(strings.HasSuffix(path, ".templ") || strings.HasSuffix(path, ".js")) {
				return err
			}
			b, err := os.ReadFile(path)
			f(path, string(b))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestEveryFileAndIconOfAPageExists(t *testing.T) {
	file := regexp.MustCompile(`static\.URL\("([^"]+)"\)|from "\./([a-z]+\.js)"`)
	icon := regexp.MustCompile(`(?:ui\.Icon\(|[^.]Icon\(|icons\.svg#)"?([a-z][a-z0-9-]*)`)
	sprite, files, icons := static.Source("img/icons.svg"), 0, 0
	views(t, func(path, text string) {
		for _, m := range file.FindAllStringSubmatch(text, -1) {
			name := m[1]
			if m[2] != "" {
				name = "js/" + m[2]
			}
			if files++; static.Source(name) == "" {
				t.Errorf("%s refers to %s", path, name)
			}
		}
		for _, m := range icon.FindAllStringSubmatch(text, -1) {
			if quoted := strings.Contains(m[0], `"`) || strings.Contains(m[0], "#"); !quoted {
				continue
			}
			if icons++; !strings.Contains(sprite, `id="`+m[1]+`"`) {
				t.Errorf("%s draws %s", path, m[1])
			}
		}
	})
	if files < 10 || icons < 20 {
		t.Errorf("found only %d files and %d icons: the search is broken", files, icons)
	}
}
