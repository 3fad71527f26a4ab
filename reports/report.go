package reports

import (
	"slices"
	"time"

	"gonogo/specs"
)

// SchemaID is the value of a report's "schema" field.
const SchemaID = "gonogo/report/1"

// Report is one run, in the format gonogo/report/1 (docs/reports.md).
//
// Whoever runs the cases fills in what was found; Decide fills in Complete,
// Verdict, Policy and IncompleteBecause, and the like in each dialect.
type Report struct {
	Schema     string    `json:"schema"`
	Tool       Tool      `json:"tool"`
	Started    time.Time `json:"started"`
	DurationMS int64     `json:"duration_ms"`
	Seed       int64     `json:"seed"`
	// TraceID is that of the run's requests, by the header traceparent; "" where they have none, or several runs are in the report.
	TraceID string `json:"trace_id,omitempty"`
	Origin
	// Repeat is how often the cases were to run; 0 is once.
	Repeat   int        `json:"repeat,omitempty"`
	Complete bool       `json:"complete"` // false: the verdict is incomplete, or no-go and incomplete too
	Verdict  Verdict    `json:"verdict"`
	Dialects []*Dialect `json:"dialects"`
	// Load holds the load runs. What a run gave as its verdict is not judged
	// again here, only taken into account.
	Load []*LoadRun `json:"load"`

	// Capacity holds what searches for a capacity found. Their steps are in
	// Load.
	Capacity []Capacity `json:"capacity,omitempty"`

	// Comparisons hold what sides of load runs say of each other.
	Comparisons []Comparison `json:"comparisons,omitempty"`

	Policy Policy `json:"policy"`
	// Interrupted says why the run as a whole ended early, as a sentence; ""
	// if it did not.
	Interrupted string `json:"interrupted"`
	// IncompleteBecause gives the reasons why Complete is false, each as a
	// sentence without its full stop.
	IncompleteBecause []string        `json:"incomplete_because"`
	WaiverProblems    []WaiverProblem `json:"waiver_problems"`
}

// Tool says which build wrote the report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Commit  string `json:"commit"`
}

// Dialect is one dialect at one target. A run against two targets of one
// dialect has two of them with the same ID.
type Dialect struct {
	ID string `json:"id"`
	// Subject is whom the rows bind: SubjectClient for a watch, "" for the server.
	Subject  string   `json:"subject,omitempty"`
	Document Document `json:"document"`
	// Profile is the one of the document's profiles under which its rows were judged; "" for a document without profiles.
	Profile  string  `json:"profile,omitempty"`
	Target   Target  `json:"target"`
	Verdict  Verdict `json:"verdict"`
	WaitedMS int64   `json:"waited_ms"`
	Requests int     `json:"requests"`
	Counts   Counts  `json:"counts"`
	// Requirements are the rows that this run selected, in the document's
	// order. A row without a case counts as not-exercised.
	Requirements []Requirement `json:"requirements"`
	Cases        []Case        `json:"cases"`

	Complete          bool     `json:"complete"`
	IncompleteBecause []string `json:"incomplete_because"`
	// Incomplete says why this dialect was cut short ("the target is gone
	// since …"); "" if it was not.
	Incomplete string `json:"incomplete"`
	// Cut says what the user's own limit left out ("--for left out …"); "" if nothing. It judges nothing.
	Cut string `json:"cut,omitempty"`
	// Deviations are the declared expectations (`expect:`) that replace a
	// documented number, each as a sentence.
	Deviations []string `json:"deviations"`
	// Notes are remarks that judge nothing: clock skew, exclusive sessions.
	Notes     []string        `json:"notes"`
	Checklist []ChecklistItem `json:"checklist"`
	// Threats are those of RFC 6819 and RFC 9700 that the dialect's operations are open to.
	Threats []Threat `json:"threats,omitempty"`
	// Lives are the tokens of a watched client; nil in a report about a server.
	Lives *Lives `json:"lives,omitempty"`
}

