package db

import "parlor/domain"

// runningMost bounds the conversations the writer remembers.
const runningMost = 50_000

// runningCache spares the message path its dearest query. Only the writer
// touches it, and every change goes through the writer, so that an entry
// stands for the row as the transaction at hand sees it.
type runningCache map[domain.VisitorID]domain.Conversation

// running returns the visitor's running conversation. Errors: NotFound.
func (tx *Tx) running(v domain.VisitorID) (*domain.Conversation, error) {
	if c, ok := tx.d.running[v]; ok {
		return &c, nil
	}
	c, err := scanConversation(tx.row(running, int64(v)))
	if err == nil {
		tx.remember(c)
	}
	return c, err
}

// remember keeps what was just written or read.
func (tx *Tx) remember(c *domain.Conversation) {
	tx.touched = append(tx.touched, c.Visitor)
	if c.State == domain.Ended {
		delete(tx.d.running, c.Visitor)
		return
	}
	if len(tx.d.running) >= runningMost {
		clear(tx.d.running)
	}
	tx.d.running[c.Visitor] = *c
}

// forget drops what a closure that failed had touched; the file is asked again.
func (tx *Tx) forget(from int) {
	for _, v := range tx.touched[from:] {
		delete(tx.d.running, v)
	}
	tx.touched = tx.touched[:from]
}
