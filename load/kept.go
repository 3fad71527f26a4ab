package load

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"gonogo/internal/wire"
	"gonogo/load/attack"
	"gonogo/reports"
)

// Kept are results that vegeta kept of an attack: as vegeta attack writes them, or vegeta encode.
type Kept struct {
	Name string // in what is said of them
	io.Reader
}

// Judge judges the answers that vegeta kept of an attack with the targets of a Targeter, as Run judges its own. Of the Config it takes
// Target, Scenario, Weights, Level and Objectives. Results that cannot be read to their end make the run incomplete, and what could
// be read is judged. The error is about the configuration, or says of which other scenario or target the results are.
func Judge(ctx context.Context, c Config, kept ...Kept) (*reports.LoadRun, error) {
	asked, err := c.readKept()
	if err != nil {
		return nil, err
	}
	o := newOffer(c.Target, asked.Level)
	if err := o.has(asked.scenario); err != nil {
		return nil, err
	}
	r, err := openOn(asked, o, mostSets*setSize)
	if err != nil {
		return nil, err
	}
	defer r.account.connection.Close()
	j := newJudgement(r)
	for _, each := range kept {
		if err := j.read(ctx, each); err != nil {
			return nil, err
		}
	}
	return j.conclude(), nil
}

// CheckJudge reports what is wrong with what is asked of Judge, as Config.Check does of Run.
func (c Config) CheckJudge() error {
	asked, err := c.readKept()
	if err == nil && c.Target != nil {
		err = newOffer(c.Target, asked.Level).has(asked.scenario)
	}
	return err
}

// readKept takes in what is asked of Judge.
func (c Config) readKept() (settings, error) {
	c.Shape, c.Arrivals, c.Rate, c.Duration, c.WarmUp, c.Connections, c.WorkingSet, c.Pick, c.WaitReady = "", "", 1, leastDuration, 0, 1, 1, uniform, 0
	s, err := c.readAhead()
	if err != nil {
		return s, err
	}
	for _, o := range s.objectives {
		if o.own != "" {
			return s, fmt.Errorf("--objective %s: vegeta does not keep what of the times is its own", o.text)
		}
	}
	return s, nil
}

// judgement is the answers of one attack, as far as they have been read.
type judgement struct {
	*run
	worker *worker
	hits   []attack.Hit
	known  [parts]bool // what the answers of a kind carry

	from    string   // where the first was sent to
	aimless int64    // hits for which vegeta had no target
	uncut   int64    // successes that were kept whole
	cut     int64    // and those that were not
	short   []string // why not everything could be read, as sentences
}

// nobody is behind the requests of somebody else: nothing follows from their answers.
type nobody struct{}

func (nobody) next(*task) bool                   { return false }
func (nobody) learn(*task, said, []byte, []byte) {}
func (nobody) leave()                            {}

func newJudgement(r *run) *judgement {
	j := &judgement{run: r}
	s := &supply{offer: r.offer, mix: mixOf(r.asked.scenario, r.asked.scenario), seen: r.account.seen}
	s.sampling.every = true
	if r.offer.flow("uniqueness", "").Name == "" && s.mix.has(issuePart) {
		s.habits.cached = [2]bool{true, true}
		r.ledger.note("the document does not say whether an issue may hand out a live token again, and of kept answers nobody can ask, so a token that an issue repeats is not held against the target")
	}
	j.worker = &worker{supply: s, ledger: r.ledger, found: make([][]byte, r.offer.widest()), user: nobody{}}
	return j
}

// longestKept is how long after its begin an attack may be judged as one.
const longestKept = mostDuration

// take judges one result, and says why it cannot be one of this scenario at this target.
func (j *judgement) take(result *vegeta.Result) (why string) {
	if result.Method == "" && result.URL == "" && result.Code == 0 {
		j.aimless++
		return ""
	}
	t, why := j.task(result)
	if why != "" {
		return why
	}
	if len(j.hits) == 0 {
		began := result.Timestamp.Add(-longestKept) // before any: results stand in the order in which they came to their end
		j.ledger.began.Store(&began)
		j.from = t.address
	} else if apart := result.Timestamp.Sub(j.hits[0].At).Abs(); apart > longestKept {
		return fmt.Sprintf("it was sent %s before or after the first; judge the results of each attack by themselves", apart.Round(time.Minute))
	}
	if len(j.hits) == 0 && result.Headers == nil && len(result.Body) == 0 && slices.Contains(partNames[:], result.Attack) {
		return "it has times and nothing of an answer, as load writes them with --out; load has judged the answers"
	}
	j.worker.under().task = t
	hit := attack.Hit{At: result.Timestamp, Took: result.Latency, Part: j.worker.mix.index[t.part], Status: int(result.Code)}
	if result.Code == 0 {
		hit.Why = attack.WhyOf(result.Error)
		hit.Verdict = j.worker.Judge(&wire.Answer{}, &attack.Failure{Why: hit.Why}, result.Timestamp)
	} else if success := result.Code/100 == 2; success && incomplete(result) {
		j.cut++
	} else {
		if success {
			j.uncut++
		}
		answer := answerOf(result)
		j.learn(t, answer)
		hit.Verdict = j.worker.Judge(answer, nil, result.Timestamp)
		hit.Verdict = max(hit.Verdict, j.worker.Settle())
	}
	j.hits = append(j.hits, hit)
	return ""
}

