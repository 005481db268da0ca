package db

import (
	"database/sql"

	"parlor/domain"
)

const conversationColumns = `c.id, c.site_id, c.visitor_id, c.customer_id, c.visit_id, c.group_id, COALESCE(c.agent_id, 0), c.state,
	c.started_at, c.assigned_at, c.first_reply_at, c.ended_at, c.end_reason, c.last_id, c.last_at, c.last_by, c.last_author,
	c.preview, c.waiting_since, c.unread, c.unread_out, c.read_by_agent, c.read_by_visitor, u.name, u.code`

const conversationFrom = ` FROM conversations c JOIN customers u ON u.id = c.customer_id `

// visible is the SQL of Actor.Sees for agents; its parameters are scopeArgs.
const visible = ` (?2 OR c.agent_id = ?1
	OR c.state = 'queued' AND c.group_id IN (SELECT value FROM json_each(?3))
	OR c.group_id IN (SELECT value FROM json_each(?4))) `

// scopeArgs are parameters ?1 to ?4 of visible.
func scopeArgs(by domain.Actor, more ...any) []any {
	if !by.Can(domain.PermView) {
		by = domain.Actor{} // who sees nothing
	}
	scoped := []domain.GroupID{}
	if by.Scope == domain.ScopeGroups {
		scoped = by.ScopeIn
	}
	return append([]any{int64(by.Agent), by.Scope == domain.ScopeAll, toJSON(by.Groups), toJSON(scoped)}, more...)
}

type scanner interface{ Scan(...any) error }

func scanConversation(r scanner) (*domain.Conversation, error) {
	var c domain.Conversation
	var started, assigned, replied, ended, last, waiting int64
	err := r.Scan(&c.ID, &c.Site, &c.Visitor, &c.Customer, &c.Visit, &c.Group, &c.Agent, &c.State,
		&started, &assigned, &replied, &ended, &c.EndReason, &c.LastID, &last, &c.LastBy, &c.LastAuthor,
		&c.Preview, &waiting, &c.Unread, &c.UnreadOut, &c.ReadByAgent, &c.ReadByOther, &c.CustomerName, &c.CustomerCode)
	if err != nil {
		return nil, found(err)
	}
	c.Started, c.Assigned, c.FirstReply, c.EndedAt, c.LastAt, c.Waiting = at(started), at(assigned), at(replied), at(ended), at(last), at(waiting)
	return &c, nil
}

func scanConversations(rows *sql.Rows, err error) ([]*domain.Conversation, error) {
	return collect(rows, err, func(r *sql.Rows) (*domain.Conversation, error) { return scanConversation(r) })
}

var (
	seenConversation = read(`SELECT ` + conversationColumns + conversationFrom + `WHERE` + visible + `AND c.id = ?5`)
	anyConversation  = read(`SELECT ` + conversationColumns + conversationFrom + `WHERE c.id = ?`)
	running          = read(`SELECT ` + conversationColumns + conversationFrom + `WHERE c.visitor_id = ? AND c.state <> 'ended'`)
	latest           = read(`SELECT ` + conversationColumns + conversationFrom + `WHERE c.visitor_id = ? ORDER BY c.id DESC LIMIT 1`)
	saveConversation = change(`UPDATE conversations SET agent_id = NULLIF(?, 0), state = ?, assigned_at = ?, first_reply_at = ?, ended_at = ?,
		end_reason = ?, last_id = ?, last_at = ?, last_by = ?, last_author = ?, preview = ?, waiting_since = ?, unread = ?, unread_out = ?,
		read_by_agent = ?, read_by_visitor = ? WHERE id = ?`)
)

// Conversation returns one that the agent may see. Errors: NotFound.
func (d *DB) Conversation(by domain.Actor, id domain.ConversationID) (*domain.Conversation, error) {
	return conversationFor(d, by, id)
}

func conversationFor(src source, by domain.Actor, id domain.ConversationID) (*domain.Conversation, error) {
	return scanConversation(src.row(seenConversation, scopeArgs(by, int64(id))...))
}

// LatestConversation returns the visitor's running or last conversation.
// Errors: NotFound.
func (d *DB) LatestConversation(v domain.VisitorID) (*domain.Conversation, error) {
	return scanConversation(d.row(latest, int64(v)))
}

