package visitor

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"parlor/domain"
	"parlor/handlers/web"
	"parlor/views/widget"
)

// threadLines is how much of a thread a page shows at first.
const threadLines = 50

// chat is the visitor's page, in the widget's frame or standing alone.
func (h Handlers) chat(c echo.Context, g *guest) error {
	view, err := h.view(c, g)
	if err != nil {
		return err
	}
	return h.show(c, g, view, http.StatusOK)
}

func (h Handlers) show(c echo.Context, g *guest, view widget.Chat, status int) error {
	web.AllowFraming(c, g.Site.Ancestors())
	return h.HTML(c, status, widget.Screen(view))
}

// view loads what the visitor's page shows.
func (h Handlers) view(c echo.Context, g *guest) (widget.Chat, error) {
	view := widget.Chat{
		Site: g.Site, Team: g.Directory.Team, Embedded: c.QueryParam("embed") != "", Online: someoneOn(g), Client: rand.Text(),
		Names: func(id domain.AgentID) string { return g.Directory.Agents[id].Name },
	}
	conversation, err := h.latest(g)
	if err != nil || conversation == nil {
		return view, err
	}
	view.Conversation, view.AgentID, view.Agent = conversation, conversation.Agent, view.Names(conversation.Agent)
	if view.Position, err = h.DB.Position(conversation); err != nil {
		return view, err
	}
	view.Page, err = h.DB.OwnThread(conversation, domain.EventID(web.Number(c.QueryParam("before"))), threadLines)
	return view, err
}

// latest is the visitor's running or last conversation, nil for none.
func (h Handlers) latest(g *guest) (*domain.Conversation, error) {
	if g.Visitor.ID == 0 {
		return nil, nil
	}
	conversation, err := h.DB.LatestConversation(g.Visitor.ID)
	if errors.Is(err, domain.NotFound) {
		return nil, nil
	}
	return conversation, err
}

// someoneOn reports whether an agent of the site's group is on duty.
func someoneOn(g *guest) bool {
	for _, a := range g.Directory.AgentList() {
		if !a.Active || (a.Status != domain.Online && a.Status != domain.Busy) {
			continue
		}
		for _, group := range a.Groups {
			if group == g.Site.Group {
				return true
			}
		}
	}
	return false
}

// state answers the parts that follow the conversation's state.
func (h Handlers) state(c echo.Context, g *guest) error {
	view, err := h.view(c, g)
	if err != nil {
		return err
	}
	return h.HTML(c, http.StatusOK, templ.Join(widget.Head(view), widget.State(view)))
}

// messages answers lines after a cursor, for a page that missed some, or
// older ones before one.
func (h Handlers) messages(c echo.Context, g *guest) error {
	view, err := h.view(c, g)
	if err != nil {
		return err
	}
	if c.QueryParam("before") != "" {
		return h.HTML(c, http.StatusOK, widget.Older(view))
	}
	lines := view.Page.Lines
	if after := domain.EventID(web.Number(c.QueryParam("after"))); after > 0 && view.Conversation != nil {
		if lines, err = h.DB.OwnThreadAfter(view.Conversation, after, 500); err != nil {
			return err
		}
	}
	return h.HTML(c, http.StatusOK, widget.Lines(lines, view.Names))
}

// stream is the visitor's event stream. A browser that is not known has none.
func (h Handlers) stream(c echo.Context, g *guest) error {
	r := c.Request()
	if site := r.Header.Get("Sec-Fetch-Site"); g.Visitor.ID == 0 || (site != "" && site != "same-origin") {
		return domain.NotFound
	}
	c.Response().Header().Set("X-Parlor-Known", strconv.FormatBool(g.ByCookie))
	h.Live.Visitor(c.Response(), r, g.Visitor, h.Reader(c).Lang)
	return nil
}

// unreadCount is how much a folded widget has to show.
type unreadCount struct {
	Unread int  `json:"unread"`
	Open   bool `json:"open"` // whether more may come
}

// unread answers a folded widget, also to the page it stands on.
func (h Handlers) unread(c echo.Context, g *guest) error {
	h.allowOrigin(c, g.Site)
	conversation, err := h.latest(g)
	if err != nil || conversation == nil {
		return errors.Join(err, c.JSON(http.StatusOK, unreadCount{}))
	}
	return c.JSON(http.StatusOK, unreadCount{Unread: conversation.UnreadOut, Open: conversation.State != domain.Ended})
}

// allowOrigin lets the pages that may embed the widget, and no others, ask.
func (h Handlers) allowOrigin(c echo.Context, s domain.Site) {
	head := c.Response().Header()
	head.Add("Vary", "Origin")
	if origin := c.Request().Header.Get("Origin"); origin != "" && origin != "null" && s.Allows(origin) {
		head.Set("Access-Control-Allow-Origin", origin)
		head.Set("Access-Control-Allow-Credentials", "true")
		head.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
}
