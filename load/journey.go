package load

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"gonogo/internal/client"
	"gonogo/reports"
	"gonogo/reports/words"
	"gonogo/specs"
)

// Session is what each client of --scenario session does: it logs in, uses its token, refreshes once in every period,
// and logs out. What a document has no operation for is left out.
type Session struct {
	Refreshes  int           // of each session; one login and ten of them are usual
	Period     time.Duration // from one refresh, or the login, to the next
	Uses       int           // in each period
	Think      string        // before each of them: 500ms, or 200ms-2s for a time by chance; optional, spread evenly over the period
	Logout     string        // the share of sessions that log out; the others just end: 30%
	Population int           // how many sessions there may be at once
}

// The usual session, which gonogo's flags have unless they say otherwise.
const (
	DefaultSessionRate = 50 // sessions in a second
	DefaultRefreshes   = 10
	DefaultPeriod      = time.Second
	DefaultUses        = 1
	DefaultLogout      = "100%"
	DefaultPopulation  = 10_000
)

// journey is a Session as it was read.
type journey struct {
	refreshes  int
	period     time.Duration
	uses       int
	least      time.Duration // to think
	most       time.Duration
	logout     float64 // a share of one
	population int
}

// The bounds of a session.
const (
	mostRefreshes = 100_000
	mostUses      = 10_000
	leastPeriod   = time.Millisecond
	mostLength    = time.Hour // which is what the times of a run can be
)

// read takes in what a session is to be, in the words of gonogo's flags.
func (s Session) read() (j journey, err error) {
	j = journey{refreshes: s.Refreshes, period: s.Period, uses: s.Uses, population: s.Population}
	switch {
	case s.Refreshes < 0 || s.Refreshes > mostRefreshes:
		return j, fmt.Errorf("--refreshes %d: choose from 0 to %d", s.Refreshes, mostRefreshes)
	case s.Period < leastPeriod || s.Period > mostLength:
		return j, fmt.Errorf("--period %s: choose from %s to 1h", s.Period, leastPeriod)
	case s.Uses < 0 || s.Uses > mostUses:
		return j, fmt.Errorf("--uses %d: choose from 0 to %d", s.Uses, mostUses)
	case s.Population < 1 || s.Population > mostTokens:
		return j, fmt.Errorf("--population %d: choose from 1 to %d", s.Population, mostTokens)
	}
	if j.least, j.most, err = readThink(s.thought()); err != nil {
		return j, fmt.Errorf("--think %s: %w", s.Think, err)
	}
	share, percent := strings.CutSuffix(s.Logout, "%")
	j.logout, err = strconv.ParseFloat(share, 64)
	switch {
	case err != nil || !percent || math.IsNaN(j.logout):
		return j, fmt.Errorf("--logout %s: write the share of sessions that log out, such as 30%%", s.Logout)
	case j.logout < 0 || j.logout > 100:
		return j, fmt.Errorf("--logout %s: choose from 0%% to 100%%; no more than all sessions can log out", s.Logout)
	}
	j.logout /= 100
	switch thinks := time.Duration(j.uses) * j.most; {
	case j.uses > 0 && thinks >= j.period:
		return j, fmt.Errorf("--think %s: %d of them (--uses) take up to %s, which does not fit into a --period of %s", s.Think, j.uses, thinks, j.period)
	case j.length() > mostLength:
		return j, fmt.Errorf("--refreshes %d, one in every --period of %s: a session of %s is longer than %s", s.Refreshes, s.Period, j.length(), mostLength)
	}
	return j, nil
}

// thought is the time before each use.
func (s Session) thought() string {
	if s.Think == "" {
		return (s.Period / time.Duration(s.Uses+1)).String()
	}
	return s.Think
}

// readThink reads a think time: one, or the least and the most.
func readThink(text string) (least, most time.Duration, err error) {
	if strings.HasPrefix(text, "-") {
		return 0, 0, errors.New("a think time cannot be negative; write it like 500ms, or 200ms-2s for one by chance")
	}
	from, to, random := strings.Cut(text, "-")
	if !random {
		to = from
	}
	least, err = time.ParseDuration(from)
	if err == nil {
		most, err = time.ParseDuration(to)
	}
	switch {
	case err != nil:
		err = errors.New("it is not a time; write it like 500ms, or 200ms-2s for one by chance")
	case least > most:
		err = errors.New("the least comes first, as in 200ms-2s")
	case least < 0 || most > mostDuration:
		err = errors.New("choose from 0s to 24h")
	}
	return least, most, err
}

