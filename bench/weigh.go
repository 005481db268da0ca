package main

import (
	"fmt"
	"io"
	"net/http"
	"path"
	"regexp"
	"strings"
)

var (
	assetRef  = regexp.MustCompile(`/static/[A-Za-z0-9._/-]+`)
	importRef = regexp.MustCompile(`(?:from|import)\s*\(?\s*["'](\.{1,2}/[^"']+)["']`)
	urlRef    = regexp.MustCompile(`url\(\s*["']?([^"')#]+)`)
)

// fetch gets a path as a browser does and returns its compressed size and its
// text. The transport undoes the compression only when it asked for it itself.
func fetch(addr, p, cookie string) (size int, text string, err error) {
	size, err = transfer(addr, p, cookie, "gzip", io.Discard)
	if err != nil {
		return 0, "", err
	}
	var plain strings.Builder
	_, err = transfer(addr, p, cookie, "identity", &plain)
	return size, plain.String(), err
}

func transfer(addr, p, cookie, encoding string, to io.Writer) (int, error) {
	q, err := http.NewRequest("GET", "http://"+addr+p, nil)
	if err != nil {
		return 0, err
	}
	q.Header.Set("Accept-Encoding", encoding)
	if cookie != "" {
		q.Header.Set("Cookie", cookie)
	}
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		return 0, err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s: %s", p, r.Status)
	}
	n, err := io.Copy(to, r.Body)
	return int(n), err
}

// weigh adds up what a first visit to a page transfers, compressed: the page
// and every file that it or one of them names.
func weigh(addr, page, cookie string) (total int, err error) {
	seen := map[string]bool{page: true}
	for next := []string{page}; len(next) > 0; next = next[1:] {
		size, text, err := fetch(addr, next[0], cookie)
		if err != nil {
			return 0, err
		}
		total += size
		for _, ref := range refs(next[0], text) {
			if !seen[ref] {
				seen[ref] = true
				next = append(next, ref)
			}
		}
	}
	return total, nil
}

// refs are the files that a text at a path needs.
func refs(at, text string) []string {
	found := assetRef.FindAllString(text, -1)
	relative := importRef.FindAllStringSubmatch(text, -1)
	if strings.HasSuffix(at, ".css") {
		relative = append(relative, urlRef.FindAllStringSubmatch(text, -1)...)
	}
	for _, m := range relative {
		if !strings.HasPrefix(m[1], "data:") && !strings.HasPrefix(m[1], "/") {
			found = append(found, path.Join(path.Dir(at), m[1]))
		}
	}
	return found
}

const kilobyte = 1000

// widget weighs what a visitor's browser loads.
func (b *bench) widget() error {
	server, team, err := b.newTeam()
	if err != nil {
		return err
	}
	defer server.stop()
	loader, _, err := fetch(server.addr, "/widget.js?site="+team.Key, "")
	if err != nil {
		return err
	}
	opened, err := weigh(server.addr, "/chat/"+team.Key+"?embed=1", "")
	if err != nil {
		return err
	}
	b.absolute("widget before the first click, gzipped", atMost(8), " kB", float64(loader)/kilobyte, fmt.Sprintf("%.1f kB, one request", float64(loader)/kilobyte))
	b.absolute("widget's opened frame with all its files, gzipped", atMost(60), " kB", float64(opened)/kilobyte, fmt.Sprintf("%.1f kB", float64(opened)/kilobyte))
	return nil
}