// task is what a result was the answer to.
func (j *judgement) task(result *vegeta.Result) (t task, why string) {
	at, err := url.Parse(result.URL)
	if err != nil {
		return t, "its address is none"
	}
	at.RawQuery, at.Fragment, at.User = "", "", nil // there may be secrets in it
	var wanted []string
	for p := range checkPart {
		if !j.worker.mix.has(p) {
			continue
		}
		c := j.offer.of(p)
		to := c.op.URL()
		to.RawQuery, to.User = "", nil
		if c.op.Method == result.Method && to.Path == at.Path && (j.asked.Target.anywhere || to.Scheme == at.Scheme && to.Host == at.Host) {
			t = task{part: p, call: c, address: at.String(), took: result.Latency}
			switch p {
			case issuePart, refreshPart: // a refusal is an error and no violation: vegeta may have sent a token twice, as it does without -lazy
				t.wanted = tokens
			default:
				t.wanted, t.why = alive, "with a live access token"
			}
			return t, ""
		}
		if j.asked.Target.anywhere {
			to.Scheme, to.Host = "", ""
		}
		wanted = append(wanted, c.op.Method+" "+to.String())
	}
	return t, fmt.Sprintf("it is of %.20s %s, and --scenario %s asks for %s; the results are of another scenario or target", result.Method, at.String(), j.asked.scenario, strings.Join(wanted, " or "))
}

// origin is the server of an address.
func origin(address string) string {
	at, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return (&url.URL{Scheme: at.Scheme, Host: at.Host}).String()
}

// learn takes from the first success of a kind which tokens all carry, where Run asks before its attack.
func (j *judgement) learn(t task, answer *wire.Answer) {
	c := t.call
	if j.known[t.part] || c.tokens[0] < 0 || answer.Status/100 != 2 || !c.pick.from(answer.Body, j.worker.found) {
		return
	}
	j.known[t.part], c.bears[0] = true, true
	if at := c.tokens[1]; at >= 0 {
		text, _ := plainText(j.worker.found[at])
		c.bears[1] = len(text) > 0
	}
}

// conclude draws the verdict.
func (j *judgement) conclude() *reports.LoadRun {
	out := j.described(shape{})
	out.Shape, out.Plan = "kept by vegeta", nil
	result := attack.Sum(j.worker.mix.names, j.hits)
	result.Fill(out)
	if len(j.hits) == 0 {
		out.Started = j.started.UTC()
	}
	if j.asked.Target.anywhere {
		out.Target.BaseURL = origin(j.from)
	}
	j.ledger.note("judged is what vegeta kept. No request is among it: that each carried a live token of its own is taken on trust. Times are from when a request left, not from when it was due, so a stall shows in few of them")
	if j.worker.mix.has(issuePart) || j.worker.mix.has(refreshPart) {
		j.ledger.note("no token that was handed out was tried, and no refresh token presented again: load does that")
	}
	if j.worker.mix.has(refreshPart) {
		j.ledger.note("a refresh that is refused is an error and no violation: without -lazy vegeta sends the same token again")
	}
	if j.aimless > 0 {
		j.ledger.note("for %d results vegeta had no target any more (status 0, no address); they are no requests, though vegeta report counts them", j.aimless)
	}
	out.Examples = j.ledger.errors()
	j.told(out)
	out.Shortfalls = j.shortfalls(out, result)
	weigh(out, j.asked.objectives, func(objective) (target bool, why string) {
		return result.Answered > 0, "of a target of which nothing was answered"
	})
	early := out.Started.Sub(*j.ledger.began.Load()).Milliseconds()
	mend := func(x *reports.Exchange) {
		x.AtMS -= early
		x.Curl = "" // who runs it sends another request
	}
	for _, list := range [][]reports.LoadViolation{out.Violations, out.Warnings} {
		for _, v := range list {
			mend(v.Exchange)
		}
	}
	for _, e := range out.Examples {
		mend(e.Exchange)
	}
	return out
}

// shortfalls are why what was kept is less than an attack, as sentences.
func (j *judgement) shortfalls(out *reports.LoadRun, result *attack.Result) []string {
	all := j.short
	if j.cut > 0 {
		all = append(all, fmt.Sprintf("of %d successes %d were not kept whole (vegeta's -max-body), so what they say is not judged", j.cut+j.uncut, j.cut))
	}
	if why := (limit{out, result, unshared}).denied(); why != "" {
		all = append(all, why)
	}
	switch {
	case len(j.hits) == 0 && len(all) == 0:
		all = append(all, "there is no request among the results")
	case len(j.hits) > 0 && result.Answered == 0:
		all = append(all, "no request was answered")
	}
	return all
}
