// Package doctor tries what a target file says, in the order in which a person would, and tells of each thing how it went and
// what to do about it.
//
// It must never know a dialect, nor judge whether a target keeps its document: that is what cases are for.
package doctor

import (
	"cmp"
	"context"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"gonogo/internal/chromium"
	"gonogo/internal/exchange"
	"gonogo/internal/reach"
	"gonogo/internal/target"
	"gonogo/reports"
	"gonogo/reports/words"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// Step is one thing that was tried.
type Step struct {
	Name    string
	Outcome reports.Outcome // could-not-run and whatever is worse: it is in the way of a check
	Said    string          // a sentence: what was tried, how it went, what to do about it
}

// InTheWay reports a step without which a check says nothing, or less than its target file asks for.
func (s Step) InTheWay() bool {
	return slices.Contains([]reports.Outcome{reports.CouldNotRun, reports.Fail, reports.Error}, s.Outcome)
}

// Examination is what was found out of a target.
type Examination struct {
	Requests int // that were sent

	job       engine.Job
	noBrowser string
	late      bool                     // it refuses a refresh while the access token lives
	lifetimes map[string]time.Duration // as it announced them, by token kind
	halted    bool                     // nothing more is tried
	strange   bool                     // its first answer was
	seen      *exchange.Exchange       // the first answer
}

// Examine tries what a job's target file says. It is told each step as it ends. The error is about the configuration.
func Examine(ctx context.Context, job engine.Job, browser *chromium.Browser, tell func(Step)) (*Examination, error) {
	e := &Examination{job: job, noBrowser: browser.Missing(), lifetimes: map[string]time.Duration{}}
	prepared, err := engine.Prepare([]engine.Job{{Plan: e.plan(), Target: job.Target}}, engine.Options{Parallel: 1, Browser: browser, NoEvidence: true})
	if err != nil {
		return nil, err
	}
	if !e.reach(ctx, tell) {
		return e, nil
	}
	e.Requests = prepared.Run(ctx, &teller{ctx: ctx, tell: tell}).Requests()
	return e, nil
}

// untried is what is said of a step where nothing more is tried.
const untried = "not tried"

// teller turns cases that ended into steps.
type teller struct {
	ctx  context.Context
	tell func(Step)

	mu      sync.Mutex
	gone    bool
	untried []string
}

func (*teller) Begin(*reports.Report) {}

func (t *teller) CaseEnded(_ int, c reports.Case) {
	t.mu.Lock()
	defer t.mu.Unlock()
	step := Step{Name: c.Title, Outcome: c.Outcome, Said: c.Reason}
	if t.gone || step.Said == untried || t.ctx.Err() != nil && step.Outcome == reports.CouldNotRun {
		t.untried = append(t.untried, step.Name)
		return
	}
	for _, f := range c.Findings {
		step.Said = f.Sent + ": wanted " + f.Wanted + "; got " + f.Got
	}
	t.gone = c.Title == answers && step.InTheWay() || step.Said == exchange.ErrGone.Error()
	t.tell(step)
}

func (t *teller) End(*reports.Report) {
	if len(t.untried) > 0 {
		t.tell(Step{Name: "the rest", Outcome: reports.NotExercised, Said: "not tried after that: " + words.Join(t.untried)})
	}
}

// reach tries every host that the target file names, and reports whether the first can be reached.
func (e *Examination) reach(ctx context.Context, tell func(Step)) bool {
	t, there := e.job.Target, true
	config, _ := t.TLS.Config() // an error of it is one of Prepare
	for i, host := range t.Hosts() {
		step := Step{Name: "reach", Outcome: reports.Pass}
		proxy, err := t.ProxyOf(host)
		switch {
		case err != nil:
			step.Outcome, step.Said = reports.CouldNotRun, err.Error()
		case proxy != nil:
			step.Said, step.Outcome = e.through(ctx, proxy)
		default:
			found, err := reach.Try(ctx, host, reach.Options{Timeout: t.Limits.Timeout, TLS: config})
			step.Said, step.Outcome = told(found, err)
			if t.TLS.Insecure && err == nil && found.Encrypted != nil {
				step.Outcome, step.Said = reports.Warn, step.Said+"; anybody would be trusted (tls.insecure), so nothing shows that this is the target"
			}
		}
		step.Said = host.Host + ": " + step.Said
		there = there && (i > 0 || !step.InTheWay())
		tell(step)
	}
	return there
}

// through tries a proxy, behind which nothing can be looked at.
func (e *Examination) through(ctx context.Context, proxy *url.URL) (string, reports.Outcome) {
	at := &url.URL{Scheme: "http", Host: net.JoinHostPort(proxy.Hostname(), cmp.Or(target.Port(proxy), "1080"))} // that of SOCKS
	_, err := reach.Try(ctx, at, reach.Options{Timeout: e.job.Target.Limits.Timeout})
	if err != nil {
		return "it is reached through the proxy " + proxy.Host + ", and " + err.Error(), reports.CouldNotRun
	}
	return "through the proxy " + proxy.Host + ", which is there; what is behind it shows in the answers", reports.Pass
}

// told says how a host was reached.
func told(found *reach.Found, err error) (string, reports.Outcome) {
	if err != nil {
		return err.Error(), reports.CouldNotRun
	}
	outcome, said := reports.Pass, ""
	var lost []string
	var came []string
	for _, a := range found.Addresses {
		if a.Err != nil {
			lost = append(lost, a.IP.String())
			continue
		}
		came = append(came, a.IP.String()+" in "+a.Took.Round(100*time.Microsecond).String())
	}
	said = "connected to " + words.Join(came)
	if len(lost) > 0 {
		outcome = reports.Warn
		said += "; not to " + words.Join(lost) + ", which the name stands for as well: clients that try it first wait"
	}
	certificate, soon := found.Certificate()
	if certificate != "" {
		said += "; " + certificate
	}
	if soon {
		outcome, said = reports.Warn, said+": have it renewed"
	}
	return said, outcome
}

// plan is the examination as cases, which are run one after another.
func (e *Examination) plan() *engine.Plan {
	s := scene.NewSubject(e.job.Plan.Dialect, e.job.Target)
	plan := &engine.Plan{Dialect: e.job.Plan.Dialect, Memory: s.NewMemory}
	for _, step := range e.steps(s) {
		c := engine.Case{
			ID: plan.Dialect.ID + "/doctor/" + scene.Kebab(strings.ReplaceAll(step.name, " ", "-")), Title: step.name,
			Needs: step.needs, Phase: step.phase, FailedLogins: step.wrongLogins, Run: scene.Acting(func(t *scene.Trial) {
				if e.halted {
					t.NotExercised(untried)
				}
				step.try(t)
			}),
		}
		plan.Cases = append(plan.Cases, c)
	}
	return plan
}

// step is something to try. It ends by saying how it went.
type step struct {
	name        string
	needs       []target.Need
	phase       engine.Phase
	wrongLogins int // at most
	try         func(t *scene.Trial)
}

// serverOf is who an answer says that it comes from.
func serverOf(x *exchange.Exchange) string {
	if name := x.Header.Get("Server"); name != "" {
		return " by " + words.Short(name, 40)
	}
	return ""
}
