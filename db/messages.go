package db

import (
	"errors"
	"slices"

	"parlor/domain"
)

var (
	insertMessage = change(`INSERT INTO messages (id, conversation_id, author_kind, author_id, kind, client_id, body, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`)
	messageOf = read(`SELECT id, conversation_id, kind, body, created_at FROM messages
		WHERE author_id = ? AND client_id = ? AND author_kind = ?`)
	insertMention = change(`INSERT INTO mentions (agent_id, conversation_id, message_id) VALUES (?, ?, ?)`)
	dropMentions  = change(`DELETE FROM mentions WHERE agent_id = ? AND conversation_id = ?`)
	countMentions = read(`SELECT COUNT(*) FROM mentions WHERE agent_id = ? AND conversation_id = ?`)
)

// Reply stores an agent's message or note. The same client id with the same
// text stores one message and returns it again.
// Errors: NotFound, Forbidden, Conflict, Invalid.
func (d *DB) Reply(by domain.Actor, id domain.ConversationID, draft domain.Draft) (m domain.Message, err error) {
	if err := draft.Validate(); err != nil {
		return m, err
	}
	err = d.Write(func(tx *Tx) error {
		c, err := conversationFor(tx, by, id)
		if err != nil {
			return err
		}
		m, err = tx.post(by, c, draft)
		return err
	})
	return m, err
}

// post applies the rule, stores the message and announces it. A repeated
// draft returns the stored message and changes nothing.
func (tx *Tx) post(by domain.Actor, c *domain.Conversation, draft domain.Draft) (domain.Message, error) {
	was := *c
	m, refusal := c.Post(by, draft, tx.now)
	if refusal != nil {
		return tx.repeatedOr(refusal, by, c.ID, draft)
	}
	m.ID = tx.d.nextEvent + 1
	r, err := tx.exec(insertMessage, int64(m.ID), int64(c.ID), string(m.By), m.Author, string(m.Kind), m.ClientID, m.Body, ms(m.At))
	if err != nil {
		return m, err
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		*c = was
		return tx.repeatedOr(err, by, c.ID, draft)
	}
	if m.Kind == domain.Note {
		return m, tx.note(by, c, &m)
	}
	c.LastID = m.ID
	if m.By == domain.ByAgent {
		c.Read(by, m.ID) // whoever answers has read what came before
	}
	if err := tx.saveTalk(c); err != nil {
		return m, err
	}
	return m, tx.announceMessage(by, domain.MessagePosted, c, was, &m, domain.Data{})
}

// note announces an internal note and remembers whom it names.
func (tx *Tx) note(by domain.Actor, c *domain.Conversation, m *domain.Message) error {
	data := domain.Data{Mention: tx.mentioned(by, c, m.Body)}
	for _, agent := range data.Mention {
		if _, err := tx.exec(insertMention, int64(agent), int64(c.ID), int64(m.ID)); err != nil {
			return err
		}
	}
	return tx.announceMessage(by, domain.NotePosted, c, *c, m, data)
}

func (tx *Tx) announceMessage(by domain.Actor, kind domain.EventKind, c *domain.Conversation, was domain.Conversation, m *domain.Message, data domain.Data) error {
	e, err := tx.record(by, kind, c, data)
	if err == nil {
		tx.publish(domain.Change{Event: e, Message: m, Snapshot: c, Before: was.Agent, WasState: was.State})
	}
	return err
}

// repeatedOr answers a draft that was stored before with the stored message,
// and any other with refusal.
func (tx *Tx) repeatedOr(refusal error, by domain.Actor, in domain.ConversationID, draft domain.Draft) (domain.Message, error) {
	m, err := tx.repeated(by, draft)
	switch {
	case errors.Is(err, domain.NotFound) && refusal != nil:
		return m, refusal
	case err == nil && by.Kind == domain.ByAgent && m.Conversation != in:
		return m, domain.Conflict{Key: "message.reused"}
	}
	return m, err
}

// repeated returns the message that this author already sent under the
// draft's client id. Errors: NotFound when there is none, Conflict when it
// said something else.
func (tx *Tx) repeated(by domain.Actor, draft domain.Draft) (domain.Message, error) {
	m := domain.Message{By: by.Kind, Author: by.ID(), ClientID: draft.ClientID}
	var created int64
	err := tx.row(messageOf, by.ID(), draft.ClientID, string(by.Kind)).Scan(&m.ID, &m.Conversation, &m.Kind, &m.Body, &created)
	if err != nil {
		return m, found(err)
	}
	m.At = at(created)
	if !draft.Same(m) {
		return m, domain.Conflict{Key: "message.reused"}
	}
	return m, nil
}

// mentioned returns the colleagues that a note names with @ and who may see
// the conversation.
func (tx *Tx) mentioned(by domain.Actor, c *domain.Conversation, body string) []domain.AgentID {
	dir := tx.Directory()
	all := dir.AgentList()
	names := make([]string, len(all))
	for i, a := range all {
		names[i] = a.Name
	}
	named := domain.Mentioned(body, names)
	var out []domain.AgentID
	for _, a := range all {
		actor, ok := dir.Actor(a.ID)
		if ok && a.ID != by.Agent && slices.Contains(named, a.Name) && actor.Sees(c) {
			out = append(out, a.ID)
		}
	}
	return out
}

func (tx *Tx) clearMentions(by domain.Actor, id domain.ConversationID) error {
	_, err := tx.exec(dropMentions, int64(by.Agent), int64(id))
	return err
}

func (d *DB) clearMentions(by domain.Actor, id domain.ConversationID) error {
	var n int
	if err := d.row(countMentions, int64(by.Agent), int64(id)).Scan(&n); err != nil || n == 0 {
		return err
	}
	return d.Write(func(tx *Tx) error { return tx.clearMentions(by, id) })
}