// length is how long a session takes at the most.
func (j journey) length() time.Duration { return time.Duration(j.refreshes+1) * j.period }

// requests is how many requests a session is that does all of it.
func (j journey) requests() int { return j.steps(j.logout > 0) }

func (j journey) steps(out bool) int {
	n := 1 + j.uses*(j.refreshes+1) + j.refreshes
	if out {
		n++
	}
	return n
}

// plan is what is asked of a session, for a report.
func (s Session) plan() *reports.LoadSession {
	return &reports.LoadSession{Refreshes: s.Refreshes, PeriodMS: s.Period.Milliseconds(), Uses: s.Uses, Think: s.thought(), Logout: s.Logout, Population: s.Population}
}

// journey narrows what is asked of a session to what the document and the target have, and says what they have not.
func (o *offer) journey(j journey) (_ journey, without []string) {
	if j.uses > 0 && o.tries == nil {
		j.uses = 0
		without = append(without, "no use: the document has no operation that a token opens")
	}
	if j.refreshes > 0 && (o.refresh == nil || o.renewable != o.issue) {
		j.refreshes = 0
		without = append(without, "no refresh: the document has none of what a login gives")
	}
	if j.logout > 0 {
		if why := o.unrevocable(); why != "" {
			j.logout = 0
			without = append(without, "no logout: "+why)
		} else {
			o.revoke = newCall(o.dialect, o.ops.First(specs.RoleRevoke))
		}
	}
	return j, without
}

// narrow has a run ask no more of its sessions than there is, and note what there is not.
func (s *settings) narrow(o *offer, l *ledger) {
	if s.scenario.name != sessionScenario {
		return
	}
	j, without := o.journey(s.journey)
	for _, what := range without {
		l.note("a session has %s", what)
	}
	s.goes(j)
}

// goes has the sessions of a run be of a journey, and holds nothing against requests that it has not.
func (s *settings) goes(j journey) {
	s.journey = j
	for p, has := range map[part]bool{usePart: j.uses > 0, refreshPart: j.refreshes > 0, logoutPart: j.logout > 0} {
		if s.scenario.weights[p] = 0; has {
			s.scenario.weights[p] = 1
		}
	}
	s.objectives = slices.DeleteFunc(s.objectives, func(o objective) bool {
		return o.part != all && s.scenario.weights[o.part] == 0 && !slices.Contains(s.Objectives, o.text) && slices.Contains(journeyParts, o.part)
	})
}

// unrevocable says why nothing can be revoked; empty if it can.
func (o *offer) unrevocable() string {
	switch op := o.ops.First(specs.RoleRevoke); {
	case op == nil:
		return "the document has no operation that revokes"
	case op.Setting != "" && o.target.Settings.RevokePath == "":
		return fmt.Sprintf("the document names no path for it; set settings.%s in the target file", op.Setting)
	}
	return ""
}

// outlives says why a token does not live for as long as a session goes by it; empty if it does, or nobody knows.
func (j journey) outlives(kind string, life time.Duration) string {
	switch {
	case life <= 0 || j.period < life || kind == client.Access && j.uses == 0:
		return ""
	case j.refreshes == 0:
		return fmt.Sprintf("%s token lives for %s, and a session that does not refresh uses it for %s", words.A(kind), life, j.period)
	}
	return fmt.Sprintf("%s token lives for %s, and a session refreshes only after %s", words.A(kind), life, j.period)
}

// lives reports a period that is longer than tokens live by the document or the target file.
func (o *offer) lives(j journey) error {
	memory := client.Memory{Target: o.target}
	for _, name := range kindNames {
		if kind, known := o.dialect.Token(name); known && (name == client.Access || j.refreshes > 0) {
			if why := j.outlives(name, memory.Expected(kind)); why != "" {
				return fmt.Errorf("--period %s: %s; ask for less", j.period, why)
			}
		}
	}
	return nil
}
