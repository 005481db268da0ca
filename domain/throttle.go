package domain

import "time"

// Throttle is the memory of failed attempts under one key: an account seen
// from one address, or an address.
type Throttle struct {
	Failures int
	Last     time.Time
}

// ThrottleMemory is how long failures are held against a key.
const ThrottleMemory = time.Hour

// Wait is how long the key has to wait before the next attempt. After free
// failures the delay doubles from two seconds to five minutes.
func (t Throttle) Wait(free int, now time.Time) time.Duration {
	if t.Failures < free {
		return 0
	}
	delay := min(2*time.Second<<min(t.Failures-free, 10), 5*time.Minute)
	return max(0, t.Last.Add(delay).Sub(now))
}

// Fail returns the throttle after one more failure.
func (t Throttle) Fail(now time.Time) Throttle {
	if now.Sub(t.Last) > ThrottleMemory {
		t.Failures = 0
	}
	return Throttle{Failures: t.Failures + 1, Last: now}
}
