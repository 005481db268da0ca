// Package web is what every audience's handlers stand on: who asks, how pages
// are rendered, how errors are answered.
package web

import (
	"net/netip"
	"net/url"

	"github.com/alexedwards/scs/v2"

	"parlor/db"
	"parlor/domain"
)

// Config is what the operator decides.
type Config struct {
	Base        *url.URL       // where browsers find this server; links are made from it alone
	Proxies     []netip.Prefix // whose forwarded headers are believed
	MetricsFrom []netip.Prefix // who may read /metrics
	VisitorRate float64        // messages a second one visitor may send for long; 0 is unlimited
	CanMail     bool
}

// Secure reports whether browsers reach the server by TLS.
func (c Config) Secure() bool { return c.Base.Scheme == "https" }

// Link is an absolute address on this server.
func (c Config) Link(path string) string { return c.Base.JoinPath(path).String() }

// App is what handlers share.
type App struct {
	DB       *db.DB
	Config   Config
	Sessions *scs.SessionManager
	Hasher   *Hasher
}

// New prepares the shared parts.
func New(d *db.DB, c Config) *App {
	return &App{DB: d, Config: c, Sessions: newSessions(d, c), Hasher: NewHasher()}
}

// Principal is the agent behind a request.
type Principal struct {
	domain.Actor
	Agent     domain.Agent
	Directory *db.Directory
}

// Name is how an agent is called, also one who has left.
func (p Principal) Name(id domain.AgentID) string { return p.Directory.Agents[id].Name }

// Unserved is an app without a database, for listing routes.
func Unserved() *App { return &App{Sessions: scs.New()} }
