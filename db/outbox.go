package db

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"parlor/domain"
)

// Mail is one message for one recipient.
type Mail struct {
	To      string `json:"to"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

// Delivery is one thing for the outside world. ID stays the same over all
// attempts, so that a receiver can drop a repetition.
type Delivery struct {
	ID   string
	Kind string
	Mail Mail
}

// Send carries a delivery out.
type Send func(context.Context, Delivery) error

// attemptsMost is after how many failures a delivery is parked.
const attemptsMost = 8

var (
	insertOutbox = change(`INSERT INTO outbox (delivery, kind, payload, created_at, next_at) VALUES (?, ?, ?, ?, ?)`)
	nextOutbox   = read(`SELECT id, delivery, kind, payload, attempts, next_at FROM outbox WHERE state = 'waiting' ORDER BY next_at LIMIT 1`)
	settleOutbox = change(`UPDATE outbox SET state = ?, attempts = attempts + 1, next_at = ?, error = ? WHERE id = ?`)
)

// enqueue puts a delivery into the outbox as part of the transaction.
func (tx *Tx) enqueue(kind, payload string) error {
	_, err := tx.exec(insertOutbox, rand.Text(), kind, payload, ms(tx.now), ms(tx.now))
	tx.after = append(tx.after, func() { poke(tx.d.mailSoon) })
	return err
}

// RunOutbox delivers what waits, outside every transaction, until ctx ends.
// A failure is tried again with growing delay and finally parked.
func (d *DB) RunOutbox(ctx context.Context, send Send) {
	for {
		wait := d.nextDelivery(ctx, send)
		select {
		case <-ctx.Done():
			return
		case <-d.mailSoon:
		case <-time.After(wait):
		}
	}
}

func (d *DB) nextDelivery(ctx context.Context, send Send) time.Duration {
	const idle = time.Minute
	var id, next int64
	var attempts int
	var payload string
	var out Delivery
	err := found(d.row(nextOutbox).Scan(&id, &out.ID, &out.Kind, &payload, &attempts, &next))
	if errors.Is(err, domain.NotFound) {
		return idle
	}
	if err != nil {
		slog.Error("outbox not read", "err", err)
		return time.Second
	}
	if wait := at(next).Sub(d.clock()); wait > 0 {
		return min(wait, idle)
	}
	failure := json.Unmarshal([]byte(payload), &out.Mail)
	if failure == nil {
		failure = send(ctx, out)
	}
	if failure != nil && ctx.Err() != nil {
		return 0 // stopping is not a failure of the delivery
	}
	if err := d.settle(id, attempts, failure); err != nil {
		slog.Error("outbox not settled", "err", err)
		return time.Second
	}
	return 0
}

// settle records the outcome of one attempt.
func (d *DB) settle(id int64, attempts int, failure error) error {
	state, next, text := "sent", d.clock(), ""
	if failure != nil {
		state, text = "waiting", failure.Error()
		next = next.Add(time.Duration(1<<attempts) * 15 * time.Second)
		if attempts+1 >= attemptsMost {
			state = "parked"
		}
		slog.Warn("delivery failed", "attempt", attempts+1, "state", state, "err", failure)
	}
	return d.Write(func(tx *Tx) error {
		_, err := tx.exec(settleOutbox, state, ms(next), text, id)
		return err
	})
}
