package e2e

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// website is a page of somebody's shop with the widget's script tag, under
// the strictest policy it works with.
type website struct{ port string }

func (s *server) website() website {
	s.t.Helper()
	w := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(out, r)
			return
		}
		h := out.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Origin-Agent-Cluster", "?1") // a process of its own, so that the frame is a target also beside it
		h.Set("Content-Security-Policy", fmt.Sprintf("default-src 'none'; script-src %[1]s; frame-src %[1]s; connect-src %[1]s", s.base))
		fmt.Fprintf(out, `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Shop</title><h1>Robot X20 Pro</h1><script async src="%s/widget.js?site=%s"></script>`, s.base, s.key)
	}))
	s.t.Cleanup(w.Close)
	return website{port(s.t, w.Listener.Addr().String())}
}

// elsewhere is the website as a browser sees it that takes it for another
// site than the server.
func (w website) elsewhere() string { return "http://localhost:" + w.port + "/" }

// beside is the same website under the server's own host name, so that the
// server's cookies are not those of a third party.
func (w website) beside() string { return "http://127.0.0.1:" + w.port + "/" }

func port(t *testing.T, addr string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return port
}
