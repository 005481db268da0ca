package widget

import (
	"context"
	"strconv"

	"github.com/a-h/templ"

	"parlor/domain"
	"parlor/views/ui"
)

func greeting(ctx context.Context, c Chat) string {
	if c.Site.Greeting != "" {
		return c.Site.Greeting
	}
	return ui.T(ctx, "widget.greeting")
}

func headTitle(ctx context.Context, c Chat) string {
	switch c.state() {
	case "queued":
		return ui.T(ctx, "widget.head.queued")
	case "ended":
		return ui.T(ctx, "widget.head.ended")
	}
	return c.Site.Name
}

func headText(ctx context.Context, c Chat) string {
	switch {
	case c.state() == "queued":
		return ui.T(ctx, "widget.head.queued.text")
	case c.state() == "ended":
		return ui.T(ctx, "widget.head.ended.text")
	case !c.Online:
		return ui.T(ctx, "widget.head.away")
	}
	return ui.T(ctx, "widget.head.ready")
}

func cont(l domain.Line) string {
	if l.Message.Continues {
		return " cont"
	}
	return ""
}

func lineID(l domain.Line) string { return "m" + strconv.FormatInt(int64(l.ID), 10) }

// eventText is what a visitor is told about an event; "" for nothing.
func eventText(ctx context.Context, l domain.Line, names func(domain.AgentID) string) string {
	switch l.Kind {
	case domain.WasAssigned:
		return ui.T(ctx, "widget.assigned", "name", names(l.Data.Agent))
	case domain.WasEnded:
		switch l.By {
		case domain.ByVisitor:
			return ui.T(ctx, "widget.ended.you")
		case domain.ByAgent:
			return ui.T(ctx, "widget.ended.agent", "name", names(domain.AgentID(l.Actor)))
		}
		return ui.T(ctx, "widget.ended.silence")
	}
	return ""
}

// scriptWords are the texts that the visitor's script puts on the page.
var scriptWords = []string{"today", "yesterday", "sending", "failed", "resend", "long", "next", "ahead", "read", "delivered"}

func words(ctx context.Context) templ.Attributes {
	out := templ.Attributes{}
	for _, w := range scriptWords {
		out["data-w-"+w] = ui.T(ctx, "script."+w)
	}
	return out
}
