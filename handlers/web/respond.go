package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"parlor/domain"
	"parlor/views/layout"
	"parlor/views/ui"
)

const keyPrincipal = "principal"

// hashToken is how scs names a token in its store.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func escape(s string) string { return url.QueryEscape(s) }

// Reader is who a response is made for: the account's language or the
// browser's, the browser's time zone.
func (a *App) Reader(c echo.Context) ui.Reader {
	r := ui.Reader{Lang: a.lang(c), Zone: zone(c), Now: a.DB.Now()}
	return r
}

func (a *App) lang(c echo.Context) string {
	if by, ok := c.Get(keyPrincipal).(Principal); ok && by.Agent.Prefs.Language != "" {
		return by.Agent.Prefs.Language
	}
	for _, wish := range []string{c.QueryParam("lang"), cookie(c, "lang"), c.Request().Header.Get("Accept-Language")} {
		if lang := ui.Match(wish); lang != "" {
			return lang
		}
	}
	return ui.Languages[0]
}

var zones sync.Map // time zone name → *time.Location

// zone is the browser's time zone, told by a script; the server's own before that.
func zone(c echo.Context) *time.Location {
	name, err := url.QueryUnescape(cookie(c, "tz"))
	if err != nil || name == "" || len(name) > 64 {
		return time.Local
	}
	if z, ok := zones.Load(name); ok {
		return z.(*time.Location)
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return time.Local
	}
	zones.Store(name, z)
	return z
}

func cookie(c echo.Context, name string) string {
	k, err := c.Cookie(name)
	if err != nil {
		return ""
	}
	return k.Value
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// HTML renders a component whole before anything is sent, so that a failing
// view is an error and not half a page.
func (a *App) HTML(c echo.Context, status int, view templ.Component) error {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	ctx := ui.With(context.WithoutCancel(c.Request().Context()), a.Reader(c))
	if err := view.Render(ctx, b); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Add("Vary", "HX-Request, Accept-Language, Cookie")
	return c.HTMLBlob(status, b.Bytes())
}

// T is a text in the language of the request.
func (a *App) T(c echo.Context, key string, pairs ...any) string {
	return ui.Text(a.lang(c), key, pairs...)
}

// IsHTMX reports whether htmx asks for a part of a page.
func IsHTMX(r *http.Request) bool {
	return r.Header.Get("HX-Request") == "true" && r.Header.Get("HX-History-Restore-Request") != "true"
}

// WantsJSON reports whether the caller asked for JSON.
func WantsJSON(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "application/json")
}

// status is the one place where an error becomes a status and a message key.
func status(err error) (code int, key string) {
	var conflict domain.Conflict
	var invalid domain.Invalid
	var coded *echo.HTTPError
	switch {
	case errors.Is(err, domain.NotFound):
		return http.StatusNotFound, "error.notfound"
	case errors.Is(err, domain.Forbidden):
		return http.StatusForbidden, "error.forbidden"
	case errors.As(err, &conflict):
		return http.StatusConflict, conflict.Key
	case errors.As(err, &invalid):
		return http.StatusUnprocessableEntity, "error.invalid"
	case errors.Is(err, domain.Full):
		return http.StatusInsufficientStorage, "error.full"
	case errors.Is(err, domain.Unavailable):
		return http.StatusServiceUnavailable, "error.unavailable"
	case errors.As(err, &coded):
		return coded.Code, codedKey(coded.Code)
	}
	return http.StatusInternalServerError, "error.internal"
}

func codedKey(code int) string {
	switch code {
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return "error.notfound"
	case http.StatusUnauthorized:
		return "error.signedout"
	case http.StatusForbidden:
		return "error.forbidden"
	case http.StatusTooManyRequests:
		return "error.toomany"
	case http.StatusRequestEntityTooLarge:
		return "error.toolarge"
	case http.StatusMisdirectedRequest:
		return "error.host"
	case http.StatusServiceUnavailable:
		return "error.unavailable"
	}
	if code < http.StatusInternalServerError {
		return "error.invalid"
	}
	return "error.internal"
}

// Fail answers an error once, in the form that was asked for.
func (a *App) Fail(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	code, key := status(err)
	if code >= http.StatusInternalServerError {
		slog.Error("request failed", "id", RequestID(c), "method", c.Request().Method, "path", loggedPath(c), "err", err)
	}
	if code == http.StatusServiceUnavailable || code == http.StatusTooManyRequests {
		c.Response().Header().Set("Retry-After", "2")
	}
	text := a.T(c, key, "name", a.owner(err), "most", domain.MessageMost)
	if sent := a.answer(c, code, text, err); sent != nil {
		slog.Error("error not answered", "id", RequestID(c), "err", sent)
	}
}

func (a *App) answer(c echo.Context, code int, text string, err error) error {
	r := c.Request()
	c.Response().Header().Set("Cache-Control", "no-store")
	if WantsJSON(r) || IsHTMX(r) {
		return c.JSON(code, Refusal{Error: text, Fields: a.fields(c, err)})
	}
	if r.Method == http.MethodHead {
		return c.NoContent(code)
	}
	return a.HTML(c, code, layout.Problem(text, a.T(c, "error.code", "code", code, "id", RequestID(c))))
}

// Refusal is an error as scripts are told it.
type Refusal struct {
	Error  string            `json:"error"`
	Fields map[string]string `json:"fields,omitempty"`
}

func (a *App) fields(c echo.Context, err error) map[string]string {
	var invalid domain.Invalid
	if !errors.As(err, &invalid) {
		return nil
	}
	out := map[string]string{}
	for field, key := range invalid {
		out[field] = a.T(c, key, "most", domain.MessageMost)
	}
	return out
}

func (a *App) owner(err error) string {
	var conflict domain.Conflict
	if errors.As(err, &conflict) {
		return a.DB.Directory().Agents[conflict.Owner].Name
	}
	return ""
}

// Invalid returns the marked fields when err is about fields.
func Invalid(err error) (domain.Invalid, bool) {
	var v domain.Invalid
	return v, errors.As(err, &v)
}

// denied hides what an agent may not use and notes the attempt.
func denied(c echo.Context, by Principal) error {
	slog.Warn("denied", "id", RequestID(c), "agent", int64(by.Agent.ID), "path", c.Request().URL.Path)
	return domain.NotFound
}

// ID reads a numeric path parameter; what is not one is not found.
func ID[T ~int64](c echo.Context, name string) (T, error) {
	n, err := strconv.ParseInt(c.Param(name), 10, 64)
	if err != nil || n <= 0 {
		return 0, domain.NotFound
	}
	return T(n), nil
}

// Number reads a whole number from a form or query value; 0 when it is none.
func Number(s string) int64 {
	n, _ := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	return n
}

// See sends the browser on after a form was accepted.
func See(c echo.Context, path string) error { return c.Redirect(http.StatusSeeOther, path) }

// LocalPath returns a path on this server a person may be sent to, or "/".
func LocalPath(next string) string {
	if len(next) < 2 || next[0] != '/' || next[1] == '/' || strings.ContainsFunc(next, func(r rune) bool { return r < ' ' || r == '\\' || r == 0x7f }) {
		return "/"
	}
	return next
}
