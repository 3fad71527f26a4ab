package reports

import "slices"

// Outcome is what became of a case, and of a requirement through its cases. It
// is one of eight words.
type Outcome string

// The outcomes.
const (
	Pass          Outcome = "pass"
	Warn          Outcome = "warn"           // a row below the gate was violated
	Waived        Outcome = "waived"         // it went wrong, and a waiver says that this is known
	Fail          Outcome = "fail"           // a row that gates was violated
	NotApplicable Outcome = "not-applicable" // the document does not promise it here, or the target declares it absent
	NotExercised  Outcome = "not-exercised"  // it would cost what the user did not grant
	CouldNotRun   Outcome = "could-not-run"  // something promised or needed is missing or broke
	Error         Outcome = "error"          // the harness's own fault
)

// Outcomes returns the eight outcomes in the order in which a report counts them.
func Outcomes() []Outcome {
	return []Outcome{Pass, Warn, Waived, Fail, NotApplicable, NotExercised, CouldNotRun, Error}
}

// Valid reports whether o is one of the eight words.
func (o Outcome) Valid() bool { return slices.Contains(Outcomes(), o) }

// Ran reports whether a case with this outcome has observed the target.
func (o Outcome) Ran() bool { return o == Pass || o == Warn || o == Waived || o == Fail }

// rowOrder says what a requirement's outcome is: the first of these that any
// case has. Of error and could-not-run the harness's own fault shows,
// because only its authors can mend that one.
var rowOrder = []Outcome{Fail, Error, CouldNotRun, Waived, Warn, Pass, NotExercised, NotApplicable}

// tickOrder is the same for a checklist item, where something not exercised
// must not hide behind something that passed: a tick says that all of it holds.
var tickOrder = []Outcome{Fail, Error, CouldNotRun, NotExercised, Waived, Warn, Pass, NotApplicable}

// first returns the first outcome of order that is among outcomes. Nothing at
// all is not-exercised: nobody looked.
func first(order, outcomes []Outcome) Outcome {
	for _, o := range order {
		if slices.Contains(outcomes, o) {
			return o
		}
	}
	return NotExercised
}

// Counts says how many cases ended in each outcome.
type Counts struct {
	Pass          int `json:"pass"`
	Warn          int `json:"warn"`
	Waived        int `json:"waived"`
	Fail          int `json:"fail"`
	NotApplicable int `json:"not-applicable"`
	NotExercised  int `json:"not-exercised"`
	CouldNotRun   int `json:"could-not-run"`
	Error         int `json:"error"`
}

// Of returns the count of one outcome.
func (c Counts) Of(o Outcome) int {
	if p := c.at(o); p != nil {
		return *p
	}
	return 0
}

// Plus returns the sum of two counts, as of two dialects.
func (c Counts) Plus(other Counts) Counts {
	for _, o := range Outcomes() {
		*c.at(o) += other.Of(o)
	}
	return c
}

// Counts returns the counts of all dialects.
func (r *Report) Counts() Counts {
	var sum Counts
	for _, d := range r.Dialects {
		sum = sum.Plus(d.Counts)
	}
	return sum
}

// Requests is how many requests the cases of all dialects sent; what load runs sent stands with them.
func (r *Report) Requests() int {
	n := 0
	for _, d := range r.Dialects {
		n += d.Requests
	}
	return n
}

func (c *Counts) at(o Outcome) *int {
	switch o {
	case Pass:
		return &c.Pass
	case Warn:
		return &c.Warn
	case Waived:
		return &c.Waived
	case Fail:
		return &c.Fail
	case NotApplicable:
		return &c.NotApplicable
	case NotExercised:
		return &c.NotExercised
	case CouldNotRun:
		return &c.CouldNotRun
	case Error:
		return &c.Error
	}
	return nil
}
