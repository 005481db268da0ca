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

// newest stands for "before" nothing in particular.
const newest = domain.EventID(1 << 62)

// Thread returns the last limit lines before an event (0 for the newest), as
// an agent who may see the conversation is shown them. Errors: NotFound.
func (d *DB) Thread(by domain.Actor, id domain.ConversationID, before domain.EventID, limit int) (domain.Stretch, error) {
	if _, err := d.Conversation(by, id); err != nil {
		return domain.Stretch{}, err
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
func (d *DB) OwnThread(c *domain.Conversation, before domain.EventID, limit int) (domain.Stretch, error) {
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

func (d *DB) page(s *statement, id domain.ConversationID, before domain.EventID, limit int) (domain.Stretch, error) {
	if before <= 0 {
		before = newest
	}
	rows, err := d.rows(s, int64(id), int64(before), limit+1)
	lines, err := collect(rows, err, scanLine)
	if err != nil {
		return domain.Stretch{}, err
	}
	slices.Reverse(lines)
	markRuns(lines)
	if len(lines) > limit {
		return domain.Stretch{Lines: lines[len(lines)-limit:], More: true}, nil
	}
	return domain.Stretch{Lines: lines}, nil
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

// lineScan receives the columns of one line.
type lineScan struct {
	l                        domain.Line
	when                     int64
	kind, client, body, data string
}

func (s *lineScan) targets() []any {
	return []any{&s.l.ID, &s.when, &s.l.By, &s.l.Actor, &s.l.Kind, &s.l.Conversation, &s.l.Customer, &s.data, &s.kind, &s.client, &s.body}
}

func (s *lineScan) line() domain.Line {
	l := s.l
	l.At, l.Data = at(s.when), decodeData(s.data)
	if s.kind != "" {
		l.Message = &domain.Message{
			ID: l.ID, Conversation: l.Conversation, By: l.By, Author: l.Actor, Kind: domain.MessageKind(s.kind), ClientID: s.client, Body: s.body, At: l.At,
		}
	}
	return l
}

func scanLine(r *sql.Rows) (domain.Line, error) {
	var s lineScan
	err := r.Scan(s.targets()...)
	return s.line(), err
}

// markRuns sets Continues on messages that belong to the run before them.
func markRuns(lines []domain.Line) {
	for i := 1; i < len(lines); i++ {
		lines[i].Follow(lines[i-1])
	}
}

// Missed is a line together with the conversation it belongs to.
type Missed struct {
	Line domain.Line
	In   *domain.Conversation
}

var (
	missedByAgent = read(`SELECT ` + lineColumns + `, ` + conversationColumns + ` FROM events e LEFT JOIN messages m ON m.id = e.id
		JOIN conversations c ON c.id = e.conversation_id JOIN customers u ON u.id = c.customer_id
		WHERE` + visible + `AND e.id > ?5 AND e.kind IN ('message', 'note', 'queued', 'assigned', 'ended') ORDER BY e.id LIMIT ?6`)
	missedByVisitor = read(`SELECT ` + lineColumns + `, ` + conversationColumns + ` FROM conversations c
		JOIN customers u ON u.id = c.customer_id JOIN events e ON e.conversation_id = c.id LEFT JOIN messages m ON m.id = e.id
		WHERE c.visitor_id = ?1 AND e.id > ?2 AND e.kind IN ('message', 'queued', 'assigned', 'ended') ORDER BY e.id LIMIT ?3`)
)

// MissedBy returns up to limit lines after an event in all conversations that
// the actor may see, oldest first.
func (d *DB) MissedBy(by domain.Actor, after domain.EventID, limit int) ([]Missed, error) {
	var rows *sql.Rows
	var err error
	if by.Kind == domain.ByVisitor {
		rows, err = d.rows(missedByVisitor, int64(by.Visitor), int64(after), limit)
	} else {
		rows, err = d.rows(missedByAgent, scopeArgs(by, int64(after), limit)...)
	}
	return collect(rows, err, func(r *sql.Rows) (Missed, error) {
		var m Missed
		var l lineScan
		c, err := scanConversation(withHead{r, l.targets()})
		m.Line, m.In = l.line(), c
		return m, err
	})
}

// withHead scans a line's columns before a conversation's.
type withHead struct {
	rows *sql.Rows
	head []any
}

func (w withHead) Scan(dest ...any) error { return w.rows.Scan(append(w.head, dest...)...) }
