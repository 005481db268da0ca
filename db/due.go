package db

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"parlor/domain"
)

// dueKind names a sort of timer.
type dueKind string

// silence ends a conversation in which nobody has written for too long.
const silence dueKind = "silence"

var (
	armDue    = change(`INSERT INTO due (kind, subject, at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at, generation = generation + 1, attempts = 0`)
	disarmDue = change(`DELETE FROM due WHERE kind = ? AND subject = ?`)
	claimDue  = change(`DELETE FROM due WHERE kind = ? AND subject = ? AND generation = ?`)
	laterDue  = change(`UPDATE due SET attempts = attempts + 1, at = ? + 60000 * (attempts + 1) WHERE kind = ? AND subject = ?`)
	firstDue  = read(`SELECT kind, subject, at, generation FROM due ORDER BY at LIMIT 1`)
)

func (tx *Tx) arm(kind dueKind, subject int64, when time.Time) error {
	if when.IsZero() {
		return tx.disarm(kind, subject)
	}
	_, err := tx.exec(armDue, string(kind), subject, ms(when))
	tx.after = append(tx.after, func() { poke(tx.d.dueSoon) })
	return err
}

func (tx *Tx) disarm(kind dueKind, subject int64) error {
	_, err := tx.exec(disarmDue, string(kind), subject)
	return err
}

// armSilence sets the end of a conversation nobody writes in. Messages only
// ever move that end later, so they leave the row alone and the loop asks again.
func (tx *Tx) armSilence(c *domain.Conversation) error {
	return tx.arm(silence, int64(c.ID), c.SilentUntil(tx.silenceOf(c)))
}

func (tx *Tx) silenceOf(c *domain.Conversation) int { return tx.Directory().Sites[c.Site].Silence }

// pace keeps a long list of overdue work from flooding everyone at once.
const pace = 20 * time.Millisecond

// RunDue does due work until ctx ends: one row at a time, each claimed in the
// same transaction as its effect.
func (d *DB) RunDue(ctx context.Context) {
	for {
		wait := d.nextDue()
		select {
		case <-ctx.Done():
			return
		case <-d.dueSoon:
		case <-time.After(wait):
		}
	}
}

// nextDue does the earliest due row, if it is time, and returns how long to
// wait before looking again.
func (d *DB) nextDue() time.Duration {
	const idle = time.Minute
	var kind dueKind
	var subject, when, generation int64
	switch err := found(d.row(firstDue).Scan(&kind, &subject, &when, &generation)); {
	case errors.Is(err, domain.NotFound):
		return idle
	case err != nil:
		slog.Error("due work not read", "err", err)
		return time.Second
	}
	if wait := at(when).Sub(d.clock()); wait > 0 {
		return min(wait, idle)
	}
	if err := d.Write(func(tx *Tx) error { return tx.fire(kind, subject, generation) }); err != nil {
		slog.Error("due work failed", "kind", string(kind), "subject", subject, "err", err)
		return d.postpone(kind, subject)
	}
	return pace
}

// postpone moves a row that failed back, later each time, so that it does
// not hold up the ones behind it.
func (d *DB) postpone(kind dueKind, subject int64) time.Duration {
	err := d.Write(func(tx *Tx) error {
		_, err := tx.exec(laterDue, ms(tx.now), string(kind), subject)
		return err
	})
	if err != nil {
		return time.Second
	}
	return pace
}

// fire claims a due row and acts on it, unless it was re-armed meanwhile.
func (tx *Tx) fire(kind dueKind, subject, generation int64) error {
	r, err := tx.exec(claimDue, string(kind), subject, generation)
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return tx.endSilent(domain.ConversationID(subject))
}

// endSilent ends a conversation that has been silent long enough, or waits on.
func (tx *Tx) endSilent(id domain.ConversationID) error {
	c, err := scanConversation(tx.row(anyConversation, int64(id)))
	if err != nil || c.State != domain.Open {
		return err
	}
	until := c.SilentUntil(tx.silenceOf(c))
	if until.IsZero() || until.After(tx.now) {
		return tx.arm(silence, int64(id), until)
	}
	return tx.end(domain.System, c, domain.EndedBySilence)
}
