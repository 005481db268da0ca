package db

import (
	"context"
	"database/sql"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"parlor/domain"
)

var (
	watermark    = read(`SELECT watermark FROM search_state`)
	setWatermark = change(`UPDATE search_state SET watermark = ?`)
	unindexed    = read(`SELECT id, body FROM messages WHERE id > ? ORDER BY id LIMIT ?`)
	insertIndex  = change(`INSERT INTO message_index (rowid, body) VALUES (?, ?)`)
	// The thread's own span of ids spares going through everybody's matches.
	findInThread = read(`SELECT m.id, m.body FROM message_index i JOIN messages m ON m.id = i.rowid
		WHERE message_index MATCH ?1 AND m.conversation_id = ?2
		AND i.rowid >= (SELECT MIN(id) FROM events WHERE conversation_id = ?2)
		AND i.rowid <= (SELECT MAX(id) FROM events WHERE conversation_id = ?2)
		ORDER BY i.rowid DESC LIMIT ?3`)
)

const (
	indexBatch = 500
	indexEvery = 250 * time.Millisecond
)

// RunIndex keeps the search index up to date until ctx ends. It runs behind
// the messages, so that nobody waits for it to send one.
func (d *DB) RunIndex(ctx context.Context) {
	for {
		n, err := d.indexSome()
		if err != nil {
			slog.Error("search index", "err", err)
		}
		if n == indexBatch {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-d.indexing:
		}
		select { // gather a batch
		case <-ctx.Done():
			return
		case <-time.After(indexEvery):
		}
	}
}

type indexEntry struct {
	id   int64
	body string
}

// indexSome moves the watermark over up to one batch and returns its size.
func (d *DB) indexSome() (int, error) {
	var mark int64
	if err := d.row(watermark).Scan(&mark); err != nil {
		return 0, err
	}
	rows, err := d.rows(unindexed, mark, indexBatch)
	batch, err := collect(rows, err, func(r *sql.Rows) (e indexEntry, err error) {
		err = r.Scan(&e.id, &e.body)
		e.body = Spaced(e.body)
		return e, err
	})
	if err != nil || len(batch) == 0 {
		return 0, err
	}
	return len(batch), d.Write(func(tx *Tx) error {
		for _, e := range batch {
			if _, err := tx.exec(insertIndex, e.id, e.body); err != nil {
				return err
			}
		}
		_, err := tx.exec(setWatermark, batch[len(batch)-1].id)
		return err
	})
}

// Spaced puts every CJK character apart, so that each is a word of the index.
func Spaced(s string) string {
	var b strings.Builder
	b.Grow(len(s) * 2)
	for _, r := range s {
		if domain.IsCJK(r) {
			b.WriteByte(' ')
			b.WriteRune(r)
			b.WriteByte(' ')
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// runsOf cuts what a person typed into runs of CJK characters and other words.
func runsOf(typed string) (runs []string) {
	for _, word := range strings.FieldsFunc(typed, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }) {
		runs = append(runs, splitCJK(word)...)
	}
	return runs
}

func startsCJK(run string) bool {
	r, _ := utf8.DecodeRuneInString(run)
	return domain.IsCJK(r)
}

// matchExpression is the FTS5 query for runs: every one must occur; CJK runs
// as phrases, other words as prefixes.
func matchExpression(runs []string) string {
	terms := make([]string, len(runs))
	for i, run := range runs {
		if startsCJK(run) {
			terms[i] = `"` + strings.TrimSpace(Spaced(run)) + `"`
		} else {
			terms[i] = `"` + run + `"*`
		}
	}
	return strings.Join(terms, " AND ")
}

// apart reports whether body holds the characters of some CJK run only with
// punctuation between them, which the index cannot know.
func apart(body string, runs []string) bool {
	return slices.ContainsFunc(runs, func(run string) bool { return startsCJK(run) && !strings.Contains(body, run) })
}

// splitCJK cuts a word where it changes between CJK and other letters.
func splitCJK(word string) []string {
	var runs []string
	start, was := 0, false
	for i, r := range word {
		if is := domain.IsCJK(r); i > 0 && is != was {
			runs = append(runs, word[start:i])
			start, was = i, is
		} else {
			was = is
		}
	}
	return append(runs, word[start:])
}

// FindInThread returns the newest messages of a conversation that contain
// what was typed. Errors: NotFound.
func (d *DB) FindInThread(by domain.Actor, id domain.ConversationID, typed string, limit int) ([]domain.Hit, error) {
	if _, err := d.Conversation(by, id); err != nil {
		return nil, err
	}
	runs := runsOf(typed)
	if len(runs) == 0 {
		return nil, nil
	}
	rows, err := d.rows(findInThread, matchExpression(runs), int64(id), limit)
	hits, err := collect(rows, err, func(r *sql.Rows) (h domain.Hit, err error) {
		err = r.Scan(&h.ID, &h.Body)
		return h, err
	})
	return slices.DeleteFunc(hits, func(h domain.Hit) bool { return apart(h.Body, runs) }), err
}
