package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"parlor/domain"
)

// Route is one line of an audience's table.
type Route struct {
	Method, Path string
	Access       string // public, signed in, or the permission needed
	handler      echo.HandlerFunc
}

// Public is a route anyone may ask for.
func Public(method, path string, h echo.HandlerFunc) Route {
	return Route{Method: method, Path: path, Access: "public", handler: h}
}

// Agent is a route for signed-in agents holding a permission, "" for any.
func (a *App) Agent(method, path string, needs domain.Permission, h AgentHandler) Route {
	access := string(needs)
	if needs == "" {
		access = "signed in"
	}
	return Route{Method: method, Path: path, Access: access, handler: a.Signed(needs, h)}
}

// WithSession wraps the routes that need to know who asks.
func (a *App) WithSession(routes []Route) []Route {
	for i := range routes {
		routes[i].handler = echo.WrapMiddleware(a.Sessions.LoadAndSave)(routes[i].handler)
	}
	return routes
}

// router is what routes are registered with: the server or a group of it.
type router interface {
	Add(method, path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route
}

// IsStream reports whether the route is an event stream.
func (r Route) IsStream() bool { return strings.HasSuffix(r.Path, streamSuffix) }

// Mount registers the route. A HEAD of a stream would stay open and count as
// somebody being there.
func (r Route) Mount(on router) {
	on.Add(r.Method, r.Path, r.handler)
	if r.Method == http.MethodGet && !r.IsStream() {
		on.Add(http.MethodHead, r.Path, r.handler)
	}
}
