package web

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
)

// policy is the content policy of every response. The visitor's page alone
// widens who may frame it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'; " +
	"frame-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors "

const keyRequest = "request"

// RequestID names the request in logs and on error pages.
func RequestID(c echo.Context) string {
	id, _ := c.Get(keyRequest).(string)
	if id == "" {
		id = strings.ToLower(rand.Text()[:12])
		c.Set(keyRequest, id)
	}
	return id
}

// Requests counts finished requests by class of status.
type Requests struct{ Good, Refused, Failed atomic.Int64 }

// Guard is the outermost layer: no request ends without headers, and a panic
// ends one request alone.
func (a *App) Guard(count *Requests) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) (err error) {
			start := time.Now()
			a.headers(c.Response().Header())
			defer func() {
				if r := recover(); r != nil {
					if r == http.ErrAbortHandler {
						panic(r)
					}
					slog.Error("panic", "id", RequestID(c), "path", loggedPath(c), "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
					a.Fail(echo.NewHTTPError(http.StatusInternalServerError), c)
				}
				finish(c, count, time.Since(start))
			}()
			if !a.knownHost(c) {
				a.Fail(echo.NewHTTPError(http.StatusMisdirectedRequest), c)
				return nil
			}
			if err := next(c); err != nil {
				a.Fail(err, c)
			}
			return nil
		}
	}
}

// ReadForm reads the form before anything asks who sent it: a body that takes
// its time must not act with a session that ended meanwhile.
func ReadForm(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if Stateless(c.Request().Method) {
			return next(c)
		}
		var coded *echo.HTTPError
		if _, err := c.FormParams(); errors.As(err, &coded) {
			return coded
		} else if err != nil {
			return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
		}
		return next(c)
	}
}

// loggedPath is the path as the log may know it: the address of an invitation
// is its secret.
func loggedPath(c echo.Context) string {
	if path := c.Request().URL.Path; !strings.HasPrefix(path, "/join/") {
		return path
	}
	return "/join/…"
}

const slow = time.Second

func finish(c echo.Context, count *Requests, took time.Duration) {
	code := c.Response().Status
	level := slog.LevelDebug
	switch {
	case code >= 500:
		count.Failed.Add(1)
		level = slog.LevelWarn
	case code >= 400:
		count.Refused.Add(1)
	default:
		count.Good.Add(1)
	}
	if took > slow && !IsStream(c.Request()) {
		level = slog.LevelWarn
	}
	if ctx := c.Request().Context(); slog.Default().Enabled(ctx, level) {
		slog.LogAttrs(ctx, level, "request", slog.String("id", RequestID(c)), slog.String("method", c.Request().Method),
			slog.String("path", loggedPath(c)), slog.Int("status", code), slog.Duration("took", took), slog.String("ip", c.RealIP()))
	}
}

func (a *App) headers(h http.Header) {
	h.Set("Content-Security-Policy", policy+"'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if a.Config.Secure() {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// AllowFraming lets pages of the given sources frame this response.
func AllowFraming(c echo.Context, ancestors string) {
	h := c.Response().Header()
	h.Set("Content-Security-Policy", policy+"'self' "+ancestors)
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Del("Cross-Origin-Opener-Policy")
}

// knownHost refuses requests for a name that is not this server's, so that
// nothing is ever made from a forged one.
func (a *App) knownHost(c echo.Context) bool {
	r := c.Request()
	if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" || strings.EqualFold(r.Host, a.Config.Base.Host) {
		return true
	}
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		host, port = r.Host, ""
	}
	return isLoopback(a.Config.Base.Hostname()) && isLoopback(host) && port == a.Config.Base.Port()
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && ip.IsLoopback())
}

// TrustProxies sets how the client's address is found: the peer's own, or what
// a trusted proxy in front says.
func TrustProxies(e *echo.Echo, proxies []netip.Prefix) {
	if len(proxies) == 0 {
		e.IPExtractor = echo.ExtractIPDirect()
		return
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range proxies {
		_, network, err := net.ParseCIDR(p.Masked().String())
		if err == nil {
			options = append(options, echo.TrustIPRange(network))
		}
	}
	e.IPExtractor = echo.ExtractIPFromXFFHeader(options...)
}

// Peer is the address that connected, without any forwarding.
func Peer(r *http.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap()
}

// Client is the address of the person behind the request.
func Client(c echo.Context) string {
	ip, err := netip.ParseAddr(c.RealIP())
	if err != nil {
		return ""
	}
	return ip.Unmap().WithZone("").String()
}
