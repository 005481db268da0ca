package db

import (
	"database/sql"
	"slices"

	"parlor/domain"
)

const lineColumns = `e.id, e.at, e.actor_kind, e.actor_id, e.kind, e.conversation_id, COALESCE(e.customer_id, 0), e.data,
	COALESCE(m.kind, ''), COALESCE(m.client_id, ''), COALESCE(m.body, '')`

const lineFrom = ` FROM events e LEFT JOIN messages m ON m.id = e.id
	WHERE e.conversation_id = ?1 AND e.kind IN ('message', 'queued', 'assigned', 'ended') `

// Notes are a separate arm of the same statements so that what a visitor is
// given can never contain one.
const withNotes = ` FROM events e LEFT JOIN messages m ON m.id = e.id
	WHERE e.conversation_id = ?1 AND e.kind IN ('message', 'note', 'queued', 'assigned', 'ended') `

var (
	agentBefore   = read(`SELECT ` + lineColumns + withNotes + `AND e.id < ?2 ORDER BY e.id DESC LIMIT ?3`)
	agentAfter    = read(`SELECT ` + lineColumns + withNotes + `AND e.id > ?2 ORDER BY e.id LIMIT ?3`)
	visitorBefore = read(`SELECT ` + lineColumns + lineFrom + `AND e.id < ?2 ORDER BY e.id DESC LIMIT ?3`)
	visitorAfter  = read(`SELECT ` + lineColumns + lineFrom + `AND e.id > ?2 ORDER BY e.id LIMIT ?3`)
)

// Page is a stretch of a thread in order. More says that older lines exist.
type Page struct {
	Lines []domain.Line
	More  bool
}

// newest stands for "before" nothing in particular.
const newest = domain.EventID(1 << 62)

// Thread returns the last limit lines before an event (0 for the newest), as
// an agent who may see the conversation is shown them. Errors: NotFound.
func (d *DB) Thread(by domain.Actor, id domain.ConversationID, before domain.EventID, limit int) (Page, error) {
	if _, err := d.Conversation(by, id); err != nil {
		return Page{}, err
	}
	return d.page(agentBefore, id, before, limit)
}

// ThreadAfter returns up to limit lines that came after an event.
// Errors: NotFound.
func (d *DB) ThreadAfter(by domain.Actor, id domain.ConversationID, after domain.EventID, limit int) ([]domain.Line, error) {
	if _, err := d.Conversation(by, id); err != nil {
		return nil, err
	}
	return d.linesAfter(agentAfter, id, after, limit)
}

// OwnThread returns the last limit lines of the visitor's conversation c.
func (d *DB) OwnThread(c *domain.Conversation, before domain.EventID, limit int) (Page, error) {
	return d.page(visitorBefore, c.ID, before, limit)
}

// OwnThreadAfter returns what came after an event in the visitor's conversation c.
func (d *DB) OwnThreadAfter(c *domain.Conversation, after domain.EventID, limit int) ([]domain.Line, error) {
	return d.linesAfter(visitorAfter, c.ID, after, limit)
}

// LastEvent returns the newest event of all, the cursor a new stream starts from.
func (d *DB) LastEvent() (id domain.EventID, err error) {
	err = d.row(lastEvent).Scan(&id)
	return id, err
}

func (d *DB) page(s *statement, id domain.ConversationID, before domain.EventID, limit int) (Page, error) {
	if before <= 0 {
		before = newest
	}
	rows, err := d.rows(s, int64(id), int64(before), limit+1)
	lines, err := collect(rows, err, scanLine)
	if err != nil {
		return Page{}, err
	}
	slices.Reverse(lines)
	markRuns(lines)
	if len(lines) > limit {
		return Page{Lines: lines[len(lines)-limit:], More: true}, nil
	}
	return Page{Lines: lines}, nil
}

// linesAfter also reads the line before, to know whether the first continues it.
func (d *DB) linesAfter(s *statement, id domain.ConversationID, after domain.EventID, limit int) ([]domain.Line, error) {
	rows, err := d.rows(s, int64(id), int64(after), limit)
	lines, err := collect(rows, err, scanLine)
	if err != nil || len(lines) == 0 {
		return nil, err
	}
	before := agentBefore
	if s == visitorAfter {
		before = visitorBefore
	}
	rows, err = d.rows(before, int64(id), int64(lines[0].ID), 1)
	previous, err := collect(rows, err, scanLine)
	if err != nil {
		return nil, err
	}
	joined := append(previous, lines...)
	markRuns(joined)
	return joined[len(previous):], nil
}

func scanLine(r *sql.Rows) (l domain.Line, err error) {
	var when int64
	var kind, client, body, data string
	err = r.Scan(&l.ID, &when, &l.By, &l.Actor, &l.Kind, &l.Conversation, &l.Customer, &data, &kind, &client, &body)
	l.At, l.Data = at(when), decodeData(data)
	if kind != "" {
		l.Message = &domain.Message{
			ID: l.ID, Conversation: l.Conversation, By: l.By, Author: l.Actor, Kind: domain.MessageKind(kind), ClientID: client, Body: body, At: l.At,
		}
	}
	return l, err
}

// markRuns sets Continues on messages that belong to the run before them.
func markRuns(lines []domain.Line) {
	for i := 1; i < len(lines); i++ {
		lines[i].Follow(lines[i-1])
	}
}
