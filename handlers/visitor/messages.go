package visitor

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"parlor/db"
	"parlor/domain"
	"parlor/handlers/web"
	"parlor/views/widget"
)

// posted is the answer to a message, for scripts. Token is given once, to a
// caller that writes for the first time and brought no token of its own.
type posted struct {
	ID     domain.EventID `json:"id"`
	Client string         `json:"client_id"`
	Event  domain.EventID `json:"event"`
	Token  string         `json:"token,omitempty"`
}

// say stores a visitor's message.
func (h Handlers) say(c echo.Context, g *guest) error {
	opening := db.Opening{
		Site: g.Site, Visitor: g.Visitor, Draft: domain.NewDraft(c.FormValue("client_id"), domain.Text, c.FormValue("body")),
	}
	if err := opening.Draft.Validate(); err != nil {
		return h.refused(c, g, opening.Draft, err)
	}
	if err := h.admit(c, g); err != nil {
		return err
	}
	if g.Visitor.ID == 0 {
		opening.Token, opening.Code = g.Offered, rand.Text()[:4]
		if opening.Token == "" {
			opening.Token = rand.Text()
		}
	}
	opening.Visit = visit(c)
	_, m, err := h.DB.Say(opening)
	if err != nil {
		return h.refused(c, g, opening.Draft, err)
	}
	if opening.Token != "" {
		h.giveCookie(c, g.Site, opening.Token)
	}
	switch {
	case web.WantsJSON(c.Request()):
		answer := posted{ID: m.ID, Client: m.ClientID, Event: m.ID}
		if opening.Token != g.Offered {
			answer.Token = opening.Token
		}
		return c.JSON(http.StatusCreated, answer)
	case web.IsHTMX(c.Request()):
		line := domain.Line{Event: domain.Event{ID: m.ID, At: m.At, By: m.By, Actor: m.Author}, Message: &m}
		return h.HTML(c, http.StatusCreated, widget.Line(line, nil))
	}
	return web.See(c, h.page(c, g))
}

// page is the address of the visitor's page, framed or not.
func (h Handlers) page(c echo.Context, g *guest) string {
	if c.QueryParam("embed") != "" {
		return "/chat/" + g.Site.Key + "?embed=1"
	}
	return "/chat/" + g.Site.Key
}

// admit holds visitors to a bearable rate.
func (h Handlers) admit(c echo.Context, g *guest) error {
	if g.Visitor.ID == 0 {
		return h.limits.newcomer(web.Client(c))
	}
	return h.limits.message(strconv.FormatInt(int64(g.Visitor.ID), 10))
}

// refused shows a plain form again with what was typed; scripts keep the text themselves.
func (h Handlers) refused(c echo.Context, g *guest, d domain.Draft, cause error) error {
	v, ok := web.Invalid(cause)
	if !ok || web.WantsJSON(c.Request()) || web.IsHTMX(c.Request()) {
		return cause
	}
	view, err := h.view(c, g)
	if err != nil {
		return err
	}
	view.Draft, view.Error = d.Body, cmp.Or(v["body"], v["client_id"])
	return h.show(c, g, view, http.StatusUnprocessableEntity)
}

// known refuses what only a visitor who has written may do.
func known(g *guest) error {
	if g.Visitor.ID == 0 {
		return domain.NotFound
	}
	return nil
}

// read marks the agents' messages as seen up to a line.
func (h Handlers) read(c echo.Context, g *guest) error {
	if err := known(g); err != nil {
		return err
	}
	if err := h.DB.ReadOwn(g.actor(), domain.EventID(web.Number(c.FormValue("upto")))); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// typedMost is how much of what a visitor types the agent is shown.
const typedMost = 500

// typing shows the agent what the visitor is typing.
func (h Handlers) typing(c echo.Context, g *guest) error {
	conversation, err := h.latest(g)
	if err != nil {
		return err
	}
	if conversation != nil && conversation.State == domain.Open {
		text := []rune(domain.CleanText(c.FormValue("body")))
		h.Live.VisitorTyping(conversation, string(text[:min(len(text), typedMost)]))
	}
	return c.NoContent(http.StatusNoContent)
}

// end closes the visitor's own conversation.
func (h Handlers) end(c echo.Context, g *guest) error {
	if err := known(g); err != nil {
		return err
	}
	if err := h.DB.EndOwn(g.actor()); err != nil {
		return err
	}
	if web.WantsJSON(c.Request()) {
		return c.NoContent(http.StatusNoContent)
	}
	return web.See(c, h.page(c, g))
}
