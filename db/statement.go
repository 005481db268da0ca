package db

import (
	"context"
	"database/sql"
	"fmt"
)

// statement is one static SQL text. All of them are prepared when the file is
// opened, so that a bad one stops the start instead of a request.
type statement struct {
	text string
	slot int
}

var reading, writing []*statement

// read declares a statement for both readers and the writer.
func read(text string) *statement {
	s := &statement{text: text, slot: len(reading)}
	reading = append(reading, s)
	return s
}

// change declares a statement for the writer alone.
func change(text string) *statement {
	s := &statement{text: text, slot: len(writing)}
	writing = append(writing, s)
	return s
}

// source answers declared queries: the reader pool, or the transaction at hand.
type source interface {
	row(s *statement, args ...any) *sql.Row
	rows(s *statement, args ...any) (*sql.Rows, error)
}

type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

func prepare(p preparer, all []*statement) ([]*sql.Stmt, error) {
	out := make([]*sql.Stmt, len(all))
	for i, s := range all {
		stmt, err := p.PrepareContext(context.Background(), s.text)
		if err != nil {
			return nil, fmt.Errorf("prepare %q: %w", s.text, err)
		}
		out[i] = stmt
	}
	return out, nil
}

// collect scans every row of a query with scan.
func collect[T any](rows *sql.Rows, err error, scan func(*sql.Rows) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
