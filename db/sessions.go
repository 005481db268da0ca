package db

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"

	"parlor/domain"
)

// session is one signed-in browser.
type session struct {
	agent   domain.AgentID
	data    []byte
	expires time.Time
	seen    time.Time
	stored  time.Time // what the file knows of seen
}

// sessionCache answers for every request from memory. One process owns the
// file, so nothing else changes a session.
type sessionCache struct {
	mu   sync.Mutex
	live map[string]*session
	gone map[string]time.Time // deleted tokens, so that a slow request cannot bring one back
}

var (
	findSession = read(`SELECT agent_id, data, seen_at, expires_at FROM sessions WHERE token_hash = ?`)
	putSession  = change(`INSERT INTO sessions (token_hash, agent_id, data, seen_at, expires_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET agent_id = excluded.agent_id, data = excluded.data, seen_at = excluded.seen_at, expires_at = excluded.expires_at`)
	touchSession  = change(`UPDATE sessions SET seen_at = ? WHERE token_hash = ?`)
	dropSession   = change(`DELETE FROM sessions WHERE token_hash = ?`)
	dropExpired   = change(`DELETE FROM sessions WHERE expires_at < ? OR seen_at < ?`)
	dropSessions  = change(`DELETE FROM sessions WHERE agent_id = ?`)
	sessionTokens = read(`SELECT token_hash FROM sessions WHERE agent_id = ?`)
)

// SessionIdle is how long a session survives without a request.
const SessionIdle = 24 * time.Hour

// touchEvery bounds how often mere use of a session reaches the file.
const touchEvery = time.Minute

// goneFor is how long a deleted token is remembered: longer than any request runs.
const goneFor = time.Hour

// Sessions is the store behind scs; it is given hashed tokens only.
type Sessions struct {
	d *DB
	// Owner reads the agent out of encoded session data.
	Owner func([]byte) domain.AgentID
}

// Sessions returns the session store. owner reads the signed-in agent out of
// encoded session data, 0 for none.
func (d *DB) Sessions(owner func([]byte) domain.AgentID) *Sessions {
	return &Sessions{d: d, Owner: owner}
}

// FindCtx returns the data of a live session.
func (s *Sessions) FindCtx(_ context.Context, token string) ([]byte, bool, error) {
	live, err := s.d.session(token)
	if err != nil || live == nil {
		return nil, false, err
	}
	return live.data, true, nil
}

// CommitCtx stores a session, unless its token was deleted before.
func (s *Sessions) CommitCtx(_ context.Context, token string, data []byte, expiry time.Time) error {
	c := &s.d.sessions
	now := s.d.clock()
	c.mu.Lock()
	_, deleted := c.gone[token]
	c.mu.Unlock()
	if deleted {
		return nil
	}
	fresh := &session{agent: s.Owner(data), data: data, expires: expiry, seen: now, stored: now}
	return s.d.Write(func(tx *Tx) error {
		c.mu.Lock()
		_, deleted := c.gone[token]
		c.mu.Unlock()
		if deleted {
			return nil
		}
		tx.after = append(tx.after, func() { c.put(token, fresh) })
		_, err := tx.exec(putSession, token, int64(fresh.agent), data, ms(now), ms(expiry))
		return err
	})
}

// DeleteCtx ends a session for good.
func (s *Sessions) DeleteCtx(_ context.Context, token string) error {
	s.d.sessions.bury(s.d.clock(), token)
	return s.d.Write(func(tx *Tx) error {
		_, err := tx.exec(dropSession, token)
		return err
	})
}

// Find, Commit and Delete exist for scs.Store; scs prefers the ones with a context.
func (s *Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s *Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (s *Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// session looks in memory, then in the file; nil means there is none.
func (d *DB) session(token string) (*session, error) {
	c, now := &d.sessions, d.clock()
	c.mu.Lock()
	live, known := c.live[token]
	_, deleted := c.gone[token]
	c.mu.Unlock()
	if deleted {
		return nil, nil
	}
	if !known {
		var seen, expires int64
		live = &session{}
		err := found(d.row(findSession, token).Scan(&live.agent, &live.data, &seen, &expires))
		if errors.Is(err, domain.NotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		live.seen, live.stored, live.expires = at(seen), at(seen), at(expires)
		c.put(token, live)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.After(live.expires) || now.Sub(live.seen) > SessionIdle {
		delete(c.live, token)
		return nil, nil
	}
	return live, nil
}

// TouchSession notes that a person used the session just now. Streams do not
// count, so that a forgotten browser is signed out.
func (d *DB) TouchSession(token string) error {
	now := d.clock()
	d.sessions.mu.Lock()
	live := d.sessions.live[token]
	due := false
	if live != nil {
		live.seen = now
		if due = now.Sub(live.stored) >= touchEvery; due {
			live.stored = now
		}
	}
	d.sessions.mu.Unlock()
	if !due {
		return nil
	}
	return d.Write(func(tx *Tx) error {
		_, err := tx.exec(touchSession, ms(now), token)
		return err
	})
}

// endSessions signs an agent out everywhere, also for requests under way.
func (tx *Tx) endSessions(id domain.AgentID) error {
	rows, err := tx.rows(sessionTokens, int64(id))
	tokens, err := collect(rows, err, func(r *sql.Rows) (t string, err error) {
		err = r.Scan(&t)
		return t, err
	})
	if err != nil {
		return err
	}
	// At once, so that a slow request in the same batch revives none of them.
	// Should the batch be lost, the agent is signed out for nothing.
	tx.d.sessions.bury(tx.now, tokens...)
	tx.publish(domain.Change{SessionsOver: id})
	_, err = tx.exec(dropSessions, int64(id))
	return err
}

// SweepSessions removes what has expired, forgotten failures to sign in among it.
func (d *DB) SweepSessions() error {
	now := d.clock()
	d.sessions.forget(now)
	return d.Write(func(tx *Tx) error {
		if _, err := tx.exec(dropThrottles, ms(now.Add(-domain.ThrottleMemory))); err != nil {
			return err
		}
		_, err := tx.exec(dropExpired, ms(now), ms(now.Add(-SessionIdle)))
		return err
	})
}

func (c *sessionCache) put(token string, s *session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, deleted := c.gone[token]; deleted {
		return
	}
	if c.live == nil {
		c.live = map[string]*session{}
	}
	c.live[token] = s
}

func (c *sessionCache) bury(now time.Time, tokens ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone == nil {
		c.gone = map[string]time.Time{}
	}
	for _, t := range tokens {
		delete(c.live, t)
		c.gone[t] = now
	}
}

func (c *sessionCache) forget(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for t, when := range c.gone {
		if now.Sub(when) > goneFor {
			delete(c.gone, t)
		}
	}
	for t, s := range c.live {
		if now.After(s.expires) || now.Sub(s.seen) > SessionIdle {
			delete(c.live, t)
		}
	}
}
