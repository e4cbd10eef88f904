package api

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxBuckets bounds how many callers are remembered. Those who did nothing for
// a while have full buckets, and forgetting them changes nothing.
const maxBuckets = 10_000

// limiter allows each caller so many requests a second.
type limiter struct {
	mu      sync.Mutex
	each    rate.Limit
	burst   int
	buckets map[string]*rate.Limiter
}

func newLimiter(perSecond float64, burst int) *limiter {
	return &limiter{each: rate.Limit(perSecond), burst: burst, buckets: map[string]*rate.Limiter{}}
}

func (l *limiter) bucket(name string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[name]
	if b == nil {
		if len(l.buckets) >= maxBuckets {
			l.forget()
		}
		b = rate.NewLimiter(l.each, l.burst)
		l.buckets[name] = b
	}
	return b
}

// forget drops the buckets that are full again, or all if there are none.
func (l *limiter) forget() {
	for name, b := range l.buckets {
		if b.Tokens() >= float64(l.burst) {
			delete(l.buckets, name)
		}
	}
	if len(l.buckets) >= maxBuckets {
		clear(l.buckets)
	}
}

// take counts a request, and returns how long its caller has to wait before it
// is served: 0 if it is.
func (l *limiter) take(name string) time.Duration {
	b := l.bucket(name)
	if b.Allow() {
		return 0
	}
	return max(l.wait(b), time.Millisecond)
}

// mustWait returns the same without counting.
func (l *limiter) mustWait(name string) time.Duration {
	l.mu.Lock()
	b := l.buckets[name]
	l.mu.Unlock()
	if b == nil {
		return 0
	}
	return l.wait(b)
}

func (l *limiter) wait(b *rate.Limiter) time.Duration {
	if lacks := 1 - b.Tokens(); lacks > 0 {
		return time.Duration(lacks / float64(l.each) * float64(time.Second))
	}
	return 0
}