// saveMessage leaves the indexed columns alone: SQLite rewrites the entries
// of every index that an update names, changed or not.
var saveMessage = change(`UPDATE conversations SET first_reply_at = ?, last_id = ?, last_at = ?, last_by = ?, last_author = ?, preview = ?,
	waiting_since = ?, unread = ?, unread_out = ?, read_by_agent = ?, read_by_visitor = ? WHERE id = ?`)

// saveTalk stores what a message or reading one changes.
func (tx *Tx) saveTalk(c *domain.Conversation) error {
	tx.remember(c)
	_, err := tx.exec(saveMessage, ms(c.FirstReply), int64(c.LastID), ms(c.LastAt), string(c.LastBy), c.LastAuthor, c.Preview,
		ms(c.Waiting), c.Unread, c.UnreadOut, int64(c.ReadByAgent), int64(c.ReadByOther), int64(c.ID))
	return err
}

// save stores everything about c that may change.
func (tx *Tx) save(c *domain.Conversation) error {
	tx.remember(c)
	_, err := tx.exec(saveConversation, int64(c.Agent), string(c.State), ms(c.Assigned), ms(c.FirstReply), ms(c.EndedAt),
		string(c.EndReason), int64(c.LastID), ms(c.LastAt), string(c.LastBy), c.LastAuthor, c.Preview, ms(c.Waiting), c.Unread, c.UnreadOut,
		int64(c.ReadByAgent), int64(c.ReadByOther), int64(c.ID))
	return err
}

// End closes a conversation the agent holds. Errors: NotFound, Forbidden, Conflict.
func (d *DB) End(by domain.Actor, id domain.ConversationID) error {
	return d.Write(func(tx *Tx) error {
		c, err := conversationFor(tx, by, id)
		if err != nil {
			return err
		}
		return tx.end(by, c, domain.EndedByAgent)
	})
}

// EndOwn closes the visitor's running conversation. Errors: NotFound.
func (d *DB) EndOwn(by domain.Actor) error {
	return d.Write(func(tx *Tx) error {
		c, err := tx.running(by.Visitor)
		if err != nil {
			return err
		}
		return tx.end(by, c, domain.EndedByVisitor)
	})
}

// end closes c and gives the place it frees to whoever waits longest.
func (tx *Tx) end(by domain.Actor, c *domain.Conversation, reason domain.EndReason) error {
	was := *c
	if err := c.End(by, reason, tx.now); err != nil {
		return err
	}
	if err := tx.save(c); err != nil {
		return err
	}
	if err := tx.announce(by, domain.WasEnded, c, was, domain.Data{Reason: string(reason)}); err != nil {
		return err
	}
	if err := tx.disarm(silence, int64(c.ID)); err != nil {
		return err
	}
	if was.State == domain.Queued {
		tx.publish(domain.Change{QueueMoved: true})
	}
	return tx.drain()
}

// Read marks what the agent has seen. Errors: NotFound.
func (d *DB) Read(by domain.Actor, id domain.ConversationID, upTo domain.EventID) error {
	c, err := d.Conversation(by, id)
	if err != nil {
		return err
	}
	if probe := *c; !probe.Read(by, upTo) {
		return d.clearMentions(by, id)
	}
	return d.Write(func(tx *Tx) error {
		c, err := conversationFor(tx, by, id)
		if err != nil {
			return err
		}
		if err := tx.clearMentions(by, id); err != nil {
			return err
		}
		return tx.read(by, c, upTo)
	})
}

// ReadOwn marks what the visitor has seen of the running conversation.
func (d *DB) ReadOwn(by domain.Actor, upTo domain.EventID) error {
	c, err := d.LatestConversation(by.Visitor)
	if err != nil {
		return err
	}
	if probe := *c; !probe.Read(by, upTo) {
		return nil
	}
	return d.Write(func(tx *Tx) error {
		c, err := scanConversation(tx.row(latest, int64(by.Visitor)))
		if err != nil {
			return err
		}
		return tx.read(by, c, upTo)
	})
}

func (tx *Tx) read(by domain.Actor, c *domain.Conversation, upTo domain.EventID) error {
	if !c.Read(by, upTo) {
		return nil
	}
	if err := tx.saveTalk(c); err != nil {
		return err
	}
	tx.publish(domain.Change{
		Event: domain.Event{At: tx.now, By: by.Kind, Actor: by.ID(), Kind: domain.WasRead, Conversation: c.ID}, Snapshot: c, Before: c.Agent, WasState: c.State,
	})
	return nil
}
