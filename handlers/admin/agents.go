package admin

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"parlor/db"
	"parlor/domain"
	"parlor/handlers/web"
	"parlor/views/settings"
)

func (h Handlers) agentsPage(c echo.Context, by web.Principal) (settings.AgentsPage, error) {
	frame, err := h.Page(c, by, h.T(c, "settings.agents"), "settings")
	if err != nil {
		return settings.AgentsPage{}, err
	}
	p := settings.AgentsPage{
		Page: frame, Agents: by.Directory.AgentList(), Roles: by.Directory.RoleList(), Groups: by.Directory.GroupList(), CanMail: h.Config.CanMail,
	}
	if p.Loads, err = h.DB.Loads(); err != nil {
		return p, err
	}
	p.Invites, err = h.DB.Invites()
	return p, err
}

// agents lists everyone, with the form to invite.
func (h Handlers) agents(c echo.Context, by web.Principal) error {
	p, err := h.agentsPage(c, by)
	if err != nil {
		return err
	}
	return h.HTML(c, http.StatusOK, settings.Agents(p))
}

// orderAgents moves an agent up or down.
func (h Handlers) orderAgents(c echo.Context, by web.Principal) error {
	var ids []domain.AgentID
	for _, a := range by.Directory.AgentList() {
		ids = append(ids, a.ID)
	}
	id := domain.AgentID(web.Number(c.FormValue("agent")))
	if err := h.DB.OrderAgents(by.Actor, moved(ids, id, c.FormValue("move"))); err != nil {
		return err
	}
	return web.See(c, "/settings/agents")
}

// agent shows one agent's place in the team.
func (h Handlers) agent(c echo.Context, by web.Principal) error {
	a, err := subject(c, by)
	if err != nil {
		return err
	}
	return h.showAgent(c, by, a, nil, http.StatusOK)
}

func subject(c echo.Context, by web.Principal) (domain.Agent, error) {
	id, err := web.ID[domain.AgentID](c, "id")
	if err != nil {
		return domain.Agent{}, err
	}
	a, ok := by.Directory.Agents[id]
	if !ok {
		return a, domain.NotFound
	}
	return a, nil
}

func (h Handlers) showAgent(c echo.Context, by web.Principal, a domain.Agent, v domain.Invalid, status int) error {
	frame, err := h.Page(c, by, h.T(c, "settings.agents"), "settings")
	if err != nil {
		return err
	}
	return h.HTML(c, status, settings.Agent(settings.AgentPage{
		Page: frame, Subject: a, Roles: by.Directory.RoleList(), Groups: by.Directory.GroupList(), Errors: v,
	}))
}

// saveAgent changes an agent's place in the team.
func (h Handlers) saveAgent(c echo.Context, by web.Principal) error {
	a, err := subject(c, by)
	if err != nil {
		return err
	}
	a.Name, a.Role, a.Scope = domain.CleanName(c.FormValue("name")), domain.RoleID(web.Number(c.FormValue("role"))), domain.Scope(c.FormValue("scope"))
	a.Groups, a.ScopeIn = numbers[domain.GroupID](c, "groups"), nil
	if a.Scope == domain.ScopeGroups {
		a.ScopeIn = numbers[domain.GroupID](c, "scope_in")
	}
	a.Maximum, a.Ceiling = int(web.Number(c.FormValue("maximum"))), int(web.Number(c.FormValue("ceiling")))
	a.Active = c.FormValue("active") != ""
	err = h.DB.SaveAgent(by.Actor, a)
	if v, ok := refusedPlace(err); ok {
		return h.showAgent(c, by, a, v, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	return h.saved(c, fmt.Sprintf("/settings/agents/%d", a.ID))
}

// refusedPlace also puts a refused grant next to the form it came from.
func refusedPlace(err error) (domain.Invalid, bool) {
	if errors.Is(err, domain.Forbidden) {
		return domain.Invalid{"": "agent.grant.more"}, true
	}
	return web.Invalid(err)
}

// invite makes an invitation link, shown this once.
func (h Handlers) invite(c echo.Context, by web.Principal) error {
	i := domain.Invite{
		Name: domain.CleanName(c.FormValue("name")), Role: domain.RoleID(web.Number(c.FormValue("role"))),
		Scope: domain.Scope(c.FormValue("scope")), Groups: numbers[domain.GroupID](c, "groups"),
	}
	token := rand.Text()
	link := h.Config.Link("/join/" + token)
	mail, err := h.inviteMail(c, by, link)
	if err == nil {
		err = h.DB.Invite(by.Actor, i, token, mail)
	}
	v, refused := refusedPlace(err)
	if err != nil && !refused {
		return err
	}
	p, err := h.agentsPage(c, by)
	if err != nil {
		return err
	}
	if refused {
		p.Invite, p.Errors, p.Mail = i, v, c.FormValue("email")
		return h.HTML(c, http.StatusUnprocessableEntity, settings.Agents(p))
	}
	p.Link = link
	return h.HTML(c, http.StatusOK, settings.Agents(p))
}

// inviteMail is the mail that carries the link, when an address was given.
func (h Handlers) inviteMail(c echo.Context, by web.Principal, link string) (*db.Mail, error) {
	to := strings.TrimSpace(c.FormValue("email"))
	if to == "" || !h.Config.CanMail {
		return nil, nil
	}
	v := domain.Invalid{}
	if v.CheckEmail("email", to); len(v) > 0 {
		return nil, v
	}
	return &db.Mail{
		To: to, Subject: h.T(c, "invite.mail.subject", "team", by.Directory.Team),
		Text: h.T(c, "invite.mail.text", "name", by.Agent.Name, "team", by.Directory.Team, "link", link),
	}, nil
}

// revoke makes an invitation useless.
func (h Handlers) revoke(c echo.Context, by web.Principal) error {
	id, err := web.ID[int64](c, "id")
	if err != nil {
		return err
	}
	if err := h.DB.Revoke(by.Actor, id); err != nil {
		return err
	}
	return h.saved(c, "/settings/agents")
}
