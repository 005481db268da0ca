package agent

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"parlor/domain"
	"parlor/handlers/web"
	"parlor/views/queue"
)

// queueShown is how many waiting customers the page lists.
const queueShown = 500

// queue is the page of waiting customers.
func (h Handlers) queue(c echo.Context, by web.Principal) error {
	return h.showQueue(c, by, http.StatusOK, "")
}

func (h Handlers) showQueue(c echo.Context, by web.Principal, status int, owner string) error {
	list, err := h.waiting(by)
	if err != nil {
		return err
	}
	groups, err := h.capacity(by, list)
	if err != nil {
		return err
	}
	frame, err := h.Page(c, by, h.T(c, "nav.queue"), "queue")
	if err != nil {
		return err
	}
	return h.HTML(c, status, queue.Page(queue.Screen{Page: frame, List: list, Groups: groups, Owner: owner}))
}

func (h Handlers) waiting(by web.Principal) (queue.List, error) {
	list := queue.List{Groups: by.Directory.Groups, Accepts: by.Can(domain.PermReply)}
	total, err := h.DB.Waiting(by.Actor)
	if err != nil {
		return list, err
	}
	list.Total = total.Count
	list.Waiting, err = h.DB.Queue(by.Actor, queueShown)
	return list, err
}

// capacity is how busy the agent's groups are.
func (h Handlers) capacity(by web.Principal, list queue.List) ([]queue.Group, error) {
	loads, err := h.DB.Loads()
	if err != nil {
		return nil, err
	}
	var out []queue.Group
	for _, g := range by.Directory.GroupList() {
		if by.Scope != domain.ScopeAll && !slices.Contains(by.Groups, g.ID) && !slices.Contains(by.ScopeIn, g.ID) {
			continue
		}
		row := queue.Group{Name: g.Name}
		for _, a := range by.Directory.AgentList() {
			if a.Active && a.Status == domain.Online && slices.Contains(a.Groups, g.ID) {
				row.Online++
				row.Open += loads[a.ID]
				row.Maximum += a.Maximum
			}
		}
		for _, w := range list.Waiting {
			if w.Group == g.ID {
				row.Waiting++
			}
		}
		out = append(out, row)
	}
	return out, nil
}

// queueList is the table, reloaded after events.
func (h Handlers) queueList(c echo.Context, by web.Principal) error {
	list, err := h.waiting(by)
	if err != nil {
		return err
	}
	return h.HTML(c, http.StatusOK, queue.Reload(list))
}

// queueGroups is the capacity list, reloaded after events.
func (h Handlers) queueGroups(c echo.Context, by web.Principal) error {
	list, err := h.waiting(by)
	if err != nil {
		return err
	}
	groups, err := h.capacity(by, list)
	if err != nil {
		return err
	}
	return h.HTML(c, http.StatusOK, queue.Capacity(groups))
}

// accept takes a waiting customer.
func (h Handlers) accept(c echo.Context, by web.Principal) error {
	id, err := web.ID[domain.ConversationID](c, "id")
	if err != nil {
		return err
	}
	err = h.DB.Accept(by.Actor, id)
	var taken domain.Conflict
	switch {
	case errors.As(err, &taken) && !web.WantsJSON(c.Request()):
		return h.showQueue(c, by, http.StatusConflict, by.Name(taken.Owner))
	case err != nil:
		return err
	case web.WantsJSON(c.Request()):
		return c.NoContent(http.StatusOK)
	}
	return web.See(c, fmt.Sprintf("/desk/conversations/%d", id))
}

// acceptNext takes whoever waits longest; somebody faster only means the next one.
func (h Handlers) acceptNext(c echo.Context, by web.Principal) error {
	for {
		next, err := h.DB.Queue(by.Actor, 1)
		if err != nil {
			return err
		}
		if len(next) == 0 {
			h.Toast(c, "queue.nobody")
			return web.See(c, "/queue")
		}
		err = h.DB.Accept(by.Actor, next[0].ID)
		if errors.As(err, &domain.Conflict{}) {
			continue
		}
		if err != nil {
			return err
		}
		return web.See(c, fmt.Sprintf("/desk/conversations/%d", next[0].ID))
	}
}
