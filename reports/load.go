package reports

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"
)

// LoadRun is one load run: an entry of Report.Load. All times of a distribution are in microseconds; all moments
// are milliseconds since the run's first intended request. What was sent in the warm-up counts nowhere but in
// WarmUp.
type LoadRun struct {
	Dialect  string   `json:"dialect"`
	Document Document `json:"document"`
	Profile  string   `json:"profile,omitempty"` // as of a Dialect
	Target   Target   `json:"target"`
	Scenario string   `json:"scenario"`
	Shape    string   `json:"shape"` // in words: "constant 2000/s", "ramp 100/s to 2000/s", "saturating"

	// TraceID is that of what was obtained before; of the attack every request is a trace of its own, whose id begins with the
	// same 16 digits. "" where requests had none.
	TraceID string `json:"trace_id,omitempty"`

	Plan *LoadPlan `json:"plan,omitempty"` // nil in a report of an earlier version

	Started     time.Time `json:"started"`
	DurationMS  int64     `json:"duration_ms"`
	Connections int       `json:"connections"`
	Protocol    string    `json:"protocol"` // HTTP/1.1 or HTTP/2, with TLS or without

	Verdict  Verdict  `json:"verdict"`
	Complete bool     `json:"complete"`
	Because  []string `json:"because"` // why it is no go, or incomplete: a sentence each
	Notes    []string `json:"notes"`   // what is worth knowing and judges nothing
	// Shortfalls are those of Because that say what the run was not that it was asked to be, objectives aside.
	Shortfalls []string `json:"shortfalls,omitempty"`

	Asked    float64 `json:"asked"`    // requests in a second, on average over the run; 0: as fast as possible
	Achieved float64 `json:"achieved"` // answered in a second
	Requests int64   `json:"requests"`
	Beside   int64   `json:"beside"`  // requests beside them, at no time that was asked for
	Errors   int64   `json:"errors"`  // of all of them: answers that are not what they should be, and requests without one
	Starved  int64   `json:"starved"` // intended requests for which there was no token to spend
	Unsent   int64   `json:"unsent"`  // intended requests that had no turn before the run was over
	Resent   int64   `json:"resent"`  // requests sent a second time, because their connection was closed under them
	Surplus  int64   `json:"surplus"` // answers that were followed by bytes that belong to none
	WarmUp   int64   `json:"warm_up"`

	Latency Distribution `json:"latency"` // from the intended send time
	Service Distribution `json:"service"` // from the real one
	Lag     Distribution `json:"lag"`     // how late requests left: the harness's own
	Reading Distribution `json:"reading"` // how late the harness looked at what had come in, which latency and service have in them

	Successes Distribution `json:"successes"` // the latency of answers that are as they should be
	Failures  Distribution `json:"failures"`  // and that of errors

	Frozen []Span      `json:"frozen"` // when the generator itself stood still
	Bursts []LoadBurst `json:"bursts"` // when it made up for that, or for being late
	Denied []LoadCount `json:"denied"` // intended requests that this machine had no room to send, by why: no errors

	Sessions *LoadSessions `json:"sessions,omitempty"` // of the scenario session

	Generators []LoadGenerator `json:"generators,omitempty"` // of a run that several made together, in their order; of one of them its own

	Histories *LoadHistories `json:"histories,omitempty"` // nil: none was followed

	Parts      []LoadPart      `json:"parts"` // of a mix, by what was asked; one for other scenarios
	Seconds    []LoadSecond    `json:"seconds"`
	Answers    []LoadCount     `json:"answers"`  // by status or by why there was none, most frequent first
	Examples   []LoadExample   `json:"examples"` // of answers that are errors and no violations
	Objectives []LoadObjective `json:"objectives"`
	Violations []LoadViolation `json:"violations"` // the first of each kind, with how many there were

	Warnings []LoadViolation `json:"warnings"` // the same of rows whose level makes no no-go

	Step *LoadStep `json:"step,omitempty"` // of a search for a capacity

	added map[string]json.RawMessage // members of a later version
}

