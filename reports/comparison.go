package reports

import "strings"

// Comparison is what two sides of load runs of one plan say of each other: an entry of Report.Comparisons.
type Comparison struct {
	Dialect  string   `json:"dialect"`
	Document Document `json:"document"`
	Profile  string   `json:"profile,omitempty"` // as of a Dialect
	Scenario string   `json:"scenario"`
	Shape    string   `json:"shape"`
	A        Side     `json:"a"`
	B        Side     `json:"b"`

	Verdict  Verdict  `json:"verdict"`
	Complete bool     `json:"complete"`
	Because  []string `json:"because"` // why it is no go, or incomplete: a sentence each
	Notes    []string `json:"notes"`

	Shown          // of the metric that was named before
	Limit  float64 `json:"limit,omitempty"` // by what share of A's B may be worse; 0: nobody said
	Rounds []Round `json:"rounds"`          // of that metric
	// Others are what else the runs show. Nothing follows from them: their confidence is such that all of them together hold
	// with 95 %.
	Others []Shown `json:"others,omitempty"`
}

// Shown is what rounds show of a metric.
type Shown struct {
	Metric     string     `json:"metric"` // such as p50
	Difference Difference `json:"difference"`

	// Ratio is B / A, in the middle of the rounds; with the confidence it is from Low to High. Low is 0 where there are too few
	// rounds to say.
	Ratio float64 `json:"ratio"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	// More is B - A, in µs or answers in a second, likewise.
	More     float64 `json:"more"`
	MoreLow  float64 `json:"more_low"`
	MoreHigh float64 `json:"more_high"`

	Confidence float64 `json:"confidence"`
}

// Side is one of the two.
type Side struct {
	Name   string            `json:"name"`
	Target Target            `json:"target"`
	Labels map[string]string `json:"labels,omitempty"`
}

// Round is a run of each side, made one after the other.
type Round struct {
	First string  `json:"first"` // which side ran first: a or b
	A     float64 `json:"a"`     // the metric: µs, or answers in a second
	B     float64 `json:"b"`
	Why   string  `json:"why,omitempty"` // it does not count; "" if it does
}

// Difference is what a comparison shows.
type Difference string

// What a comparison can show.
const (
	Worse      Difference = "worse"  // B is worse than A
	Better     Difference = "better" // B is better than A
	NoneShown  Difference = "none-shown"
	CannotTell Difference = "cannot-tell"
)

// Judge reads the verdict of a comparison. Anything but one of the three words is incomplete.
func (c Comparison) Judge() (noGo bool, incomplete string) {
	switch {
	case !c.Verdict.Valid():
		incomplete = "it gives no verdict"
	case c.Verdict == Incomplete || !c.Complete:
		incomplete = "it cannot tell"
		if len(c.Because) > 0 && c.Verdict == Incomplete {
			incomplete = strings.Join(c.Because, "; ")
		}
	}
	return c.Verdict == NoGo, incomplete
}

// Label names a comparison.
func (c Comparison) Label() string {
	return c.Metric + " of " + c.Scenario + ": " + c.B.Name + " beside " + c.A.Name
}
