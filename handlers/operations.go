package handlers

import (
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"parlor/domain"
	"parlor/handlers/live"
	"parlor/handlers/web"
)

// Operations is what those who run the server ask it.
type Operations struct {
	Version  string
	stopping atomic.Bool
	started  time.Time
	requests web.Requests
}

// NewOperations returns the operations side of a server that starts now.
func NewOperations(version string) *Operations {
	return &Operations{Version: version, started: time.Now()}
}

// Stop turns readiness off before the server goes down.
func (o *Operations) Stop() { o.stopping.Store(true) }

func (o *Operations) mount(e *echo.Echo, app *web.App, hub *live.Hub) {
	e.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok\n") })
	e.GET("/readyz", func(c echo.Context) error {
		if err := app.DB.Ready(); err != nil || o.stopping.Load() {
			return c.String(http.StatusServiceUnavailable, "not ready\n")
		}
		return c.String(http.StatusOK, "ready\n")
	})
	e.GET("/metrics", func(c echo.Context) error {
		if !mayMeasure(app.Config, c.Request()) {
			return domain.NotFound
		}
		return c.String(http.StatusOK, o.metrics(app, hub))
	})
}

// mayMeasure admits configured addresses only, and nobody through a proxy.
func mayMeasure(config web.Config, r *http.Request) bool {
	if r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != "" {
		return false
	}
	peer := web.Peer(r)
	for _, p := range config.MetricsFrom {
		if p.Contains(peer) {
			return true
		}
	}
	return false
}

// MetricsFromLoopback is the default of who may read /metrics.
var MetricsFromLoopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// metrics is the Prometheus text exposition format, version 0.0.4.
func (o *Operations) metrics(app *web.App, hub *live.Hub) string {
	var b strings.Builder
	put := func(kind, name, help string, value any) {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n%s %v\n", name, help, name, kind, name, value)
	}
	stats := app.DB.Stats()
	visitors, agents := hub.Count()
	put("counter", "parlor_commits_total", "Transactions committed.", stats.Commits)
	put("counter", "parlor_changes_total", "Changes committed.", stats.Changes)
	put("counter", "parlor_requests_good_total", "Requests answered below 400.", o.requests.Good.Load())
	put("counter", "parlor_requests_refused_total", "Requests answered 4xx.", o.requests.Refused.Load())
	put("counter", "parlor_requests_failed_total", "Requests answered 5xx.", o.requests.Failed.Load())
	put("gauge", "parlor_streams_visitors", "Open visitor streams.", visitors)
	put("gauge", "parlor_streams_agents", "Open agent streams.", agents)
	put("gauge", "parlor_goroutines", "Goroutines.", runtime.NumGoroutine())
	put("gauge", "parlor_wal_bytes", "Size of the write-ahead log.", app.DB.WALSize())
	put("gauge", "parlor_outbox_waiting", "Deliveries waiting.", app.DB.OutboxSize("waiting"))
	put("gauge", "parlor_outbox_parked", "Deliveries given up.", app.DB.OutboxSize("parked"))
	put("gauge", "parlor_uptime_seconds", "Seconds since the start.", int(time.Since(o.started).Seconds()))
	put("gauge", "process_resident_memory_bytes", "Resident memory.", residentBytes())
	put("counter", "process_cpu_seconds_total", "Processor time used.", cpuSeconds())
	return b.String()
}

// residentBytes reads the process's resident memory from procfs; 0 elsewhere.
func residentBytes() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(b))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}
