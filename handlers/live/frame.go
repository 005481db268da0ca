package live

import (
	"context"
	"strings"

	"github.com/a-h/templ"

	"parlor/domain"
	"parlor/views/chat"
	"parlor/views/ui"
	"parlor/views/widget"
)

// oneLine makes a single line of markup or JSON: a carriage return or a line
// feed would end the field and let text forge events.
var oneLine = strings.NewReplacer("\n", "&#10;", "\r", "", "\x00", "")

// rendered makes the markup of one change at most once per side and language.
type rendered struct {
	hub   *Hub
	line  domain.Line
	made  map[string]string
	c     *domain.Conversation
	names func(domain.AgentID) string
}

func (h *Hub) render(line domain.Line, c *domain.Conversation) *rendered {
	dir := h.db.Directory()
	return &rendered{hub: h, line: line, c: c, made: map[string]string{}, names: func(id domain.AgentID) string { return dir.Agents[id].Name }}
}

// forAgents is the line as colleagues who read lang see it.
func (r *rendered) forAgents(lang string) string {
	return r.make("agent "+lang, lang, func(ctx context.Context) templ.Component {
		return chat.Line(r.line, chat.SaidIn(ctx, r.c, r.names))
	})
}

// forVisitor is the line as the visitor sees it; "" when there is nothing for
// a visitor to see. Notes have no way through here.
func (r *rendered) forVisitor(lang string) string {
	if r.line.Kind == domain.NotePosted {
		return ""
	}
	return r.make("visitor "+lang, lang, func(context.Context) templ.Component { return widget.Line(r.line, r.names) })
}

func (r *rendered) make(key, lang string, view func(context.Context) templ.Component) string {
	if text, ok := r.made[key]; ok {
		return text
	}
	ctx := ui.With(context.Background(), ui.Reader{Lang: lang, Zone: nil, Now: r.line.At})
	var b strings.Builder
	if err := view(ctx).Render(ctx, &b); err != nil {
		b.Reset()
	}
	text := oneLine.Replace(b.String())
	r.made[key] = text
	return text
}