// SubjectClient is the subject of a report about a client.
const SubjectClient = "client"

// Document is the OpenAPI document that the dialect was checked against.
type Document struct {
	Title   string `json:"title"`
	Version string `json:"version"`
	SHA256  string `json:"sha256"`
	// File is its path; "" for one that is built in.
	File string `json:"file,omitempty"`
	// Coverage is what became of each heading of the published texts that the document was written from; nil where it
	// names none.
	Coverage []Section `json:"coverage,omitempty"`
}

// Section is a heading of a published text, with the requirements that answer it and the statements that none does.
type Section struct {
	// Text is the name of the text; "" where the document was written from one.
	Text     string      `json:"text,omitempty"`
	Heading  string      `json:"heading"`
	Rows     []string    `json:"rows"`
	Unjudged []Statement `json:"unjudged"`
}

// Statement is a statement of a published text, and why no requirement answers it.
type Statement struct {
	Text   string       `json:"text"`
	Reason specs.Reason `json:"reason"`
}

// Target is what was checked.
type Target struct {
	BaseURL string `json:"base_url"`
	// File is the target file as it was named; "" where a program made the target.
	File string `json:"file,omitempty"`
	// Again are the arguments with which gonogo check checks it in the same way. No secret is among them. nil: only who
	// ran the cases knows.
	Again []string `json:"again,omitempty"`
	// Network is where it is, as far as its address says: loopback, private, public, or named where it is a name, which
	// can be either; "" where nobody says.
	Network string `json:"network,omitempty"`
	// Watched is where the client of a watch found it; "" where nobody stood between.
	Watched string `json:"watched,omitempty"`
}

// Requirement is a row of the document's requirement table. Decide fills in
// Outcome, and adds to Cases those that name it.
type Requirement struct {
	ID      string      `json:"id"`
	Level   specs.Level `json:"level"`
	Text    string      `json:"text"`
	Where   string      `json:"where"`
	Outcome Outcome     `json:"outcome,omitempty"` // left out only in a JSONL header
	// Cases are the ids of the selected cases. An id without a result in the
	// dialect counts as could-not-run: a lost result is never a pass.
	Cases []string `json:"cases"`
	// Positive: the document has a case that shows the row to hold, selected or not. Without it nothing that was refused
	// says so.
	Positive bool `json:"positive,omitempty"`
}

// ChecklistItem is a line of the checklist that a document declares for a
// staging integration. Decide fills in Outcome.
type ChecklistItem struct {
	Item         string   `json:"item"`
	Requirements []string `json:"requirements"`
	Outcome      Outcome  `json:"outcome,omitempty"` // left out only in a JSONL header
}

// Polarity says whether a case shows what must work or what must not happen.
type Polarity string

// The polarities.
const (
	Positive Polarity = "positive"
	Negative Polarity = "negative"
)

// Case is one case and what became of it.
type Case struct {
	ID           string         `json:"id"` // dialect/flow/case, stable for ever
	Title        string         `json:"title"`
	Level        specs.Level    `json:"level"`
	Requirements []string       `json:"requirements"`
	Needs        []string       `json:"needs"`
	Polarity     Polarity       `json:"polarity,omitempty"`
	Outcome      Outcome        `json:"outcome"`
	Reason       string         `json:"reason"` // why it did not run, or what it would take
	Findings     []Finding      `json:"findings"`
	Waiver       *AppliedWaiver `json:"waiver"`         // set exactly if Outcome is Waived
	Runs         *Runs          `json:"runs,omitempty"` // of a check that ran it several times; else nil
	DurationMS   int64          `json:"duration_ms"`
	Began        time.Time      `json:"-"` // exactly; zero in a report that was read, and of one that did nothing itself
	Ended        time.Time      `json:"-"` // likewise
	Exchanges    []Exchange     `json:"exchanges"`
}

