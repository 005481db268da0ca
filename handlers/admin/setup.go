package admin

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"parlor/db"
	"parlor/domain"
	"parlor/handlers/web"
	"parlor/views/auth"
)

// showSetup is the first run. Once there is a team it does not exist.
func (h Handlers) showSetup(c echo.Context) error {
	if h.DB.Directory().Team != "" {
		return domain.NotFound
	}
	return h.HTML(c, http.StatusOK, auth.Setup(auth.SetupForm{}))
}

// setUp makes team, administrator, first group and first site, signs the
// administrator in and shows how to install the widget.
func (h Handlers) setUp(c echo.Context) error {
	if h.DB.Directory().Team != "" {
		return domain.NotFound
	}
	f := auth.SetupForm{
		Team: domain.CleanName(c.FormValue("team")), Name: domain.CleanName(c.FormValue("name")),
		Email: strings.ToLower(strings.TrimSpace(c.FormValue("email"))), Site: domain.CleanName(c.FormValue("site")), Errors: domain.Invalid{},
	}
	f.Errors.CheckName("team", f.Team, domain.NameMost)
	f.Errors.CheckName("name", f.Name, domain.NameMost)
	f.Errors.CheckName("site", f.Site, 100)
	f.Errors.CheckEmail("email", f.Email)
	web.CheckPassword(f.Errors, c.FormValue("password"), f.Team, f.Name, f.Email)
	if len(f.Errors) > 0 {
		return h.HTML(c, http.StatusUnprocessableEntity, auth.Setup(f))
	}
	id, err := h.establish(c, f)
	if err != nil {
		return err
	}
	if err := h.SignIn(c.Request().Context(), id, 0, true); err != nil {
		return err
	}
	actor, _ := h.DB.Directory().Actor(id)
	if err := h.DB.SetStatus(actor, domain.Online, "signed_in"); err != nil {
		return err
	}
	return web.See(c, fmt.Sprintf("/settings/sites/%d?fresh=1", h.DB.Directory().SiteList()[0].ID))
}

func (h Handlers) establish(c echo.Context, f auth.SetupForm) (domain.AgentID, error) {
	hash, err := h.Hasher.Hash(c.FormValue("password"))
	if err != nil {
		return 0, err
	}
	return h.DB.SetUp(db.Founding{
		Team: f.Team, Name: f.Name, Email: f.Email, Hash: hash, Group: h.T(c, "setup.group"), Site: firstSite(f.Site),
	})
}

// firstSite reads what was typed for a website: its address, or just a name.
func firstSite(typed string) domain.Site {
	s := domain.Site{Key: newKey(), Name: typed, Brand: domain.Brands[0], Side: "right", Silence: domain.SilenceDefault}
	if host := domain.HostOf(typed); host != "" {
		s.Name, s.Domains = host, []string{host}
	}
	if runes := []rune(s.Name); len(runes) > domain.NameMost {
		s.Name = string(runes[:domain.NameMost])
	}
	return s
}
