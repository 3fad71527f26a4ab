package app

import (
	"slices"

	"gonogo/reports/words"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/watch"
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
	e.told(dialect, row.ID)
	e.printf("\ncases that check it\n")
	for _, c := range watch.Plan(dialect).Cases {
		if slices.Contains(c.Requirements, row.ID) {
			e.printf("  %s\n    %s\n", c.ID, c.Title)
		}
	}
	var flags []string
	if watch.ByPage(dialect, row.ID) {
		flags = []string{"--page", "http://127.0.0.1:3000/login"}
	}
	e.printf("\nwatch one: %s\n", e.watch(dialect.ID, flags...))
}

// told says what is looked for under a row, what a client may do all the same, and how to mend one.
func (e *explainer) told(dialect *specs.Dialect, row string) {
	flows, told := dialect.Watched(row)
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
}

// clientCase explains a case of a watch, and the row that it serves.
func (e *explainer) clientCase(dialect *specs.Dialect, c engine.Case) {
	e.printf("%s, a case of the clients of %s\n  %s\n  asked for at %s\n  judged when the watch ends, by every exchange that it saw\n\nchecks\n", c.ID, dialect.Title, c.Title, c.At)
	for _, id := range c.Requirements {
		row, _ := dialect.ClientRow(id)
		e.printf("  %s (%s)\n    %s\n", id, row.Level, row.Text)
		e.told(dialect, row.ID)
	}
	e.printf("\nwatch one: %s\n", e.watch(dialect.ID, "--case", c.ID, "--trace", c.ID))
}

// situation explains what happens to a client that is watched.
func (e *explainer) situation(s watch.Situation) {
	e.printf("%s, a situation of gonogo watch\n  %s\n\nwhat the client is waited for\n  %s\n", s.ID, s.Title, s.Waits)
	e.printf("\nwho is told: GET $GONOGO_CONTROL_URL/__control/situation answers {\"id\": %q}, and a --hook has it in GONOGO_SITUATION\n", s.ID)
}

// watch is the command line that watches a client of the dialect.
func (e *explainer) watch(dialect string, flags ...string) string {
	args := append([]string{"gonogo", "watch"}, e.named...)
	if e.named == nil {
		args = append(args, dialect)
	}
	if e.profile != "" {
		args = append(args, "--profile", e.profile)
	}
	return words.Command(append(append(args, "--run", "./client.sh"), flags...)...)
}
