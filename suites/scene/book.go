package scene

import (
	"context"
	"slices"
	"strings"

	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/reports"
	"gonogo/specs"
	"gonogo/suites/engine"
)

// Book collects the cases of one flow or one operation: what they have in common is said once.
type Book struct {
	*Subject
	Flow     string        // the middle part of the case ids
	At       specs.Place   // where the document promises it
	Needs    []target.Need // of every case
	Claims   []engine.Claim
	Phase    engine.Phase
	Requests int
	Late     bool // they refresh: at a target that refuses that early, they wait
	Cases    []engine.Case
}

// NewBook begins a flow's cases. They share the primary account and its secret with others; ask for more in
// Claims.
func (s *Subject) NewBook(flow string, at specs.Place) *Book {
	return &Book{Subject: s, Flow: Kebab(flow), At: at, Claims: ClaimsOf(s.issuers()...)}
}

// issuers are the roles whose credentials an issue takes: whose sessions it may begin or end.
func (s *Subject) issuers() []string {
	roles := []string{operation.Primary}
	if op := s.Ops.First(specs.RoleIssue); op != nil {
		for _, input := range op.Inputs {
			if role := input.From.Role; role != "" && !slices.Contains(roles, role) {
				roles = append(roles, role)
			}
		}
	}
	return roles
}

// ClaimsOf is what a case touches that acts as the given roles.
func ClaimsOf(roles ...string) []engine.Claim {
	var claims []engine.Claim
	for _, role := range roles {
		claims = append(claims, engine.Shares("account:"+role), engine.Shares("secret:"+role))
	}
	return claims
}

// WithConsent says that the book's cases send the user through the consent page.
func (b *Book) WithConsent() *Book {
	b.Needs = append(b.Needs, target.NeedConsent, target.NeedUser)
	b.Claims = append(b.Claims, ClaimsOf(b.Human())...)
	b.Requests = 15
	return b
}

// WithSecond says that the book's cases act as a second client too.
func (b *Book) WithSecond() *Book {
	b.Needs = append(b.Needs, target.NeedSecond)
	b.Claims = append(b.Claims, ClaimsOf(Second)...)
	return b
}

// OnTimeline says that the book's cases wait for the target's clock.
func (b *Book) OnTimeline() *Book {
	b.Phase = engine.Timeline
	b.Needs = append(b.Needs, target.NeedTime)
	b.Claims = append(b.Claims, engine.Shares("clock"))
	return b
}

// Works adds a case that shows what must work.
func (b *Book) Works(name, title string, run func(a *Act), requirements ...string) *engine.Case {
	return b.add(name, title, reports.Positive, run, requirements)
}

// Never adds a case that shows what must not happen.
func (b *Book) Never(name, title string, run func(a *Act), requirements ...string) *engine.Case {
	return b.add(name, title, reports.Negative, run, requirements)
}

// add makes a case. A document need not have a row for everything: without any there is nothing to violate,
// and no case; what is returned then is nobody's.
func (b *Book) add(name, title string, polarity reports.Polarity, run func(a *Act), requirements []string) *engine.Case {
	var cited []string
	for _, id := range requirements {
		if id != "" && !slices.Contains(cited, id) {
			cited = append(cited, id)
		}
	}
	if len(cited) == 0 {
		return &engine.Case{}
	}
	b.Cases = append(b.Cases, engine.Case{
		ID:    strings.Join([]string{b.Dialect.ID, b.Flow, Kebab(name)}, "/"),
		Title: title, Requirements: cited, Polarity: polarity, Needs: slices.Clone(b.Needs), Claims: slices.Clone(b.Claims),
		Phase: b.Phase, Late: b.Late, Requests: b.Requests, At: b.At,
		Run: func(ctx context.Context, t *engine.Trial) error {
			return untilStopped(func() { run(begin(ctx, t)) })
		},
	})
	return &b.Cases[len(b.Cases)-1]
}

// Need adds needs to a case that it does not have yet.
func Need(c *engine.Case, needs ...target.Need) {
	for _, need := range needs {
		if !slices.Contains(c.Needs, need) {
			c.Needs = append(c.Needs, need)
		}
	}
}

// Kebab turns a name of a document into a part of a case id: client_secret and getQueue become client-secret
// and get-queue.
func Kebab(name string) string {
	var out strings.Builder
	for i, r := range name {
		switch {
		case r == '_':
			out.WriteByte('-')
		case r >= 'A' && r <= 'Z':
			if i > 0 {
				out.WriteByte('-')
			}
			out.WriteRune(r - 'A' + 'a')
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}
