package doctor

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/engine"
)

// Prospect is what a check would do, as far as that is known before.
type Prospect struct {
	Runs *engine.Plan // the cases that would run
	Left []Left       // the others
}

// Left are cases that would not run, for one reason.
type Left struct {
	Why     string        // a sentence, with what to add to the target file
	Cases   int           // that have no other reason
	MaxWait time.Duration // with which they would; 0: no wait is what they lack
}

// Prospect looks at each case of the check, with what the examination has found out. lacks says what a case lacks to run, where that is
// not to be added to a target file; nil: it is.
func (e *Examination) Prospect(lacks func(engine.Case) string) Prospect {
	t, denied := e.job.Target, e.job.Plan.Denied(e.job.Target.Limits)
	var out Prospect
	left := map[Left]int{}
	out.Runs = e.job.Plan.Only(func(c engine.Case) bool {
		why, unmet := e.unmet(c)
		wait := e.waits(c)
		switch {
		case unmet && lacks != nil:
			why = Left{Why: lacks(c)}
		case unmet:
		case denied[c.ID] != "":
			why = Left{Why: "beyond limits.requests or limits.failed_logins, which can be raised"}
		case t.Clock != nil || wait == 0:
			return true
		case c.Awaits.Moved:
			why = Left{Why: "a look long after a token's end takes a clock control (add clock: {advance: …})"}
		case wait > target.MostWait:
			why = Left{Why: "a wait of " + wait.String() + " is longer than limits.max_wait may be, and takes a clock control (add clock: {advance: …})"}
		case wait > t.Limits.MaxWait:
			why = Left{MaxWait: wait}
		default:
			return true
		}
		left[why]++
		return false
	})
	for why, n := range left {
		why.Cases = n
		out.Left = append(out.Left, why)
	}
	slices.SortFunc(out.Left, func(a, b Left) int { return cmp.Or(cmp.Compare(a.MaxWait, b.MaxWait), cmp.Compare(a.Why, b.Why)) })
	return out
}

// unmet is why a case would not run that needs what the target file does not give.
func (e *Examination) unmet(c engine.Case) (Left, bool) {
	var whys []string
	for _, need := range c.Needs {
		switch have, why := e.job.Target.Provides(need, e.noBrowser); {
		case have == target.DeclaredAbsent:
			return Left{Why: why}, true
		case have != target.Provided && !slices.Contains(whys, why):
			whys = append(whys, why)
		}
	}
	return Left{Why: strings.Join(whys, "; ")}, len(whys) > 0
}

// waits is up to how long a case waits where the clock is not moved; 0: not at all, or for seconds.
func (e *Examination) waits(c engine.Case) time.Duration {
	awaits := c.Awaits
	if awaits.Kind == "" && c.Late && e.late {
		awaits.Kind = client.Access
	}
	life := e.lifetime(awaits.Kind)
	if life == 0 {
		return 0
	}
	whole := float64(life) * cmp.Or(awaits.Lifetimes, 1)
	return (time.Duration(whole) + client.Lingers(life) + time.Second).Truncate(time.Second)
}

// lifetime is how long a token of a kind lives here: as the target announced, as its file or its document says, at most as that
// allows, or where nobody says as long as what came with it.
func (e *Examination) lifetime(kind string) time.Duration {
	if kind == "" {
		return 0
	}
	d := e.job.Plan.Dialect
	documented, _ := d.Token(kind)
	expected, _ := e.job.Target.Lifetime(kind)
	life := cmp.Or(e.lifetimes[kind], expected, documented.Lifetime.Documented, atMost(d, kind))
	if life == 0 && kind != client.Access {
		return e.lifetime(client.Access)
	}
	return life
}

func atMost(d *specs.Dialect, kind string) time.Duration {
	for _, flow := range d.Flows {
		if flow.Name == "at-most" && flow.Token == kind {
			limit, _ := time.ParseDuration(flow.Params["limit"]) // as the schema has it
			return limit
		}
	}
	return 0
}

// manyDays is longer than most access tokens live.
const manyDays = 10 * 24 * time.Hour

// milliseconds says of an announced number of seconds that it looks like one of milliseconds; empty: it does not. Who means days
// announces whole ones, give or take what rounding takes.
func milliseconds(grant *client.Grant) string {
	token := grant.Tokens[client.Access]
	announced, written, ok := grant.Reply.Lifetime(token.Kind)
	offDay := announced % (24 * time.Hour)
	if !ok || token.Kind.Lifetime.Unit.Step() != time.Second || announced < manyDays || min(offDay, 24*time.Hour-offDay) < 5*time.Second && announced < 50*manyDays {
		return ""
	}
	return "; it announces that the access token lives for " + written + " seconds, which are " + strconv.Itoa(int(announced/(24*time.Hour))) + " days: that looks like milliseconds"
}
