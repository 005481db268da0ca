package db

import (
	"encoding/json"

	"parlor/domain"
)

var insertEvent = change(`INSERT INTO events (id, at, actor_kind, actor_id, kind, conversation_id, customer_id, data)
	VALUES (?, ?, ?, ?, ?, NULLIF(?, 0), NULLIF(?, 0), ?)`)

// record appends an event by an actor and returns it with its id.
func (tx *Tx) record(by domain.Actor, kind domain.EventKind, c *domain.Conversation, data domain.Data) (domain.Event, error) {
	tx.d.nextEvent++
	e := domain.Event{ID: tx.d.nextEvent, At: tx.now, By: by.Kind, Actor: by.ID(), Kind: kind, Data: data}
	if c != nil {
		e.Conversation, e.Customer = c.ID, c.Customer
	}
	_, err := tx.exec(insertEvent, int64(e.ID), ms(e.At), string(e.By), e.Actor, string(e.Kind), int64(e.Conversation), int64(e.Customer), encodeData(data))
	return e, err
}

// announce records an event about a conversation and hands it, with the state
// it left behind, to the live side after the commit.
func (tx *Tx) announce(by domain.Actor, kind domain.EventKind, c *domain.Conversation, was domain.Conversation, data domain.Data) error {
	e, err := tx.record(by, kind, c, data)
	if err == nil {
		tx.publish(domain.Change{Event: e, Snapshot: c, Before: was.Agent, WasState: was.State})
	}
	return err
}

// publish queues a change for the live side; it is dropped if the closure fails.
func (tx *Tx) publish(c domain.Change) { tx.changes = append(tx.changes, c) }

func encodeData(d domain.Data) string {
	if d.Agent == 0 && d.Reason == "" && d.Status == "" && d.Cause == "" && d.Subject == "" && d.Mention == nil {
		return ""
	}
	return toJSON(d)
}

func decodeData(text string) (d domain.Data) {
	if text != "" {
		_ = json.Unmarshal([]byte(text), &d) // a line of unknown shape still shows who and when
	}
	return d
}