// LoadPlan is what was asked for beside scenario, shape and connections.
type LoadPlan struct {
	DurationMS int64  `json:"duration_ms"`
	WarmUpMS   int64  `json:"warm_up_ms"`
	WorkingSet int    `json:"working_set"`
	Pick       string `json:"pick"`

	Session *LoadSession `json:"session,omitempty"` // of the scenario session
}

// Distribution is a distribution of times.
type Distribution struct {
	Mean   int64   `json:"mean_us"`
	P50    int64   `json:"p50_us"`
	P90    int64   `json:"p90_us"`
	P95    int64   `json:"p95_us"`
	P99    int64   `json:"p99_us"`
	P999   int64   `json:"p999_us"`
	Max    int64   `json:"max_us"`
	Curve  []Point `json:"curve,omitempty"`  // quantiles, for a plot
	Binary []byte  `json:"binary,omitempty"` // the HDR histogram (V2, compressed), for an exact merge
}

// Point is a point of a percentile curve.
type Point struct {
	Quantile float64 `json:"q"` // 0 to 1
	US       int64   `json:"us"`
}

// Span is a stretch of a run.
type Span struct {
	AtMS  int64 `json:"at_ms"`
	ForMS int64 `json:"for_ms"`
}

// LoadBurst is a stretch of a run in which the generator made up for requests that it had not sent when they were due:
// they left at once, which the rate that was asked for is not.
type LoadBurst struct {
	AtMS     int64 `json:"at_ms"`
	ForMS    int64 `json:"for_ms"`
	Requests int64 `json:"requests"` // that left late
	Errors   int64 `json:"errors"`   // that may have come of it
}

// LoadPart is one kind of request of a run.
type LoadPart struct {
	Name     string       `json:"name"` // issue, validate, use, refresh, logout
	Requests int64        `json:"requests"`
	Errors   int64        `json:"errors"`
	Latency  Distribution `json:"latency"`
	Service  Distribution `json:"service"`
}

// LoadSecond is one second of a run, by intended send time; but Sent and Answered are what happened in that second.
type LoadSecond struct {
	Second     int   `json:"second"`
	Asked      int64 `json:"asked"`
	Sent       int64 `json:"sent"`
	Answered   int64 `json:"answered"`
	Errors     int64 `json:"errors"`
	Violations int64 `json:"violations"`
	P50        int64 `json:"p50_us"`
	P99        int64 `json:"p99_us"`
	Max        int64 `json:"max_us"`
}

// LoadCount is how often something was answered.
type LoadCount struct {
	What  string `json:"what"`
	Count int64  `json:"count"`
}

// LoadExample is an answer that is an error and no violation: the first of its kind. Its exchange is redacted.
type LoadExample struct {
	Request  string    `json:"request"` // what was asked, as in LoadPart
	Answer   string    `json:"answer"`  // the status: "503 Service Unavailable"
	Exchange *Exchange `json:"exchange"`
}

// LoadObjective is one --objective and what came of it.
type LoadObjective struct {
	Text string `json:"text"` // as it was given: p99<20ms
	Got  string `json:"got"`  // in the same unit
	Held bool   `json:"held"`
	// Whose doing it is that it is not held: WhoseTarget, or WhoseGenerator where that may be the cause; "" of one that is.
	Whose string `json:"whose,omitempty"`
}

// Whose doing it is that an objective is not held.
const (
	WhoseTarget    = "target"
	WhoseGenerator = "generator"
)

// LoadViolation is a kind of answer that is a no-go at any speed. Its exchange is redacted.
type LoadViolation struct {
	Kind        string    `json:"kind"` // in words: "a refresh token that was used before works"
	Part        string    `json:"-"`    // of the run's requests, as in LoadPart; empty: it is none of them, or the report was read
	Requirement string    `json:"requirement"`
	Count       int64     `json:"count"`
	Finding     Finding   `json:"finding"` // of the first
	Exchange    *Exchange `json:"exchange"`

	// History is what was seen of the tokens of which no order of the answers can be true, in the order in which it began; nil
	// where an answer speaks for itself.
	History []LoadEvent `json:"history,omitempty"`
}

