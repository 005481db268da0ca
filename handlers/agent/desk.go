package agent

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
	"github.com/mileusna/useragent"

	"parlor/domain"
	"parlor/handlers/web"
	"parlor/views/chat"
	"parlor/views/ui"
)

// threadLines is how much of a thread a page shows at first, and how much
// each look further back brings.
const threadLines = 50

func statusRegion(a domain.Agent, l domain.Load) templ.Component { return chat.Status(a, l) }

// toast is an HX-Trigger header that shows a note.
func toast(text string) string {
	b, _ := json.Marshal(map[string]string{"toast": text}) // a string cannot fail
	return asciiJSON(b)
}

// desk is the workspace without a conversation.
func (h Handlers) desk(c echo.Context, by web.Principal) error {
	return h.workspace(c, by, nil, http.StatusOK)
}

// rows is the list, reloaded after events.
func (h Handlers) rows(c echo.Context, by web.Principal) error {
	in, err := h.inbox(c, by)
	if err != nil {
		return err
	}
	in.Current = domain.ConversationID(web.Number(c.QueryParam("current")))
	return h.HTML(c, http.StatusOK, templ.Join(chat.Rows(in), outOfBand(in)))
}

// outOfBand refreshes the counters that live elsewhere on the page.
func outOfBand(in chat.Inbox) templ.Component { return chat.Counters(in) }

func (h Handlers) inbox(c echo.Context, by web.Principal) (chat.Inbox, error) {
	in := chat.Inbox{
		Agent: by.Agent, Tab: "own", HasOthers: by.Scope != domain.ScopeSelf, CanQueue: by.Can(domain.PermQueue), Names: by.Name,
	}
	var err error
	if in.Inbox, err = h.DB.Inbox(by.Actor, h.today(c)); err != nil {
		return in, err
	}
	if in.Waiting, err = h.DB.Waiting(by.Actor); err != nil {
		return in, err
	}
	if c.QueryParam("tab") == "colleagues" && in.HasOthers {
		in.Tab = "colleagues"
		in.Colleagues, err = h.DB.Colleagues(by.Actor)
	}
	in.Load = domain.Load{Open: len(in.Open), Maximum: by.Agent.Maximum}
	return in, err
}

// workspace renders the whole page, or the conversation alone for htmx.
func (h Handlers) workspace(c echo.Context, by web.Principal, open *chat.Open, status int) error {
	if web.IsHTMX(c.Request()) && open != nil {
		return h.HTML(c, status, chat.Pane(*open))
	}
	frame, err := h.Page(c, by, h.T(c, "nav.chats"), "chats")
	if err != nil {
		return err
	}
	in, err := h.inbox(c, by)
	if err != nil {
		return err
	}
	if open != nil {
		in.Current = open.ID
		frame.View = "thread"
		frame.Title = ui.Customer(ui.With(c.Request().Context(), h.Reader(c)), open.CustomerName, open.CustomerCode)
	}
	return h.HTML(c, status, chat.Screen(chat.Desk{Page: frame, Inbox: in, Open: open}))
}

// conversation opens one conversation in the workspace.
func (h Handlers) conversation(c echo.Context, by web.Principal) error {
	open, err := h.open(c, by)
	if err != nil {
		return err
	}
	return h.workspace(c, by, open, http.StatusOK)
}

// open loads everything the pane of a conversation shows.
func (h Handlers) open(c echo.Context, by web.Principal) (*chat.Open, error) {
	conversation, err := h.subject(c, by)
	if err != nil {
		return nil, err
	}
	id := conversation.ID
	o := &chat.Open{
		Conversation: conversation, Viewer: by.Actor, Names: by.Name, Client: rand.Text(), Mode: "text",
		Site: by.Directory.Sites[conversation.Site], Group: by.Directory.Groups[conversation.Group].Name,
		Mentions: h.mentionable(by, conversation),
	}
	if o.Page, err = h.DB.Thread(by.Actor, id, 0, threadLines); err != nil {
		return nil, err
	}
	if o.Visit, err = h.DB.VisitOf(conversation); err != nil {
		return nil, err
	}
	o.Visit.UserAgent = device(o.Visit.UserAgent)
	if o.Earlier, err = h.DB.Earlier(by.Actor, conversation); err != nil {
		return nil, err
	}
	h.Live.Watch(by.Agent.ID, id)
	return o, nil
}

// device names the browser and the system in a few words.
func device(agent string) string {
	ua := useragent.Parse(agent)
	if ua.Name == "" {
		return agent
	}
	return fmt.Sprintf("%s %d", ua.Name, ua.VersionNo.Major) + " · " + strings.TrimSpace(ua.OS+" "+ua.Device)
}

// mentionable is whom a note on the conversation can call.
func (h Handlers) mentionable(by web.Principal, c *domain.Conversation) []string {
	var names []string
	for _, a := range by.Directory.AgentList() {
		actor, ok := by.Directory.Actor(a.ID)
		if ok && a.ID != by.Agent.ID && actor.Sees(c) {
			names = append(names, a.Name)
		}
	}
	return names
}

// asciiJSON keeps header values in ASCII.
func asciiJSON(b []byte) string {
	out := make([]byte, 0, len(b))
	for _, r := range string(b) {
		out = appendASCII(out, r)
	}
	return string(out)
}
