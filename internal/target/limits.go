package target

import (
	"cmp"
	"time"

	"gonogo/internal/yamlfile"
)

// Limits are what a run may cost the target and its user.
type Limits struct {
	// MaxWait is the longest real wait for something to expire; what needs more is not exercised. Waits
	// share one timeline, so this is about what they add to a run. Zero: no real waits.
	MaxWait time.Duration

	// Timeout is how long one request may take.
	Timeout time.Duration

	// Parallel is how many cases run at once.
	Parallel int

	// MaxRPS and Burst pace requests to a target that is not loopback. A race is one burst.
	MaxRPS float64
	Burst  int

	// Requests is how many requests a run may plan; a plan that needs more ends before it begins.
	Requests int

	// FailedLogins is how many logins with wrong credentials a run may plan, for targets that lock accounts.
	FailedLogins int
}

// DefaultLimits are the contract's.
func DefaultLimits() Limits {
	return Limits{MaxWait: 45 * time.Second, Timeout: 10 * time.Second, Parallel: 8, MaxRPS: 50, Burst: 32, Requests: 2000, FailedLogins: 40}
}

// orDefaults is for targets that no file made, whose limits may be zero.
func (l Limits) orDefaults() Limits {
	d := DefaultLimits()
	return Limits{
		MaxWait: cmp.Or(l.MaxWait, d.MaxWait), Timeout: cmp.Or(l.Timeout, d.Timeout), Parallel: cmp.Or(l.Parallel, d.Parallel),
		MaxRPS: cmp.Or(l.MaxRPS, d.MaxRPS), Burst: cmp.Or(l.Burst, d.Burst), Requests: cmp.Or(l.Requests, d.Requests), FailedLogins: cmp.Or(l.FailedLogins, d.FailedLogins),
	}
}

// The ranges. Two weeks and a day is past the longest documented lifetime; a burst of one would turn every
// race into a queue; more cases at once than 256 would measure the harness's own sockets.
const (
	mostWait    = 15 * 24 * time.Hour
	mostTimeout = 10 * time.Minute
	mostCases   = 256
	mostRPS     = 100_000
	mostBurst   = 1000
	mostPlanned = 1_000_000
)

func (r *reader) limits(n *yamlfile.Node) {
	l := &r.target.Limits
	*l = DefaultLimits()
	if n == nil {
		return
	}
	found := r.keys(n, "limits", "max_wait", "timeout", "parallel", "max_rps", "burst", "requests", "failed_logins")
	span := func(key string, into *time.Duration, least, most time.Duration) {
		if found[key] == nil {
			return
		}
		if d, ok := r.duration(found[key], "limits."+key, least, most); ok {
			*into = d
		}
	}
	count := func(key string, into *int, least, most float64) {
		if found[key] == nil {
			return
		}
		if f, ok := r.number(found[key], "limits."+key, least, most, true); ok {
			*into = int(f)
		}
	}
	span("max_wait", &l.MaxWait, 0, mostWait)
	span("timeout", &l.Timeout, 10*time.Millisecond, mostTimeout)
	count("parallel", &l.Parallel, 1, mostCases)
	count("burst", &l.Burst, 2, mostBurst)
	count("requests", &l.Requests, 1, mostPlanned)
	count("failed_logins", &l.FailedLogins, 0, mostPlanned)
	if found["max_rps"] != nil {
		if f, ok := r.number(found["max_rps"], "limits.max_rps", 0.1, mostRPS, false); ok {
			l.MaxRPS = f
		}
	}
}
