package admin

import (
	"fmt"
	"html"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"parlor/domain"
	"parlor/handlers/web"
	"parlor/views/settings"
)

// sites lists the widget installations.
func (h Handlers) sites(c echo.Context, by web.Principal) error {
	frame, err := h.Page(c, by, h.T(c, "settings.sites"), "settings")
	if err != nil {
		return err
	}
	return h.HTML(c, http.StatusOK, settings.Sites(settings.SitesPage{Page: frame, Sites: by.Directory.SiteList(), Groups: by.Directory.Groups}))
}

// subjectSite is the site a page is about; "new" is one not made yet.
func subjectSite(c echo.Context, by web.Principal) (domain.Site, error) {
	if c.Param("id") == "new" {
		return domain.Site{Brand: domain.Brands[0], Side: "right", Silence: domain.SilenceDefault}, nil
	}
	id, err := web.ID[domain.SiteID](c, "id")
	if err != nil {
		return domain.Site{}, err
	}
	s, ok := by.Directory.Sites[id]
	if !ok {
		return s, domain.NotFound
	}
	return s, nil
}

// site shows one widget installation.
func (h Handlers) site(c echo.Context, by web.Principal) error {
	s, err := subjectSite(c, by)
	if err != nil {
		return err
	}
	return h.showSite(c, by, s, strings.Join(s.Domains, "\n"), nil, http.StatusOK)
}

func (h Handlers) showSite(c echo.Context, by web.Principal, s domain.Site, domains string, v domain.Invalid, status int) error {
	frame, err := h.Page(c, by, h.T(c, "settings.sites"), "settings")
	if err != nil {
		return err
	}
	return h.HTML(c, status, settings.Site(settings.SitePage{
		Page: frame, Site: s, Domains: domains, Groups: by.Directory.GroupList(), Errors: v, Fresh: c.QueryParam("fresh") != "",
		Tag: h.scriptTag(s), Link: h.Config.Link("/chat/" + s.Key),
	}))
}

// scriptTag is the one line that puts the widget on a page.
func (h Handlers) scriptTag(s domain.Site) string {
	return fmt.Sprintf(`<script async src="%s?site=%s"></script>`, html.EscapeString(h.Config.Link("/widget.js")), s.Key)
}

// saveSite creates or changes a widget installation.
func (h Handlers) saveSite(c echo.Context, by web.Principal) error {
	s, err := subjectSite(c, by)
	if err != nil {
		return err
	}
	if s.ID == 0 {
		s.Key = newKey()
	}
	s.Name, s.Group = domain.CleanName(c.FormValue("name")), domain.GroupID(web.Number(c.FormValue("group")))
	s.Brand, s.Side = c.FormValue("brand"), c.FormValue("side")
	s.Greeting, s.Silence = domain.CleanText(strings.ToValidUTF8(c.FormValue("greeting"), "")), int(web.Number(c.FormValue("silence")))
	typed := c.FormValue("domains")
	hosts, bad := domain.ParseDomains(typed)
	v := domain.Invalid{}
	if bad != "" {
		v["domains"] = "site.domain.form"
	} else if s.Domains = hosts; s.Silence == 0 && strings.TrimSpace(c.FormValue("silence")) != "0" {
		v["silence"] = "site.silence.range"
	}
	if len(v) > 0 {
		return h.showSite(c, by, s, typed, v, http.StatusUnprocessableEntity)
	}
	id, err := h.DB.SaveSite(by.Actor, s)
	if v, ok := web.Invalid(err); ok {
		return h.showSite(c, by, s, typed, v, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	return h.saved(c, fmt.Sprintf("/settings/sites/%d", id))
}

// team shows the settings of the whole team.
func (h Handlers) team(c echo.Context, by web.Principal) error {
	return h.showTeam(c, by, by.Directory.Team, nil, http.StatusOK)
}

func (h Handlers) showTeam(c echo.Context, by web.Principal, name string, v domain.Invalid, status int) error {
	frame, err := h.Page(c, by, h.T(c, "settings.team"), "settings")
	if err != nil {
		return err
	}
	return h.HTML(c, status, settings.Team(settings.TeamPage{Page: frame, Name: name, Errors: v}))
}

// saveTeam renames the team.
func (h Handlers) saveTeam(c echo.Context, by web.Principal) error {
	name := domain.CleanName(c.FormValue("team"))
	err := h.DB.RenameTeam(by.Actor, name)
	if v, ok := web.Invalid(err); ok {
		return h.showTeam(c, by, name, v, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	return h.saved(c, "/settings/team")
}
