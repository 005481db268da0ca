// Package static holds what browsers download, compiled into the program and
// served under names that change with their content.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed css/*.css js/*.js img/* vendor/*.js widget.css
var files embed.FS

// asset is one file ready to be sent.
type asset struct {
	kind  string
	plain []byte
	gzip  []byte
}

var (
	assets = load()
	prefix = "/static/" + fingerprint(assets) + "/"
)

// App is the name of the agents' stylesheet: all of css/ in order.
const App = "css/app.css"

// URL is the address of a file, by its path in this folder.
func URL(name string) string { return prefix + name }

// Source is the text of a file, for what the server puts into a response itself.
func Source(name string) string { return string(assets[name].plain) }

// Handler serves every file for as long as a browser likes to keep it. An
// address with an old fingerprint still finds the current file, but uncached.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/static/"), "/")
		a, ok := assets[name]
		if !ok || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.kind)
		h.Set("Vary", "Accept-Encoding")
		h.Set("Cache-Control", "no-cache")
		if strings.HasPrefix(r.URL.Path, prefix) {
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		body := a.plain
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			body = a.gzip
		}
		if r.Method == http.MethodGet {
			_, _ = w.Write(body)
		}
	})
}

func load() map[string]asset {
	out := map[string]asset{}
	var sheet bytes.Buffer
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		if strings.HasPrefix(name, "css/") {
			sheet.Write(b) // the walk is in lexical order, which is the order of the cascade
			sheet.WriteByte('\n')
			return nil
		}
		out[name] = pack(name, b)
		return nil
	})
	if err != nil {
		panic(err) // the files are compiled in
	}
	out[App] = pack(App, sheet.Bytes())
	return out
}

func pack(name string, b []byte) asset {
	kind := mime.TypeByExtension(path.Ext(name))
	if strings.HasSuffix(name, ".js") {
		kind = "text/javascript; charset=utf-8"
	}
	return asset{kind: kind, plain: b, gzip: Gzip(b)}
}

var writers = sync.Pool{New: func() any { w, _ := gzip.NewWriterLevel(nil, gzip.BestCompression); return w }}

// Gzip compresses b once and as well as it can.
func Gzip(b []byte) []byte {
	var out bytes.Buffer
	w := writers.Get().(*gzip.Writer)
	defer writers.Put(w)
	w.Reset(&out)
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}

// fingerprint is one name for all files together, so that they can refer to
// each other by relative addresses.
func fingerprint(all map[string]asset) string {
	var names []string
	for n := range all {
		names = append(names, n)
	}
	slices.Sort(names)
	sum := sha256.New()
	for _, n := range names {
		sum.Write([]byte(n))
		sum.Write(all[n].plain)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}
