package agent

import (
	"cmp"
	"fmt"
	"net/http"
	"unicode/utf16"

	"github.com/labstack/echo/v4"

	"parlor/domain"
	"parlor/handlers/web"
	"parlor/views/chat"
	"parlor/views/ui"
)

// appendASCII appends a rune as JSON would escape it.
func appendASCII(out []byte, r rune) []byte {
	if r < 0x80 {
		return append(out, byte(r))
	}
	if r < 0x10000 {
		return fmt.Appendf(out, `\u%04x`, r)
	}
	hi, lo := utf16.EncodeRune(r)
	return fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
}

// afterMost bounds how many lines a page that fell behind is given; one that
// missed more loads afresh.
const afterMost = 200

// subject is the conversation that a route names, if the agent may see it.
func (h Handlers) subject(c echo.Context, by web.Principal) (*domain.Conversation, error) {
	id, err := web.ID[domain.ConversationID](c, "id")
	if err != nil {
		return nil, err
	}
	return h.DB.Conversation(by.Actor, id)
}

// messages answers a part of the thread: older lines, or those after a cursor.
func (h Handlers) messages(c echo.Context, by web.Principal) error {
	conversation, err := h.subject(c, by)
	if err != nil {
		return err
	}
	id := conversation.ID
	said := chat.SaidIn(ui.With(c.Request().Context(), h.Reader(c)), conversation, by.Name)
	if before := web.Number(c.QueryParam("before")); before > 0 {
		page, err := h.DB.Thread(by.Actor, id, domain.EventID(before), threadLines)
		if err != nil {
			return err
		}
		return h.HTML(c, http.StatusOK, chat.Earlier(id, page, said))
	}
	lines, err := h.DB.ThreadAfter(by.Actor, id, domain.EventID(web.Number(c.QueryParam("after"))), afterMost+1)
	if err != nil {
		return err
	}
	if len(lines) > afterMost {
		c.Response().Header().Set("HX-Refresh", "true")
		return c.NoContent(http.StatusOK)
	}
	h.Live.Watch(by.Agent.ID, id)
	return h.HTML(c, http.StatusOK, chat.Fresh(lines, said))
}

// Posted is the answer to a message, for scripts.
type Posted struct {
	ID     domain.EventID `json:"id"`
	Client string         `json:"client_id"`
	Event  domain.EventID `json:"event"`
}

// say stores a reply or a note.
func (h Handlers) say(c echo.Context, by web.Principal) error {
	id, err := web.ID[domain.ConversationID](c, "id")
	if err != nil {
		return err
	}
	kind := domain.MessageKind(c.FormValue("kind"))
	if kind == "" || kind == "reply" {
		kind = domain.Text
	}
	draft := domain.NewDraft(c.FormValue("client_id"), kind, c.FormValue("body"))
	m, err := h.DB.Reply(by.Actor, id, draft)
	if err != nil {
		return h.refused(c, by, draft, err)
	}
	switch {
	case web.WantsJSON(c.Request()):
		return c.JSON(http.StatusCreated, Posted{m.ID, m.ClientID, m.ID})
	case web.IsHTMX(c.Request()):
		return h.posted(c, by, id, m)
	}
	return web.See(c, fmt.Sprintf("/desk/conversations/%d", id))
}

// posted answers the new line as it will look to everyone.
func (h Handlers) posted(c echo.Context, by web.Principal, id domain.ConversationID, m domain.Message) error {
	lines, err := h.DB.ThreadAfter(by.Actor, id, m.ID-1, 1)
	if err != nil {
		return err
	}
	return h.HTML(c, http.StatusCreated, chat.Fresh(lines, chat.Said{Names: by.Name, Conversation: id}))
}

// refused shows a plain form again with what was typed; scripts keep the text themselves.
func (h Handlers) refused(c echo.Context, by web.Principal, d domain.Draft, cause error) error {
	v, ok := web.Invalid(cause)
	if !ok || web.WantsJSON(c.Request()) || web.IsHTMX(c.Request()) {
		return cause
	}
	open, err := h.open(c, by)
	if err != nil {
		return err
	}
	open.Draft, open.Mode, open.Error = d.Body, string(d.Kind), cmp.Or(v["body"], v["client_id"], v["kind"])
	return h.workspace(c, by, open, http.StatusUnprocessableEntity)
}

// find searches inside the thread.
func (h Handlers) find(c echo.Context, by web.Principal) error {
	id, err := web.ID[domain.ConversationID](c, "id")
	if err != nil {
		return err
	}
	const most = 100
	typed := c.QueryParam("q")
	hits, err := h.DB.FindInThread(by.Actor, id, typed, most)
	if err != nil {
		return err
	}
	return h.HTML(c, http.StatusOK, chat.Found(hits, typed != ""))
}

// end closes the conversation.
func (h Handlers) end(c echo.Context, by web.Principal) error {
	id, err := web.ID[domain.ConversationID](c, "id")
	if err != nil {
		return err
	}
	if err := h.DB.End(by.Actor, id); err != nil {
		return err
	}
	if !web.IsHTMX(c.Request()) {
		return web.See(c, fmt.Sprintf("/desk/conversations/%d", id))
	}
	return h.conversation(c, by)
}

// read marks the thread as seen up to a line.
func (h Handlers) read(c echo.Context, by web.Principal) error {
	id, err := web.ID[domain.ConversationID](c, "id")
	if err != nil {
		return err
	}
	if err := h.DB.Read(by.Actor, id, domain.EventID(web.Number(c.FormValue("upto")))); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// typing tells the visitor that somebody is answering.
func (h Handlers) typing(c echo.Context, by web.Principal) error {
	conversation, err := h.subject(c, by)
	if err != nil {
		return err
	}
	if conversation.Agent == by.Agent.ID {
		h.Live.AgentTyping(conversation)
	}
	return c.NoContent(http.StatusNoContent)
}
