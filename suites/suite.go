package suites

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"gonogo/reports"
	"gonogo/reports/terminal"
)

// current is the suite of this process. Ginkgo's tree is one for a process, and so is this.
var current = &suite{}

// suite is what all specs of a suite share: one run of the engine, whichever of them begins it.
type suite struct {
	entries    []*entry
	facts      suiteFacts  // of a process that is alone
	rendezvous *rendezvous // of processes that share a run; nil for one that is alone

	begun sync.Once
	err   error // why there is nothing to wait for
	run   *run  // in the process that runs the cases
	found *found
}

// suiteFacts are what only a report of the suite tells, and selection needs.
type suiteFacts struct {
	Description string
	Labels      []string
}

// found is what a run came to. It travels between processes as JSON, and holds no secret: results leave the
// engine redacted.
type found struct {
	Error  string          `json:"error"` // the configuration is wrong, and nothing was sent
	Report *reports.Report `json:"report"`
	Of     []int           `json:"of"`      // the entry of each dialect of the report
	Plans  []planned       `json:"planned"` // of each entry
}

// planned is what an entry's target turned out to be.
type planned struct {
	Dialect string          `json:"dialect"` // empty: nothing of it was chosen, and nobody asked
	Cases   map[string]bool `json:"cases"`   // every case of its plan, and whether it was chosen
}

func (s *suite) add(e *entry) bool {
	e.index = len(s.entries)
	s.entries = append(s.entries, e)
	if e.index == 0 {
		ginkgo.ReportBeforeSuite(s.open)
		ginkgo.ReportAfterSuite("the verdict of gonogo", s.close)
	}
	e.grow()
	return true
}

// open begins a suite, on the first process of a parallel run, before anything else.
func (s *suite) open(report types.Report) {
	uncacheable()
	for _, e := range s.entries {
		if e.broken != nil {
			ginkgo.Fail(e.broken.Error())
		}
	}
	s.facts = suiteFacts{report.SuiteDescription, report.SuiteLabels}
	if report.SuiteConfig.ParallelTotal > 1 {
		if err := newRendezvous(report.SuiteConfig).open(s.facts); err != nil {
			ginkgo.Fail(err.Error())
		}
	}
}

// await returns the result of a case, with the dialect whose rows it speaks of. The first call of all begins the
// run. An error says that nothing was sent.
func (s *suite) await(ctx context.Context, e *entry, id string) (*reports.Dialect, reports.Case, error) {
	s.begun.Do(func() {
		s.err = errors.New("the function given to suites.Later did not return a target; the first spec that asked says why")
		s.err = s.begin(ctx)
	})
	switch {
	case s.err != nil:
		return nil, reports.Case{}, s.err
	case s.found == nil: // the run goes on in this process
		if d, c, ok := s.run.result(ctx, e.index, id); ok {
			return d, c, nil
		}
		return s.run.found.result(e.index, id)
	}
	return s.found.result(e.index, id)
}

// begin starts the run, or waits for the process that has started it.
func (s *suite) begin(ctx context.Context) (err error) {
	config, _ := ginkgo.GinkgoConfiguration()
	if config.ParallelTotal <= 1 {
		s.run, err = start(s.entries, s.facts, config)
		return err
	}
	s.rendezvous = newRendezvous(config)
	if s.facts, err = s.rendezvous.join(); err != nil {
		return err
	}
	leads, err := s.rendezvous.lead()
	if err != nil {
		return err
	}
	if leads {
		s.found = &found{Error: "the process that was to run the cases could not begin"}
		defer func() { err = errors.Join(err, s.rendezvous.publish(s.found)) }()
		if s.run, err = start(s.entries, s.facts, config); err != nil {
			s.found.Error = err.Error()
			return err
		}
		// To the end, before any spec is told: what this process has started in BeforeSuite lasts as long as its specs.
		s.run.wait(ctx)
		s.found = s.run.found
		return nil
	}
	s.found, err = s.rendezvous.await(ctx)
	if err == nil && s.found.Error != "" {
		err = errors.New(s.found.Error)
	}
	return err
}

// close ends a suite, on the first process of a parallel run, after everything else. It says what no spec could:
// that a waiver is no longer true, that nothing ran, and what was found before the suite was cut short.
func (s *suite) close(report types.Report) {
	if report.PreRunStats.SpecsThatWillRun == 0 {
		ginkgo.Fail("no spec was chosen, and nothing was looked at")
	}
	end := s.ended(report)
	if end == nil || end.Report == nil {
		return // no spec of a dialect began
	}
	if untold := s.untold(end, told(report)); len(untold) > 0 {
		ginkgo.Fail(fmt.Sprintf("found before the suite ended, and told by no spec:\n\n%s", strings.Join(untold, "\n\n")))
	}
	if !report.SuiteSucceeded || end.Report.Verdict == reports.Go {
		return
	}
	because := end.Report.IncompleteBecause
	for _, problem := range end.Report.WaiverProblems {
		because = append(because, problem.String())
	}
	ginkgo.Fail(fmt.Sprintf("the verdict is %s: %s", end.Report.Verdict, strings.Join(because, "; ")))
}

// ended is what the run has found, after it has been stopped if the suite was cut short.
func (s *suite) ended(report types.Report) *found {
	if report.SuiteConfig.ParallelTotal > 1 {
		rendezvous := newRendezvous(report.SuiteConfig)
		defer rendezvous.close()
		end, err := rendezvous.read()
		if err != nil {
			return nil // nobody began
		}
		return end
	}
	if s.run == nil {
		return nil
	}
	if !report.SuiteSucceeded && !s.run.complete() {
		s.run.cancel()
	}
	<-s.run.done
	return s.run.found
}

// untold are the findings of cases whose specs did not come to speak.
func (s *suite) untold(end *found, told map[string]bool) []string {
	var texts []string
	for i, d := range end.Report.Dialects {
		for _, c := range d.Cases {
			container := d.ID
			for _, t := range s.entries[end.Of[i]].trees {
				if t.dialect.ID == d.ID && len(t.leaves) > 0 {
					container = t.leaves[0].texts[0]
				}
			}
			if c.Outcome == reports.Fail && !told[tellingKey(container, c.ID)] {
				texts = append(texts, terminal.Case(d, c))
			}
		}
	}
	return texts
}

// result finds a case after the run.
func (f *found) result(entry int, id string) (*reports.Dialect, reports.Case, error) {
	for i, d := range f.Report.Dialects {
		if f.Of[i] != entry {
			continue
		}
		for _, c := range d.Cases {
			if c.ID == id {
				return d, c, nil
			}
		}
	}
	return &reports.Dialect{}, f.Plans[entry].without(id), nil
}

// without is the result of a case that the run did not have.
func (p planned) without(id string) reports.Case {
	dialect, _, _ := strings.Cut(id, "/")
	c := reports.Case{ID: id, Title: "this case was not run", Outcome: reports.NotApplicable}
	chosen, has := p.Cases[id]
	switch {
	case p.Dialect != "" && p.Dialect != dialect:
		c.Reason = "the target is of the dialect " + p.Dialect
	case p.Dialect != "" && !has:
		c.Reason = "the plan for this target does not have this case"
	case !chosen:
		c.Outcome, c.Reason = reports.Error, "Ginkgo runs a spec whose case gonogo did not choose to run; please report the flags that do this"
	default:
		c.Outcome, c.Reason = reports.Error, "the run left no result of this case"
	}
	return c
}
