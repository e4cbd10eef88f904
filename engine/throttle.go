package engine

import (
	"context"
	"fmt"
	"net/netip"
	"time"
)

// Throttle counts the sign-ins that failed for one account or from one
// address. It is in the database, so that all processes count as one.
type Throttle struct {
	Key      string    // the hash of what it counts for
	Failures int       // since it was last forgotten
	LastAt   time.Time // of the last of them
	Until    time.Time // no sign-in is tried before; the zero time if any may be
}

// ThrottleStore keeps the throttles.
type ThrottleStore interface {
	// Throttle returns the throttle with a key, one without failures if there
	// is none.
	Throttle(ctx context.Context, key string) (Throttle, error)

	// PutThrottle stores a throttle in place of the one with its key. One
	// without failures is removed.
	PutThrottle(ctx context.Context, t Throttle) error

	// ForgetThrottles removes those whose last failure is before a time.
	ForgetThrottles(ctx context.Context, before time.Time) error

	// AuditLockout writes an event "lockout:USER:TIME" to the log of each
	// workspace that the user is a member of: so many sign-ins failed that the
	// next has to wait.
	AuditLockout(ctx context.Context, user string, at time.Time) error
}

// What is free, and how long after that the next sign-in has to wait: a second,
// and double with each failure up to a quarter of an hour, after which one can
// be tried. An address has more of them, since a whole office may share one.
const (
	freePerAccount  = 5
	freePerAddress  = 30
	longestWait     = 15 * time.Minute
	forgetThrottles = 24 * time.Hour
)

// accountKey and addressKey name what is counted. The network of an IPv6
// address counts as one: who has one address there has 2⁶⁴.
func accountKey(email string) string { return HashSecret("account " + email) }

func addressKey(from string) string {
	if a, err := netip.ParseAddr(from); err == nil {
		if a = a.Unmap(); a.Is6() {
			if p, err := a.WithZone("").Prefix(64); err == nil {
				return HashSecret("network " + p.String())
			}
		}
		from = a.String()
	}
	return HashSecret("address " + from)
}

// count takes one failure more. The wait begins when all free ones are used.
func (t *Throttle) count(now time.Time, free int) {
	if now.Sub(t.LastAt) >= forgetThrottles {
		t.Failures = 0
	}
	t.Failures++
	t.LastAt, t.Until = now, time.Time{}
	if over := t.Failures - free; over >= 0 {
		t.Until = now.Add(min(longestWait, time.Second<<min(over, 30)))
	}
}

// giveBack takes back a failure that was none.
func (t *Throttle) giveBack(free int) {
	t.Failures = max(0, t.Failures-1)
	if t.Failures < free {
		t.Until = time.Time{}
	}
}

// ThrottledError says that too many sign-ins failed to try another one yet.
type ThrottledError struct{ Wait time.Duration }

// Error says how long to wait, and not for whom.
func (e *ThrottledError) Error() string {
	return fmt.Sprintf("too many sign-ins have failed; try again in %d seconds", max(1, int((e.Wait+time.Second-1)/time.Second)))
}
