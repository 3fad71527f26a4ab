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

// Group collects the cases of one flow or one operation: what they have in common is said once.
type Group struct {
	*Subject
	Flow     string        // the middle part of the case ids
	At       specs.Place   // where the document promises it
	Needs    []target.Need // of every case
	Claims   []engine.Claim
	Phase    engine.Phase
	Requests int
	Late     bool // they refresh: at a target that refuses that early, they wait
	Awaits   engine.Ending
	Cases    []engine.Case
}

// NewGroup begins a flow's cases. They share the primary account and its secret with others; ask for more in
// Claims.
//
// Where no operation issues tokens they come of the user's consent.
func (s *Subject) NewGroup(flow string, at specs.Place) *Group {
	group := &Group{Subject: s, Flow: Kebab(flow), At: at, Claims: ClaimsOf(s.issuers()...)}
	if s.Ops.First(specs.RoleIssue) == nil && s.Ops.First(specs.RoleExchange) != nil {
		group.WithConsent()
	}
	return group
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

// TakesAccount claims the account of a role alone, and shares its secret: for what ends the role's sessions.
func TakesAccount(role string) []engine.Claim {
	return []engine.Claim{engine.Takes("account:" + role), engine.Shares("secret:" + role)}
}

// TakesSession claims what a case takes that ends the sessions of a role: its account alone, and whose login begins them.
func (s *Subject) TakesSession(role string) []engine.Claim {
	claims := TakesAccount(role)
	for _, other := range s.issuers() {
		if other != role && other != operation.Primary {
			claims = append(claims, ClaimsOf(other)...)
		}
	}
	return claims
}

// consentRequests is at most how many requests a user's consent takes, and the exchange of its code.
const consentRequests = 10

// WithConsent says that the group's cases send the user through the consent page.
func (g *Group) WithConsent() *Group {
	g.Requests = consentRequests
	if slices.Contains(g.Needs, target.NeedConsent) {
		return g
	}
	g.Needs = append(g.Needs, target.NeedConsent, target.NeedUser)
	g.Claims = append(g.Claims, g.Consents()...)
	return g
}

// Renewing says that the group's cases refresh, with so many requests of each beside those of a consent, if one is what refresh tokens
// come of.
func (g *Group) Renewing(requests int) *Group {
	if g.ByConsent("refresh") {
		g.WithConsent()
		requests += consentRequests - 2 // in place of an issue
	}
	g.Late, g.Requests = true, requests
	return g
}

// Renews says that a case takes a grant that can be refreshed, where its group's cases need none.
func (s *Subject) Renews(c *engine.Case) {
	if c.Late = true; !s.ByConsent("refresh") || slices.Contains(c.Needs, target.NeedConsent) {
		return
	}
	Need(c, target.NeedConsent, target.NeedUser)
	c.Claims, c.Requests = append(c.Claims, s.Consents()...), c.Requests+consentRequests
}

// openCodes begins the name of what a human's unused codes are claimed as.
const openCodes = "codes:"

// Consents is what a case touches that sends the user through the consent page.
func (s *Subject) Consents() []engine.Claim {
	return append(ClaimsOf(s.Human()), engine.Shares(openCodes+s.Human()))
}

// WithSecond says that the group's cases act as a second client too.
func (g *Group) WithSecond() *Group {
	g.Needs = append(g.Needs, target.NeedSecond)
	g.Claims = append(g.Claims, ClaimsOf(Second)...)
	return g
}

// OnTimeline says that the group's cases wait for the target's clock, until a token of a kind has ended.
func (g *Group) OnTimeline(kind string) *Group {
	g.Phase, g.Awaits.Kind = engine.Timeline, kind
	g.Needs = append(g.Needs, target.NeedTime)
	g.Claims = append(g.Claims, engine.Shares("clock"))
	return g
}

// Works adds a case that shows what must work.
func (g *Group) Works(name, title string, run func(t *Trial), requirements ...string) *engine.Case {
	return g.add(name, title, reports.Positive, run, requirements)
}

// Never adds a case that shows what must not happen.
func (g *Group) Never(name, title string, run func(t *Trial), requirements ...string) *engine.Case {
	return g.add(name, title, reports.Negative, run, requirements)
}

// add makes a case. A document need not have a row for everything: without any there is nothing to violate,
// and no case; what is returned then is nobody's.
func (g *Group) add(name, title string, polarity reports.Polarity, run func(t *Trial), requirements []string) *engine.Case {
	var cited []string
	for _, id := range requirements {
		if id != "" && !slices.Contains(cited, id) {
			cited = append(cited, id)
		}
	}
	if len(cited) == 0 {
		return &engine.Case{}
	}
	g.Cases = append(g.Cases, engine.Case{
		ID:    strings.Join([]string{g.Dialect.ID, g.Flow, Kebab(name)}, "/"),
		Title: title, Requirements: cited, Polarity: polarity, Needs: slices.Clone(g.Needs), Claims: slices.Clone(g.Claims),
		Phase: g.Phase, Late: g.Late, Awaits: g.Awaits, Requests: g.Requests, At: g.At,
		Run: Acting(run),
	})
	return &g.Cases[len(g.Cases)-1]
}

// Acting is what a case does, as the engine runs it.
func Acting(act func(t *Trial)) func(context.Context, *engine.Trial) error {
	return func(ctx context.Context, t *engine.Trial) error {
		return untilStopped(func() { act(begin(ctx, t)) })
	}
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
