// Package handlers puts the audiences together into one server.
package handlers

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"parlor/domain"
	"parlor/handlers/admin"
	"parlor/handlers/agent"
	"parlor/handlers/live"
	"parlor/handlers/visitor"
	"parlor/handlers/web"
	"parlor/static"
)

// formMost bounds a request body: the longest message, form-encoded, and some more.
const formMost = "256K"

// Routes is every route of every audience.
func Routes(app *web.App, hub *live.Hub) []web.Route {
	return slices.Concat(
		agent.Handlers{App: app, Live: hub}.Routes(),
		admin.Handlers{App: app}.Routes(),
		visitor.New(app, hub).Routes(),
	)
}

// New returns the server's handler.
func New(app *web.App, hub *live.Hub, ops *Operations) http.Handler {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	web.TrustProxies(e, app.Config.Proxies)
	e.HTTPErrorHandler = app.Fail
	e.Use(app.Guard(&ops.requests))
	pages := e.Group("",
		middleware.BodyLimit(formMost),
		middleware.GzipWithConfig(middleware.GzipConfig{Level: 1, MinLength: 1024, Skipper: sentAsIs}),
		echo.WrapMiddleware(sameOrigin),
		web.ReadForm,
	)
	e.GET("/static/*", echo.WrapHandler(static.Handler()))
	e.HEAD("/static/*", echo.WrapHandler(static.Handler()))
	ops.mount(e, app, hub)
	for _, r := range Routes(app, hub) {
		if r.IsStream() { // thousands stay open: each frame below them costs memory
			r.Mount(e)
		} else {
			r.Mount(pages)
		}
	}
	e.RouteNotFound("/*", func(echo.Context) error { return domain.NotFound })
	return e
}

// sentAsIs keeps compression away from what is compressed already and from the short answers of the message path.
func sentAsIs(c echo.Context) bool {
	r := c.Request()
	return r.Method == http.MethodPost || r.URL.Path == "/widget.js" || len(r.URL.Path) > 8 && r.URL.Path[:8] == "/static/"
}

// sameOrigin refuses a change that a page elsewhere asks for in somebody's name.
func sameOrigin(next http.Handler) http.Handler { return http.NewCrossOriginProtection().Handler(next) }
