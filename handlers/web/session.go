package web

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"parlor/db"
	"parlor/domain"
)

// SessionLife is the longest a sign-in lasts, remembered or not.
const SessionLife = 14 * 24 * time.Hour

const (
	keyAgent = "agent"
	keyEpoch = "epoch"
	keyToast = "toast"
)

func newSessions(d *db.DB, c Config) *scs.SessionManager {
	sm := scs.New()
	sm.Lifetime = SessionLife
	sm.IdleTimeout = 0 // scs would write a deleted session back; db keeps its own idle limit
	sm.HashTokenInStore = true
	sm.Cookie.Name, sm.Cookie.Secure = "parlor", false
	if c.Secure() {
		sm.Cookie.Name, sm.Cookie.Secure = "__Host-parlor", true
	}
	sm.Cookie.HttpOnly, sm.Cookie.SameSite, sm.Cookie.Path, sm.Cookie.Persist = true, http.SameSiteLaxMode, "/", false
	sm.Store = d.Sessions(func(data []byte) domain.AgentID {
		_, values, err := sm.Codec.Decode(data)
		if err != nil {
			return 0
		}
		id, _ := values[keyAgent].(int64)
		return domain.AgentID(id)
	})
	return sm
}

// SignIn makes the request's session the agent's, under a new token.
// epoch is the agent's as it was when the password was checked.
func (a *App) SignIn(ctx context.Context, id domain.AgentID, epoch int, remember bool) error {
	if err := a.Sessions.RenewToken(ctx); err != nil {
		return err
	}
	a.Sessions.RememberMe(ctx, remember)
	a.Sessions.Put(ctx, keyAgent, int64(id))
	a.Sessions.Put(ctx, keyEpoch, epoch)
	return nil
}

// principal returns the agent behind the session, or false.
func (a *App) principal(ctx context.Context) (Principal, bool) {
	id := domain.AgentID(a.Sessions.GetInt64(ctx, keyAgent))
	if id == 0 {
		return Principal{}, false
	}
	dir := a.DB.Directory()
	actor, ok := dir.Actor(id)
	if !ok || dir.Agents[id].Epoch != a.Sessions.GetInt(ctx, keyEpoch) {
		return Principal{}, false
	}
	return Principal{Actor: actor, Agent: dir.Agents[id], Directory: dir}, true
}

// Toast leaves a note, by message key, for the next page.
func (a *App) Toast(c echo.Context, key string) {
	a.Sessions.Put(c.Request().Context(), keyToast, key)
}

// takeToast returns the note left for this page.
func (a *App) takeToast(c echo.Context) string {
	ctx := c.Request().Context()
	if !a.Sessions.Exists(ctx, keyToast) {
		return ""
	}
	return a.Sessions.PopString(ctx, keyToast)
}

// AgentHandler answers a request of a signed-in agent.
type AgentHandler func(echo.Context, Principal) error

// Signed admits agents that hold the permission; everyone else is sent to the
// door, or finds nothing.
func (a *App) Signed(needs domain.Permission, h AgentHandler) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		by, ok := a.principal(r.Context())
		if !ok {
			return a.door(c)
		}
		if !Stateless(r.Method) && r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "" {
			return echo.NewHTTPError(http.StatusForbidden) // a cookie alone proves nobody's will
		}
		if needs != "" && !by.Can(needs) {
			return denied(c, by)
		}
		if !IsStream(r) {
			if err := a.DB.TouchSession(a.SessionKey(r.Context())); err != nil {
				slog.Warn("use of a session not noted", "id", RequestID(c), "err", err) // reading goes on with a full disk
			}
		}
		c.Response().Header().Set("Cache-Control", "no-store")
		c.Set(keyPrincipal, by)
		return h(c, by)
	}
}

// SessionKey is the stored name of the request's session.
func (a *App) SessionKey(ctx context.Context) string { return hashToken(a.Sessions.Token(ctx)) }

// Stateless reports whether a method may not change anything.
func Stateless(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// IsStream reports whether a request asks for the event stream.
func IsStream(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, streamSuffix) }

const streamSuffix = "/live"

// door sends a person to the sign-in page and tells a script that it is signed out.
func (a *App) door(c echo.Context) error {
	r := c.Request()
	switch {
	case IsStream(r):
		return signedOutStream(c)
	case !Stateless(r.Method) || IsHTMX(r) || WantsJSON(r):
		return echo.NewHTTPError(http.StatusUnauthorized)
	}
	return c.Redirect(http.StatusSeeOther, "/login?next="+escape(r.URL.RequestURI()))
}

// signedOutStream answers a stream with an event rather than an error: a
// browser gives up for good on any other status.
func signedOutStream(c echo.Context) error {
	h := c.Response().Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	return c.String(http.StatusOK, "event: signed-out\ndata: 1\n\n")
}
