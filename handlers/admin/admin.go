// Package admin answers the people who arrange a team.
package admin

import (
	"crypto/rand"
	"slices"

	"github.com/labstack/echo/v4"

	"parlor/domain"
	"parlor/handlers/web"
)

// Handlers are the administrators' handlers.
type Handlers struct {
	*web.App
}

// Routes are the settings pages of the team and the first run.
func (h Handlers) Routes() []web.Route {
	return h.WithSession([]web.Route{
		web.Public("GET", "/setup", h.showSetup),
		web.Public("POST", "/setup", h.setUp),

		h.Agent("GET", "/settings/agents", domain.PermAgents, h.agents),
		h.Agent("POST", "/settings/agents/order", domain.PermAgents, h.orderAgents),
		h.Agent("GET", "/settings/agents/:id", domain.PermAgents, h.agent),
		h.Agent("POST", "/settings/agents/:id", domain.PermAgents, h.saveAgent),
		h.Agent("POST", "/settings/invites", domain.PermAgents, h.invite),
		h.Agent("POST", "/settings/invites/:id/revocation", domain.PermAgents, h.revoke),
		h.Agent("GET", "/settings/groups", domain.PermAgents, h.groups),
		h.Agent("POST", "/settings/groups", domain.PermAgents, h.saveGroup),
		h.Agent("POST", "/settings/groups/order", domain.PermAgents, h.orderGroups),
		h.Agent("GET", "/settings/sites", domain.PermSites, h.sites),
		h.Agent("GET", "/settings/sites/:id", domain.PermSites, h.site),
		h.Agent("POST", "/settings/sites/:id", domain.PermSites, h.saveSite),
		h.Agent("GET", "/settings/team", domain.PermSettings, h.team),
		h.Agent("POST", "/settings/team", domain.PermSettings, h.saveTeam),
	})
}

// saved tells the person that a form took effect and goes on to path.
func (h Handlers) saved(c echo.Context, path string) error {
	h.Toast(c, "form.saved")
	return web.See(c, path)
}

// newKey is a site key: public, but not to be guessed.
func newKey() string { return rand.Text()[:16] }

// moved returns ids with one moved a place up or down.
func moved[T ~int64](ids []T, id T, direction string) []T {
	i := slices.Index(ids, id)
	j := i + 1
	if direction == "up" {
		j = i - 1
	}
	if i >= 0 && j >= 0 && j < len(ids) {
		ids[i], ids[j] = ids[j], ids[i]
	}
	return ids
}

// numbers reads a repeated form field of ids.
func numbers[T ~int64](c echo.Context, name string) []T {
	form, err := c.FormParams()
	if err != nil {
		return nil
	}
	var out []T
	for _, s := range form[name] {
		out = append(out, T(web.Number(s)))
	}
	return out
}
