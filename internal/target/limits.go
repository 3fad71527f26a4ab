package target

import (
	"strconv"
	"time"
)

// Limits are what a run may cost the target and its user.
type Limits struct {
	// MaxWait is the longest real wait for something to expire; what needs more is not exercised. Waits
	// share one timeline, so this is about what they add to a run. Zero: no real waits.
	MaxWait time.Duration

	// Timeout is how long one request may take.
	Timeout time.Duration

	// Settle is for how long a target of several replicas may not know yet what it has handed out, taken back or
	// seen used, for a load. Zero: it knows at once.
	Settle time.Duration

	// Parallel is how many cases run at once.
	Parallel int

	// MaxRPS and Burst pace requests to a target that is not loopback. A race is one burst.
	MaxRPS float64
	Burst  int

	// Gentle is for a target that is somebody else's: the pace holds on loopback too, and nothing races.
	Gentle bool

	// Requests is how many requests a run may plan; a plan that needs more ends before it begins.
	Requests int

	// FailedLogins is how many logins with wrong credentials a run may plan, for targets that lock accounts.
	FailedLogins int
}

// DefaultLimits are those of a file that names none.
func DefaultLimits() Limits {
	return Limits{MaxWait: 45 * time.Second, Timeout: 10 * time.Second, Parallel: 8, MaxRPS: 50, Burst: 32, Requests: 5000, FailedLogins: 40}
}

// What a gentle check keeps to, where the file does not say less: a user at work asks for as much, and three wrong logins lock few
// accounts.
const (
	gentleRPS    = 5
	gentleLogins = 3
)

// BeGentle lowers the limits for a target that is somebody else's.
func (l *Limits) BeGentle() {
	l.Gentle, l.Parallel, l.Burst = true, 1, 1
	l.MaxRPS, l.FailedLogins = min(l.MaxRPS, gentleRPS), min(l.FailedLogins, gentleLogins)
}

// MostWait is how long limits.max_wait may be: two weeks and a day is past the longest documented lifetime.
const MostWait = 15 * 24 * time.Hour

// The ranges of other times; those of numbers are in target.schema.json.
const (
	leastTimeout = 10 * time.Millisecond
	mostTimeout  = 10 * time.Minute
	mostSettle   = 5 * time.Second
)

func (r *reader) limits(f FileLimits) {
	l := DefaultLimits()
	span := func(key, text string, into *time.Duration, least, most time.Duration) {
		if at := []string{"limits", key}; r.usable(at...) {
			if d, ok := r.duration(at, text, least, most); ok {
				*into = d
			}
		}
	}
	number := func(key, text string, into *float64) {
		if r.usable("limits", key) {
			*into, _ = strconv.ParseFloat(text, 64) // the schema has judged it
		}
	}
	count := func(key, text string, into *int) {
		f := float64(*into)
		number(key, text, &f)
		*into = int(f)
	}
	span("max_wait", f.MaxWait, &l.MaxWait, 0, MostWait)
	span("timeout", f.Timeout, &l.Timeout, leastTimeout, mostTimeout)
	span("settle", f.Settle, &l.Settle, 0, mostSettle)
	count("parallel", f.Parallel, &l.Parallel)
	number("max_rps", f.MaxRPS, &l.MaxRPS)
	count("burst", f.Burst, &l.Burst)
	count("requests", f.Requests, &l.Requests)
	count("failed_logins", f.FailedLogins, &l.FailedLogins)
	r.target.Limits = l
}