// Finding is one mismatch: what was sent, what the document wants back, and
// what came.
type Finding struct {
	Requirement string `json:"requirement,omitempty"` // the row it violates; "": all rows of the case
	Sent        string `json:"sent"`
	Wanted      string `json:"wanted"`
	Got         string `json:"got"`
	Where       string `json:"where"` // file:line of the document
	// Exchange is the index of the exchange that shows it in the case's
	// Exchanges; nil if no single exchange does. See Case.Shown.
	Exchange *int `json:"exchange"`
}

// Violates reports whether the case has shown that a row is violated: it has a finding that names the row, or names none
// and the row is the case's.
func (c Case) Violates(row string) bool {
	return slices.ContainsFunc(c.Findings, func(f Finding) bool {
		return f.Requirement == row || f.Requirement == "" && slices.Contains(c.Requirements, row)
	})
}

// on is what the case says of a row. One that found what it stands on broken, which is another row's, says nothing of its
// own: they were not looked at.
func (c Case) on(row string) Outcome {
	violated := c.unwaived() == Fail || c.unwaived() == Warn
	switch {
	case !violated || len(c.Findings) == 0 || c.Violates(row):
		return c.Outcome
	case c.Reason != "":
		return CouldNotRun
	}
	return Pass
}

// Shown returns the exchange that shows a finding of the case; nil if none does.
func (c Case) Shown(f Finding) *Exchange {
	if f.Exchange == nil || *f.Exchange < 0 || *f.Exchange >= len(c.Exchanges) {
		return nil
	}
	return &c.Exchanges[*f.Exchange]
}

// Exchange is a request and its answer, as evidence, already redacted.
type Exchange struct {
	AtMS       int64     `json:"at_ms"` // since the start of the run
	Sent       time.Time `json:"-"`     // exactly; zero in a report that was read
	Received   time.Time `json:"-"`     // likewise
	DurationMS int64     `json:"duration_ms"`
	Request    Request   `json:"request"`
	Response   Response  `json:"response"`
	TraceID    string    `json:"trace_id,omitempty"` // what the request's traceparent says, by which the server's logs and traces know it
	SpanID     string    `json:"span_id,omitempty"`  // likewise
	Error      string    `json:"error,omitempty"`    // the transport's error; Response is then empty
	Curl       string    `json:"curl"`               // one line that sends the request again
	Together   *Together `json:"together,omitempty"` // how it left at once with others; nil: it did not
}

// Together is how a request left at once with others, as those of a race do. What the way to the target added is not in
// it.
type Together struct {
	Requests int    `json:"requests"`  // this one among them
	Held     int    `json:"held"`      // of them, held back until all were there
	SpreadUS int64  `json:"spread_us"` // from the first of the held that left to the last, in microseconds
	AfterUS  int64  `json:"after_us"`  // from the first to this one; 0 also where it was not held back
	Protocol string `json:"protocol"`
	Address  string `json:"address"` // where it was sent to: of the target, or of a proxy
	Proxied  bool   `json:"proxied"`
}

// Request is what was sent.
type Request struct {
	Method  string              `json:"method"`
	URL     string              `json:"url"`
	Headers map[string][]string `json:"headers"`
	Body    string              `json:"body"`
}

// Response is what came back. Status 0 means that nothing did.
type Response struct {
	Status  int                 `json:"status"`
	Headers map[string][]string `json:"headers"`
	Body    string              `json:"body"`
}

// AppliedWaiver records in a case the waiver that turned its outcome.
type AppliedWaiver struct {
	Case    string  `json:"case"`    // the waiver's glob
	Outcome Outcome `json:"outcome"` // what the case would have been
	Reason  string  `json:"reason"`
	Issue   string  `json:"issue"`
	Owner   string  `json:"owner"`
	Expires string  `json:"expires"` // YYYY-MM-DD
	Where   string  `json:"where"`   // file:line of the waiver
	Flaky   bool    `json:"flaky,omitempty"`
}
