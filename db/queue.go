package db

import (
	"database/sql"

	"parlor/domain"
)

var (
	openLoads  = read(`SELECT agent_id, COUNT(*) FROM conversations WHERE state = 'open' GROUP BY agent_id`)
	agentLoad  = read(`SELECT COUNT(*) FROM conversations WHERE state = 'open' AND agent_id = ?`)
	wholeQueue = read(`SELECT ` + conversationColumns + conversationFrom + `WHERE c.state = 'queued' ORDER BY c.id`)
	seenQueue  = read(`SELECT ` + conversationColumns + conversationFrom + `WHERE` + visible + `AND c.state = 'queued' ORDER BY c.id LIMIT ?5`)
	queueCount = read(`SELECT COUNT(*), COALESCE(MIN(c.started_at), 0) FROM conversations c WHERE` + visible + `AND c.state = 'queued'`)
	ahead      = read(`SELECT COUNT(*) FROM conversations WHERE state = 'queued' AND group_id = ? AND id <= ?`)
)

// Queue returns the waiting conversations the agent may see, longest wait first.
func (d *DB) Queue(by domain.Actor, limit int) ([]*domain.Conversation, error) {
	return scanConversations(d.rows(seenQueue, scopeArgs(by, limit)...))
}

// Waiting returns the size of the queue as the agent may see it.
func (d *DB) Waiting(by domain.Actor) (w domain.Waiting, err error) {
	var longest int64
	err = d.row(queueCount, scopeArgs(by)...).Scan(&w.Count, &longest)
	w.Longest = at(longest)
	return w, err
}

// Position is the visitor's place in the queue, 1 for the next to be served;
// 0 when the conversation is not waiting.
func (d *DB) Position(c *domain.Conversation) (n int, err error) {
	if c.State != domain.Queued {
		return 0, nil
	}
	err = d.row(ahead, int64(c.Group), int64(c.ID)).Scan(&n)
	return n, err
}

// Place is where one visitor stands in the queue.
type Place struct {
	Visitor  domain.VisitorID
	Position int
}

// Places returns where every waiting visitor stands.
func (d *DB) Places() ([]Place, error) {
	queue, err := scanConversations(d.rows(wholeQueue))
	if err != nil {
		return nil, err
	}
	counts := map[domain.GroupID]int{}
	out := make([]Place, len(queue))
	for i, c := range queue {
		counts[c.Group]++
		out[i] = Place{c.Visitor, counts[c.Group]}
	}
	return out, nil
}

// Accept gives a waiting conversation to the agent by hand, also above the
// agent's maximum. Errors: NotFound, Forbidden, Conflict naming the holder.
func (d *DB) Accept(by domain.Actor, id domain.ConversationID) error {
	if !by.Can(domain.PermQueue) || !by.Can(domain.PermReply) {
		return domain.Forbidden
	}
	return d.Write(func(tx *Tx) error {
		c, err := conversationFor(tx, by, id)
		if err != nil {
			return tx.takenOr(err, by, id)
		}
		if c.State == domain.Open && c.Agent == by.Agent {
			return nil
		}
		return tx.assign(by, c, by.Agent, domain.ByHand)
	})
}

// takenOr explains a conversation that left the agent's sight because a
// colleague of the same group took it a moment ago, or the visitor ended it.
func (tx *Tx) takenOr(err error, by domain.Actor, id domain.ConversationID) error {
	c, lost := scanConversation(tx.row(anyConversation, int64(id)))
	if lost != nil || c.State == domain.Queued {
		return err
	}
	asQueued := *c
	asQueued.State, asQueued.Agent = domain.Queued, 0
	if by.Sees(&asQueued) {
		return c.Assign(by.Agent, tx.now) // which refuses and says why
	}
	return err
}

// receive places a new conversation: with a free agent or in the queue.
func (tx *Tx) receive(c *domain.Conversation) error {
	all, err := tx.candidates()
	if err != nil {
		return err
	}
	if agent, ok := domain.Route(c.Group, all); ok {
		return tx.assign(domain.System, c, agent, domain.ByLoad)
	}
	tx.publish(domain.Change{QueueMoved: true})
	return tx.announce(domain.System, domain.WasQueued, c, *c, domain.Data{})
}

func (tx *Tx) assign(by domain.Actor, c *domain.Conversation, to domain.AgentID, reason domain.RouteReason) error {
	was := *c
	if err := c.Assign(to, tx.now); err != nil {
		return err
	}
	if err := tx.save(c); err != nil {
		return err
	}
	if err := tx.armSilence(c); err != nil {
		return err
	}
	if err := tx.announce(by, domain.WasAssigned, c, was, domain.Data{Agent: to, Reason: string(reason)}); err != nil {
		return err
	}
	tx.publish(domain.Change{QueueMoved: true})
	return nil
}

// drain hands out waiting conversations, oldest first, as far as places are free.
func (tx *Tx) drain() error {
	queue, err := scanConversations(tx.rows(wholeQueue))
	if err != nil || len(queue) == 0 {
		return err
	}
	all, err := tx.candidates()
	if err != nil {
		return err
	}
	groups := make([]domain.GroupID, len(queue))
	for i, c := range queue {
		groups[i] = c.Group
	}
	for i, agent := range domain.Drain(groups, all) {
		if agent == 0 {
			continue
		}
		if err := tx.assign(domain.System, queue[i], agent, domain.ByLoad); err != nil {
			return err
		}
	}
	return nil
}

// candidates are all active agents with their current load.
func (tx *Tx) candidates() ([]domain.Candidate, error) {
	if tx.directory { // this batch changed it already
		dir, err := readDirectory(tx)
		if err != nil {
			return nil, err
		}
		tx.dir = dir
	}
	loads, err := loads(tx)
	if err != nil {
		return nil, err
	}
	dir := tx.Directory()
	var out []domain.Candidate
	for _, a := range dir.AgentList() {
		if actor, ok := dir.Actor(a.ID); ok {
			out = append(out, domain.Candidate{
				Agent: a.ID, Status: a.Status, Groups: a.Groups, Position: a.Position,
				Load: domain.Load{Open: loads[a.ID], Maximum: a.Maximum}, Replies: actor.Can(domain.PermReply),
			})
		}
	}
	return out, nil
}

func loads(src source) (map[domain.AgentID]int, error) {
	out := map[domain.AgentID]int{}
	rows, err := src.rows(openLoads)
	_, err = collect(rows, err, func(r *sql.Rows) (_ struct{}, err error) {
		var a domain.AgentID
		var n int
		if err = r.Scan(&a, &n); err == nil {
			out[a] = n
		}
		return struct{}{}, err
	})
	return out, err
}

// Loads returns how many conversations each agent holds.
func (d *DB) Loads() (map[domain.AgentID]int, error) { return loads(d) }

// Load returns how many conversations one agent holds against the maximum.
func (d *DB) Load(id domain.AgentID) (domain.Load, error) {
	l := domain.Load{Maximum: d.Directory().Agents[id].Maximum}
	err := d.row(agentLoad, int64(id)).Scan(&l.Open)
	return l, err
}
