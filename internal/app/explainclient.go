package app

import (
	"slices"

	"gonogo/reports/words"
	"gonogo/specs"
	"gonogo/suites/engine"
)

// clientRow explains a row that binds clients: what is looked for, what is allowed all the same, how to mend a client.
func (e *explainer) clientRow(dialect *specs.Dialect, row specs.Requirement) {
	everywhere := len(e.plans) > 1 && !slices.ContainsFunc(e.plans, func(plan *engine.Plan) bool {
		_, has := plan.Dialect.ClientRow(row.ID)
		return !has
	})
	of := dialect.ID
	if everywhere {
		of = "every dialect"
	}
	if e.profile != "" {
		of += " under " + e.profile
	}
	e.printf("%s, a %s requirement of the clients of %s\n  %s\n", row.ID, row.Level, of, row.Text)
	e.printf("  where: %s (%s)\n  level: %s\n", row.Where, row.At, meaning(row.Level))
	if bound := row.Bound(); bound != "" {
		e.printf("  profiles: %s\n", bound)
	}
	flows, told := dialect.Watched(row.ID)
	section := func(title string, line func(specs.Watch) string) {
		e.printf("\n%s\n", title)
		for i, watch := range told {
			if name := flows[i].Name; name != "" && len(told) > 1 {
				e.printf("  %s: %s\n", name, line(watch))
				continue
			}
			e.printf("  %s\n", line(watch))
		}
	}
	section("what gonogo watch looks for", func(w specs.Watch) string { return w.Looks })
	section("what a client may do, and must not be blamed for", func(w specs.Watch) string { return w.May })
	section("how to mend a client", func(w specs.Watch) string { return w.Mend })
	e.printf("\nwatch one: %s\n", e.watch(dialect.ID))
}

// watch is the command line that watches a client of the dialect.
func (e *explainer) watch(dialect string) string {
	args := append([]string{"gonogo", "watch"}, e.named...)
	if e.named == nil {
		args = append(args, dialect)
	}
	if e.profile != "" {
		args = append(args, "--profile", e.profile)
	}
	return words.Command(append(args, "--run", "./client.sh")...)
}
