package app

import "gonogo/suites/catalog"

// under has the explainer explain what is judged under a profile alone. Of plans whose documents do not have it nothing is
// explained.
func (e *explainer) under(profile string) error {
	var first error
	kept := e.plans[:0]
	for _, plan := range e.plans {
		d, err := plan.Dialect.Profiled(profile)
		switch {
		case err == nil:
			kept = append(kept, catalog.PlanAt(d, e.at))
		case first == nil || len(plan.Dialect.Profiles) > 0:
			first = err
		}
	}
	if e.plans, e.profile = kept, profile; len(kept) == 0 {
		return usagef("--profile: %w", first)
	}
	return nil
}
