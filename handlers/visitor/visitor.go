// Package visitor answers the people who write to the team.
package visitor

import (
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/labstack/echo/v4"

	"parlor/db"
	"parlor/domain"
	"parlor/handlers/live"
	"parlor/handlers/web"
)

// Handlers are the visitors' handlers.
type Handlers struct {
	*web.App
	Live   *live.Hub
	limits *limits
}

// New returns the visitors' handlers.
func New(app *web.App, hub *live.Hub) Handlers {
	return Handlers{App: app, Live: hub, limits: newLimits(app.Config.VisitorRate)}
}

// Routes are the widget and the visitor's page. They are public; what belongs
// to a visitor is found by the visitor's own token alone.
func (h Handlers) Routes() []web.Route {
	return []web.Route{
		web.Public("GET", "/widget.js", h.loader),
		web.Public("GET", "/chat/:key", h.withSite(h.chat)),
		web.Public("GET", "/chat/:key/messages", h.withSite(h.messages)),
		web.Public("POST", "/chat/:key/messages", h.withSite(h.say)),
		web.Public("GET", "/chat/:key/live", h.withSite(h.stream)),
		web.Public("GET", "/chat/:key/state", h.withSite(h.state)),
		web.Public("GET", "/chat/:key/unread", h.withSite(h.unread)),
		web.Public("POST", "/chat/:key/read", h.withSite(h.read)),
		web.Public("POST", "/chat/:key/typing", h.withSite(h.typing)),
		web.Public("POST", "/chat/:key/closure", h.withSite(h.end)),
	}
}

// guest is who asks: a visitor of a site, or a browser not known yet.
type guest struct {
	Site      domain.Site
	Visitor   db.Visitor // zero when unknown
	ByCookie  bool
	Offered   string // the token a browser not known yet has chosen for itself
	Directory *db.Directory
}

func (g *guest) actor() domain.Actor {
	return domain.Actor{Kind: domain.ByVisitor, Visitor: g.Visitor.ID}
}

type siteHandler func(echo.Context, *guest) error

// tokenHeader carries the token where a browser blocks the cookie.
const tokenHeader = "X-Parlor-Visitor"

// tokenForm is a token of at least 128 bits.
var tokenForm = regexp.MustCompile(`^[A-Za-z0-9_-]{26,64}$`)

// withSite finds the site by its key and the visitor by the token.
func (h Handlers) withSite(next siteHandler) echo.HandlerFunc {
	return func(c echo.Context) error {
		dir := h.DB.Directory()
		site, ok := dir.Site(c.Param("key"))
		if !ok {
			return domain.NotFound
		}
		g := &guest{Site: site, Directory: dir}
		if offer := c.Request().Header.Get(tokenHeader); tokenForm.MatchString(offer) {
			g.Offered = offer
		}
		for _, token := range []string{c.Request().Header.Get(tokenHeader), h.cookie(c, site)} {
			if token == "" {
				continue
			}
			v, err := h.DB.Visitor(site.ID, token)
			if err == nil {
				g.Visitor, g.ByCookie = v, token == h.cookie(c, site)
				break
			}
			if !errors.Is(err, domain.NotFound) {
				return err
			}
		}
		c.Response().Header().Set("Cache-Control", "no-store")
		return next(c, g)
	}
}

// cookieName is per site, so that two sites of one team do not sign each
// other's visitors out.
func (h Handlers) cookieName(s domain.Site) string {
	if h.Config.Secure() {
		return "__Host-visitor-" + s.Key
	}
	return "visitor-" + s.Key
}

func (h Handlers) cookie(c echo.Context, s domain.Site) string {
	k, err := c.Cookie(h.cookieName(s))
	if err != nil {
		return ""
	}
	return k.Value
}

// giveCookie lets the browser keep its token. In a frame on another site it
// is partitioned, so that it tells nothing across sites.
func (h Handlers) giveCookie(c echo.Context, s domain.Site, token string) {
	k := &http.Cookie{Name: h.cookieName(s), Value: token, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if h.Config.Secure() {
		k.Secure, k.SameSite, k.Partitioned = true, http.SameSiteNoneMode, true
	}
	c.SetCookie(k)
}

// visit is what the browser says of the stay.
func visit(c echo.Context) domain.Visit {
	r := c.Request()
	clip := func(s string, most int) string {
		runes := []rune(domain.CleanName(s))
		return string(runes[:min(len(runes), most)])
	}
	language, _, _ := strings.Cut(r.Header.Get("Accept-Language"), ",")
	return domain.Visit{
		Page: clip(c.FormValue("page"), 1000), Title: clip(c.FormValue("title"), 200), Referrer: clip(c.FormValue("referrer"), 1000),
		Language: clip(language, 35), UserAgent: clip(r.UserAgent(), 300), IP: web.Client(c),
	}
}
