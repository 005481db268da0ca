// Package agent answers the people who receive customers.
package agent

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"parlor/domain"
	"parlor/handlers/live"
	"parlor/handlers/web"
)

// Handlers are the agents' handlers.
type Handlers struct {
	*web.App
	Live *live.Hub
}

// today is the start of the reader's day.
func (h Handlers) today(c echo.Context) time.Time {
	r := h.Reader(c)
	y, m, d := r.Now.In(r.Zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, r.Zone)
}

// home sends an agent to the workspace.
func (h Handlers) home(c echo.Context, _ web.Principal) error { return web.See(c, "/desk") }

// stream is the agent's one event stream.
func (h Handlers) stream(c echo.Context, by web.Principal) error {
	r := c.Request()
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		return domain.NotFound
	}
	h.Live.Agent(c.Response(), r, by.Agent.ID, by.Agent.Epoch, h.SessionKey(r.Context()), h.Reader(c).Lang)
	return nil
}

// status answers the agent's own status and load.
func (h Handlers) status(c echo.Context, by web.Principal) error {
	load, err := h.DB.Load(by.Agent.ID)
	if err != nil {
		return err
	}
	return h.HTML(c, http.StatusOK, statusRegion(by.Directory.Agents[by.Agent.ID], load))
}

// setStatus changes what the agent is; an unknown status is refused.
func (h Handlers) setStatus(c echo.Context, by web.Principal) error {
	if err := h.DB.SetStatus(by.Actor, domain.Status(c.FormValue("status")), "chosen"); err != nil {
		return err
	}
	return h.afterStatus(c, by)
}

// setMaximum changes how many conversations the agent takes at once.
func (h Handlers) setMaximum(c echo.Context, by web.Principal) error {
	err := h.DB.SetMaximum(by.Actor, int(web.Number(c.FormValue("maximum"))))
	if v, ok := web.Invalid(err); ok {
		c.Response().Header().Set("HX-Trigger", toast(h.T(c, v["maximum"], "most", by.Agent.Ceiling)))
		if !web.IsHTMX(c.Request()) {
			h.Toast(c, v["maximum"])
		}
	} else if err != nil {
		return err
	}
	return h.afterStatus(c, by)
}

func (h Handlers) afterStatus(c echo.Context, by web.Principal) error {
	if !web.IsHTMX(c.Request()) {
		return web.See(c, "/desk")
	}
	by.Directory = h.DB.Directory()
	return h.status(c, by)
}
