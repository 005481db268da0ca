package visitor

import (
	"net/http"
	"sync"

	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"
)

const (
	burst         = 40     // messages a visitor may send at once
	newcomersRate = 1      // new visitors a second from one address
	newcomers     = 60     // and at once: an office may share an address
	limitsMost    = 50_000 // remembered keys, so that memory stays bounded
)

// limits hold each visitor and each address to a bearable rate.
type limits struct {
	perVisitor float64 // messages a second; 0 is unlimited
	mu         sync.Mutex
	byKey      map[string]*rate.Limiter
}

func newLimits(perVisitor float64) *limits {
	return &limits{perVisitor: perVisitor, byKey: map[string]*rate.Limiter{}}
}

// message admits a message of a known visitor; newcomer one of a new browser.
func (l *limits) message(key string) error  { return l.take("v"+key, rate.Limit(l.perVisitor), burst) }
func (l *limits) newcomer(key string) error { return l.take("a"+key, newcomersRate, newcomers) }

func (l *limits) take(key string, every rate.Limit, most int) error {
	if l.perVisitor == 0 {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter := l.byKey[key]
	if limiter == nil {
		if len(l.byKey) >= limitsMost {
			clear(l.byKey)
		}
		limiter = rate.NewLimiter(every, most)
		l.byKey[key] = limiter
	}
	if !limiter.Allow() {
		return echo.NewHTTPError(http.StatusTooManyRequests)
	}
	return nil
}
