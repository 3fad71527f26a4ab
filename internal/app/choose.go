package app

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/onsi/ginkgo/v2/types"

	"gonogo/reports"
	"gonogo/suites/engine"
)

// choose leaves in the jobs the cases that the flags name: those whose id one of the globs matches, if there are any,
// and whose labels the filter accepts. Jobs without any are left out.
func (f checkFlags) choose(jobs []engine.Job) ([]engine.Job, error) {
	globs := f.cases
	for _, glob := range globs {
		if err := reports.CheckGlob(glob); err != nil {
			return nil, usagef("--case %s: %w", glob, err)
		}
	}
	if f.rerunFailed != "" {
		failed, err := failedCases(f.rerunFailed)
		if err != nil {
			return nil, err
		}
		globs = append(globs, failed...)
	}
	if f.reproduce != "" {
		c, ok := planned(jobs, f.reproduce)
		switch {
		case !ok:
			return nil, usagef("--reproduce %s: there is no such case; --plan lists them", f.reproduce)
		case len(globs) > 0 || f.labelFilter != "":
			return nil, usagef("--reproduce %s chooses the case; leave --case, --rerun-failed and --label-filter out", f.reproduce)
		case c.Phase != engine.Audit: // one that looks over everything needs everything
			globs = []string{c.ID}
		}
	}
	accepts, err := labelFilter(f.labelFilter)
	if err != nil {
		return nil, err
	}
	if f.trace != "" && !plans(jobs, f.trace) {
		return nil, usagef("--trace %s: there is no such case; --plan lists them", f.trace)
	}
	var chosen []engine.Job
	for _, j := range jobs {
		j.Plan = j.Plan.Only(func(c engine.Case) bool {
			named := len(globs) == 0 || slices.ContainsFunc(globs, func(glob string) bool { return reports.MatchCase(glob, c.ID) })
			return named && accepts(j.Plan.Labels(c))
		})
		if len(j.Plan.Cases) > 0 {
			chosen = append(chosen, j)
		}
	}
	switch {
	case len(chosen) == 0:
		return nil, f.nothingMatches(globs)
	case f.trace != "" && !plans(chosen, f.trace):
		return nil, usagef("--trace %s: that case is not among those chosen", f.trace)
	}
	return chosen, nil
}

// plans reports whether a case is among those of the jobs.
func plans(jobs []engine.Job, id string) bool {
	_, ok := planned(jobs, id)
	return ok
}

// planned is the case of the jobs with an id.
func planned(jobs []engine.Job, id string) (engine.Case, bool) {
	for _, j := range jobs {
		for _, c := range j.Plan.Cases {
			if c.ID == id {
				return c, true
			}
		}
	}
	return engine.Case{}, false
}

// nothingMatches names the flags that left no case.
func (f checkFlags) nothingMatches(globs []string) error {
	switch {
	case f.labelFilter == "":
		return usagef("no case matches %q; --plan without --case lists them", globs)
	case len(globs) == 0:
		return usagef("no case matches --label-filter %q; labels are dialects, levels, flows, requirement ids and needs, and --plan without --label-filter lists the cases", f.labelFilter)
	}
	return usagef("no case matches %q and --label-filter %q both; --plan without the two lists them", globs, f.labelFilter)
}

// failedCases are the cases of an earlier report that did not pass and could have.
func failedCases(file string) ([]string, error) {
	report, err := reports.ReadFile(file)
	if err != nil {
		return nil, usagef("--rerun-failed %s: %w", file, err)
	}
	var ids []string
	for _, d := range report.Dialects {
		ended := map[string]bool{}
		for _, c := range d.Cases {
			ended[c.ID] = true
			switch c.Outcome {
			case reports.Fail, reports.Warn, reports.CouldNotRun, reports.Error:
				ids = append(ids, c.ID)
			}
		}
		for _, row := range d.Requirements {
			for _, id := range row.Cases { // a run that was cut short leaves cases without a result
				if !ended[id] {
					ids, ended[id] = append(ids, id), true
				}
			}
		}
	}
	if len(ids) == 0 {
		return nil, usagef("--rerun-failed %s: every case of that report passed", file)
	}
	return ids, nil
}

// labelFilter reads --label-filter in Ginkgo's language, so that one expression chooses the same cases here and
// in the suites. Of Ginkgo's message, which is a page, it takes the reason: the message is the expression with a
// colour at the place, a line break, the reason.
func labelFilter(expression string) (types.LabelFilter, error) {
	filter, err := types.ParseLabelFilter(expression)
	if err == nil {
		return filter, nil
	}
	reason := err.Error()
	if ginkgo, ok := errors.AsType[types.GinkgoError](err); ok {
		reason = ginkgo.Message
	}
	if marked, after, ok := strings.Cut(reason, "\n"); ok {
		reason = strings.TrimSuffix(after, ".")
		if at := strings.Index(marked, "{{red}}"); at >= 0 {
			reason += ", at character " + strconv.Itoa(len([]rune(marked[:at]))+1)
		}
	}
	return nil, usagef("--label-filter %s: %s", strconv.Quote(expression), reason)
}
