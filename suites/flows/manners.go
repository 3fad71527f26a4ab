package flows

import (
	"slices"
	"strings"

	"gonogo/suites/scene"
)

// manners: how refusals look, and what stands in headers and members of answers, where rows of their own promise it. Each is looked
// at in every answer of the run.
func manners(s *scene.Subject, group *scene.Group) {
	var promised []string
	for _, op := range s.Dialect.Operations {
		promised = append(promised, op.OwnRows()...)
	}
	slices.Sort(promised)
	for _, row := range slices.Compact(promised) {
		group.Works("promised-"+strings.ToLower(row), "every answer has what is promised of it by itself", func(t *scene.Trial) {
			over(t, func(e scene.Entry, said *remarks) {
				for _, m := range e.Answer.Mismatches {
					if m.Requirement == row {
						said.add(t, e, m.Expected(), m.Got)
					}
				}
			})
		}, row)
	}
	for _, row := range s.Dialect.Manners() {
		group.Works("refusals-"+strings.ToLower(row), "every refusal is said as the document has it for what is wrong", func(t *scene.Trial) {
			anything(t)
			all := t.Refusals(row)
			if len(all) == 0 {
				t.NotExercised("this selection of cases gets no such refusal")
			}
			said := newRemarks()
			for _, r := range all {
				if r.Wanted != "" {
					said.add(t, scene.Entry{Case: r.Case, Answer: r.Reply.Answer}, r.Wanted, r.Got)
				}
			}
			said.find()
		}, row)
	}
}
