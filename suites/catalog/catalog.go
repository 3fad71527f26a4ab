// Package catalog makes the plan of a dialect: every contract case of its operations, then every case of the flows
// that its document declares and the roles of its operations imply.
//
// It must never know a particular dialect, nor how a case is judged.
package catalog

import (
	"slices"

	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/contract"
	"gonogo/suites/engine"
	"gonogo/suites/flows"
	"gonogo/suites/scene"
	"gonogo/suites/watch"
)

// Plan is everything there is to check of a dialect, as its document has it: to be listed and described.
func Plan(dialect *specs.Dialect) *engine.Plan { return PlanAt(dialect, nil) }

// PlanAt is everything there is to check of a dialect at a target, whose file can name other operations and further
// roles. Whoever consents by hand is asked on the process's own standard input and error.
func PlanAt(dialect *specs.Dialect, t *target.Target) *engine.Plan {
	s := scene.NewSubject(dialect, t)
	plan := &engine.Plan{Dialect: dialect, Cases: cases(s), Probe: scene.Probe, Memory: s.NewMemory}
	if t != nil && len(t.Endpoints) > 0 {
		plan.Cases = withAbsent(plan.Cases, cases(scene.NewSubject(dialect, t.Whole())))
	}
	plan.Cases = judged(plan.Cases, dialect)
	return plan
}

// judged are the cases that have a row which is judged under the dialect's profile, without their others.
func judged(all []engine.Case, dialect *specs.Dialect) []engine.Case {
	if dialect.Profile == "" {
		return all
	}
	var kept []engine.Case
	for _, c := range all {
		rows := slices.DeleteFunc(slices.Clone(c.Requirements), func(id string) bool { return !dialect.Judges(id) })
		if len(rows) > 0 || len(c.Requirements) == 0 {
			c.Requirements = rows
			kept = append(kept, c)
		}
	}
	return kept
}

func cases(s *scene.Subject) []engine.Case { return append(contract.Cases(s), flows.Cases(s)...) }

// withAbsent are the cases that there are, in the places that they have among those of a target with every operation. What
// such a target alone has cannot be checked here, and is said to be so.
func withAbsent(there, whole []engine.Case) []engine.Case {
	for i, c := range whole {
		if at := slices.IndexFunc(there, func(has engine.Case) bool { return has.ID == c.ID }); at >= 0 {
			whole[i] = there[at]
			there = slices.Delete(there, at, at+1)
		} else {
			whole[i].Needs = append([]target.Need{target.NeedOperation}, c.Needs...)
		}
	}
	return append(whole, there...)
}

// IDs are the ids of every case of these dialects and of the built-in ones, of servers and of clients: what a waiver file,
// which may serve several runs, can name.
func IDs(dialects []*specs.Dialect) []string {
	var ids []string
	add := func(d *specs.Dialect) {
		for _, c := range append(Plan(d).Cases, watch.Plan(d).Cases...) {
			ids = append(ids, c.ID)
		}
	}
	for _, d := range dialects {
		add(d)
	}
	for _, id := range specs.Builtin() {
		if slices.ContainsFunc(dialects, func(d *specs.Dialect) bool { return d.ID == id }) {
			continue
		}
		if d, err := specs.Load(id); err == nil {
			add(d)
		}
	}
	return ids
}
