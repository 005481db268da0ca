package admin

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"parlor/domain"
	"parlor/handlers/web"
	"parlor/views/settings"
)

// groups lists the groups, each with its form.
func (h Handlers) groups(c echo.Context, by web.Principal) error {
	return h.showGroups(c, by, domain.Group{}, nil, http.StatusOK)
}

func (h Handlers) showGroups(c echo.Context, by web.Principal, edited domain.Group, v domain.Invalid, status int) error {
	frame, err := h.Page(c, by, h.T(c, "settings.groups"), "settings")
	if err != nil {
		return err
	}
	members := map[domain.GroupID]int{}
	for _, a := range by.Directory.AgentList() {
		for _, g := range a.Groups {
			members[g]++
		}
	}
	return h.HTML(c, status, settings.Groups(settings.GroupsPage{
		Page: frame, Groups: by.Directory.GroupList(), Members: members, Edited: edited, Errors: v,
	}))
}

// saveGroup creates or renames a group.
func (h Handlers) saveGroup(c echo.Context, by web.Principal) error {
	g := domain.Group{ID: domain.GroupID(web.Number(c.FormValue("id"))), Name: domain.CleanName(c.FormValue("name"))}
	_, err := h.DB.SaveGroup(by.Actor, g)
	if v, ok := web.Invalid(err); ok {
		return h.showGroups(c, by, g, v, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	return h.saved(c, "/settings/groups")
}

// orderGroups moves a group up or down.
func (h Handlers) orderGroups(c echo.Context, by web.Principal) error {
	var ids []domain.GroupID
	for _, g := range by.Directory.GroupList() {
		ids = append(ids, g.ID)
	}
	id := domain.GroupID(web.Number(c.FormValue("group")))
	if err := h.DB.OrderGroups(by.Actor, moved(ids, id, c.FormValue("move"))); err != nil {
		return err
	}
	return web.See(c, "/settings/groups")
}
