package db

import (
	"database/sql"
	"time"

	"parlor/domain"
)

const rowFrom = `, EXISTS (SELECT 1 FROM mentions n WHERE n.conversation_id = c.id AND n.agent_id = ?1)` + conversationFrom

var (
	ownOpen   = read(`SELECT ` + conversationColumns + rowFrom + `WHERE c.state = 'open' AND c.agent_id = ?1 ORDER BY c.last_at DESC, c.id DESC`)
	ownEnded  = read(`SELECT ` + conversationColumns + rowFrom + `WHERE c.state = 'ended' AND c.agent_id = ?1 AND c.ended_at >= ?2 ORDER BY c.ended_at DESC LIMIT ?3`)
	countOwn  = read(`SELECT COUNT(*) FROM conversations WHERE state = 'ended' AND agent_id = ?1 AND ended_at >= ?2`)
	otherOpen = read(`SELECT ` + conversationColumns + rowFrom + `WHERE` + visible + `AND c.state = 'open' AND c.agent_id <> ?1 ORDER BY c.last_at DESC, c.id DESC LIMIT ?5`)
	unreadSum = read(`SELECT COALESCE(SUM(unread), 0) FROM conversations WHERE state = 'open' AND agent_id = ?`)
	earlier   = read(`SELECT ` + conversationColumns + conversationFrom + `WHERE` + visible + `AND c.customer_id = ?5 AND c.id <> ?6 ORDER BY c.id DESC LIMIT 20`)
)

func scanRow(r *sql.Rows) (domain.Entry, error) {
	var row domain.Entry
	c, err := scanConversation(withTail{r, &row.Mentioned})
	row.Conversation = c
	return row, err
}

// withTail scans one more column after a conversation's.
type withTail struct {
	rows *sql.Rows
	tail any
}

func (w withTail) Scan(dest ...any) error { return w.rows.Scan(append(dest, w.tail)...) }

// endedMost bounds the ended conversations a workspace lists.
const endedMost = 50

// Inbox returns the conversations the agent holds, newest message first, and
// the ones that ended since a moment.
func (d *DB) Inbox(by domain.Actor, since time.Time) (in domain.Inbox, err error) {
	if !by.Can(domain.PermView) {
		return in, nil
	}
	rows, err := d.rows(ownOpen, int64(by.Agent))
	if in.Open, err = collect(rows, err, scanRow); err != nil {
		return in, err
	}
	rows, err = d.rows(ownEnded, int64(by.Agent), ms(since), endedMost)
	if in.Ended, err = collect(rows, err, scanRow); err != nil {
		return in, err
	}
	for _, r := range in.Open {
		in.Unread += r.Unread
	}
	if in.EndedCount = len(in.Ended); in.EndedCount < endedMost {
		return in, nil
	}
	return in, d.row(countOwn, int64(by.Agent), ms(since)).Scan(&in.EndedCount)
}

// colleaguesMost bounds the list of colleagues' conversations.
const colleaguesMost = 200

// Colleagues returns the open conversations of others within scope.
func (d *DB) Colleagues(by domain.Actor) ([]domain.Entry, error) {
	rows, err := d.rows(otherOpen, scopeArgs(by, colleaguesMost)...)
	return collect(rows, err, scanRow)
}

// Unread counts the customer messages waiting to be read in the agent's own
// conversations.
func (d *DB) Unread(by domain.Actor) (n int, err error) {
	if !by.Can(domain.PermView) {
		return 0, nil
	}
	err = d.row(unreadSum, int64(by.Agent)).Scan(&n)
	return n, err
}

// Earlier returns the same customer's other conversations within scope.
func (d *DB) Earlier(by domain.Actor, c *domain.Conversation) ([]*domain.Conversation, error) {
	return scanConversations(d.rows(earlier, scopeArgs(by, int64(c.Customer), int64(c.ID))...))
}