// LoadEvent is a request with a family's tokens and its answer, or the end of a token's life. It has no secret: tokens are
// numbered in the order in which they were handed out.
type LoadEvent struct {
	At      int64  `json:"at_us"`             // from the run's begin, in microseconds
	Took    int64  `json:"took_us"`           // until the answer was there
	What    string `json:"what"`              // "POST /v2/auth/refresh with refresh token 2"
	Got     string `json:"got"`               // "200 OK, carrying access token 3, refresh token 3"
	Against bool   `json:"against,omitempty"` // it is one of those that contradict each other
}

// Plus are the histories of two shards of a run; nil is none.
func (h *LoadHistories) Plus(more *LoadHistories) *LoadHistories {
	if h == nil || more == nil {
		return cmp.Or(h, more)
	}
	return &LoadHistories{h.Families + more.Families, h.Events + more.Events, h.Undecided + more.Undecided}
}

// LoadHistories are how much of a run was held to a model of a whole service.
type LoadHistories struct {
	Families  int `json:"families"`  // of tokens that were followed
	Events    int `json:"events"`    // requests with their tokens
	Undecided int `json:"undecided"` // families about which the time was too short to tell
}

// UnmarshalJSON keeps the members that it does not know: they are additions of a later version.
func (r *LoadRun) UnmarshalJSON(data []byte) error {
	type members LoadRun
	*r = LoadRun{Complete: true} // what does not say that it is incomplete is not
	if err := json.Unmarshal(data, (*members)(r)); err != nil {
		return err
	}
	names := map[string]json.RawMessage{}
	known, err := json.Marshal((*members)(r))
	if err = errors.Join(err, json.Unmarshal(known, &names), json.Unmarshal(data, &r.added)); err != nil {
		return err
	}
	maps.DeleteFunc(r.added, func(name string, _ json.RawMessage) bool { _, is := names[name]; return is })
	if len(r.added) == 0 {
		r.added = nil
	}
	return nil
}

// MarshalJSON writes the members that it does not know behind the others.
func (r *LoadRun) MarshalJSON() ([]byte, error) {
	type members LoadRun
	text, err := marshal((*members)(r))
	if err != nil || len(r.added) == 0 {
		return text, err
	}
	added, err := marshal(r.added)
	return slices.Concat(text[:len(text)-1], []byte(","), added[1:]), err
}

// tidied returns a copy whose lists are never nil, and whose evidence is cut as that of a case is.
func (r *LoadRun) tidied() *LoadRun {
	t := *r
	t.Started = t.Started.UTC().Truncate(time.Millisecond)
	t.Because, t.Notes = list(t.Because), list(t.Notes)
	t.Frozen, t.Parts, t.Seconds = list(t.Frozen), list(t.Parts), list(t.Seconds)
	t.Bursts, t.Denied = list(t.Bursts), list(t.Denied)
	t.Answers, t.Objectives = list(t.Answers), list(t.Objectives)
	t.Violations, t.Examples = list(slices.Clone(t.Violations)), list(slices.Clone(t.Examples))
	t.Warnings = list(slices.Clone(t.Warnings))
	for i, w := range t.Warnings {
		t.Warnings[i].Exchange = w.Exchange.cut()
	}
	for i, v := range t.Violations {
		t.Violations[i].Exchange = v.Exchange.cut()
	}
	for i, e := range t.Examples {
		t.Examples[i].Exchange = e.Exchange.cut()
	}
	return &t
}

// cut is the exchange with its bodies cut as those of a case are; nil stays nil.
func (x *Exchange) cut() *Exchange {
	if x == nil {
		return nil
	}
	tidied := x.tidied()
	return &tidied
}
