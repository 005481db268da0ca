package db

import (
	"errors"

	"parlor/domain"
)

var (
	findThrottle = read(`SELECT failures, last_at FROM throttles WHERE key = ?`)
	putThrottle  = change(`INSERT INTO throttles (key, failures, last_at) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at`)
	dropThrottle  = change(`DELETE FROM throttles WHERE key = ?`)
	dropThrottles = change(`DELETE FROM throttles WHERE last_at < ?`)
)

// Throttle returns the failed attempts held against a key; it survives restarts.
func (d *DB) Throttle(key string) (domain.Throttle, error) { return throttle(d, key) }

func throttle(src source, key string) (t domain.Throttle, err error) {
	var last int64
	err = found(src.row(findThrottle, key).Scan(&t.Failures, &last))
	if errors.Is(err, domain.NotFound) {
		return t, nil
	}
	t.Last = at(last)
	return t, err
}

// Denied counts a failed sign-in against each key and records it.
func (d *DB) Denied(address string, keys ...string) error {
	return d.Write(func(tx *Tx) error {
		for _, k := range keys {
			t, err := throttle(tx, k)
			if err != nil {
				return err
			}
			t = t.Fail(tx.now)
			if _, err := tx.exec(putThrottle, k, t.Failures, ms(t.Last)); err != nil {
				return err
			}
		}
		_, err := tx.record(domain.System, domain.SignInDenied, nil, domain.Data{Subject: address})
		return err
	})
}
