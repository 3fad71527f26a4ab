package terminal

import (
	"strings"

	"gonogo/reports/proofs"
	"gonogo/reports/words"
)

// Proof is what there is to say of a proof.
func Proof(p proofs.Proof) string {
	s := Options{}.screen()
	s.line("%s  %s %s", strings.ToUpper(string(p.Outcome)), words.Plain(p.Kind), words.Plain(p.ID))
	s.labelled("does", p.Text)
	s.labelled("requirement", p.Requirement)
	s.labelled("reason", p.Reason)
	s.labelled("caught by", strings.Join(p.CaughtBy, "\n"))
	if len(p.Runs) > 1 {
		s.labelled("runs", p.Tally())
	}
	return strings.TrimSpace(s.b.String())
}
