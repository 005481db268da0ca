package e2e

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
)

// proxy stands before a server and may answer 502 in its place.
type proxy struct {
	mu      sync.Mutex
	refused func(*http.Request) bool // before it reaches the server
	lost    func(*http.Request) bool // after the server has done it
	let     []let
	pass    http.Handler
}

// let is a request that was let through, with the way to cut it.
type let struct {
	*http.Request
	cut context.CancelFunc
}

func nothing(*http.Request) bool    { return false }
func everything(*http.Request) bool { return true }
func changes(r *http.Request) bool  { return r.Method == http.MethodPost }

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cut := context.WithCancel(r.Context())
	defer cut()
	p.mu.Lock()
	refused, lost := p.refused(r), p.lost(r)
	p.let = append(p.let, let{r, cut})
	p.mu.Unlock()
	if lost {
		p.pass.ServeHTTP(httptest.NewRecorder(), r)
	}
	if refused || lost {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	p.pass.ServeHTTP(w, r.WithContext(ctx))
}

// lose sets whose answers never arrive from now on.
func (p *proxy) lose(what func(*http.Request) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lost = what
}

// refuse sets what is answered with 502 from now on, and cuts what is under
// way of it.
func (p *proxy) refuse(what func(*http.Request) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refused = what
	for _, l := range p.let {
		if what(l.Request) {
			l.cut()
		}
	}
}

// behindProxy starts a server that browsers reach through a proxy alone.
func behindProxy(t *testing.T) (*server, *proxy) {
	t.Helper()
	p := &proxy{refused: nothing, lost: nothing}
	front := httptest.NewServer(p)
	t.Cleanup(front.Close)
	s := start(t, "--base-url", front.URL)
	to := &url.URL{Scheme: "http", Host: s.addr}
	s.base = front.URL
	p.pass = &httputil.ReverseProxy{
		FlushInterval: -1, ErrorLog: log.New(io.Discard, "", 0), // it reports every stream that is cut
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = r.In.Host },
	}
	return s, p
}
