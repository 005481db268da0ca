package agent

import (
	"parlor/domain"
	"parlor/handlers/web"
)

// Routes are the agents' pages and regions.
func (h Handlers) Routes() []web.Route {
	return h.WithSession([]web.Route{
		web.Public("GET", "/login", h.showLogin),
		web.Public("POST", "/login", h.login),
		web.Public("GET", "/join/:token", h.showJoin),
		web.Public("POST", "/join/:token", h.join),
		h.Agent("POST", "/logout", "", h.logout),

		h.Agent("GET", "/", "", h.home),
		h.Agent("GET", "/desk", domain.PermView, h.desk),
		h.Agent("GET", "/desk/inbox", domain.PermView, h.rows),
		h.Agent("GET", "/desk/live", "", h.stream),
		h.Agent("GET", "/desk/status", domain.PermView, h.status),
		h.Agent("PUT", "/desk/status", domain.PermReply, h.setStatus),
		h.Agent("POST", "/desk/status", domain.PermReply, h.setStatus),
		h.Agent("POST", "/desk/maximum", domain.PermReply, h.setMaximum),

		h.Agent("GET", "/desk/conversations/:id", domain.PermView, h.conversation),
		h.Agent("GET", "/desk/conversations/:id/messages", domain.PermView, h.messages),
		h.Agent("POST", "/desk/conversations/:id/messages", domain.PermReply, h.say),
		h.Agent("GET", "/desk/conversations/:id/find", domain.PermView, h.find),
		h.Agent("POST", "/desk/conversations/:id/closure", domain.PermReply, h.end),
		h.Agent("PUT", "/desk/conversations/:id/assignment", domain.PermQueue, h.accept),
		h.Agent("POST", "/desk/conversations/:id/assignment", domain.PermQueue, h.accept),
		h.Agent("POST", "/desk/conversations/:id/read", domain.PermView, h.read),
		h.Agent("POST", "/desk/conversations/:id/typing", domain.PermReply, h.typing),

		h.Agent("GET", "/queue", domain.PermQueue, h.queue),
		h.Agent("GET", "/queue/list", domain.PermQueue, h.queueList),
		h.Agent("GET", "/queue/groups", domain.PermQueue, h.queueGroups),
		h.Agent("POST", "/queue/next", domain.PermQueue, h.acceptNext),

		h.Agent("GET", "/settings", "", h.settings),
		h.Agent("GET", "/settings/profile", "", h.profile),
		h.Agent("POST", "/settings/profile", "", h.saveProfile),
		h.Agent("POST", "/settings/password", "", h.changePassword),
	})
}
