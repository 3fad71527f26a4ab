package flows

import (
	"net/http"
	"regexp"
	"strconv"

	"gonogo/internal/consent"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// authorization: the user's approval brings the code back in the query of the redirect URI (RFC 6749 section
// 4.1.2), and nothing less than an approval does.
func authorization(s *scene.Subject) []engine.Case {
	op := s.Ops.First(specs.RoleAuthorize)
	kind, ok := s.CodeKind()
	if op == nil || !ok {
		return nil
	}
	name, _ := kind.At.InLocation()
	group := s.NewGroup("authorize", op.At).WithConsent()
	group.Works("approval-returns-code", "after the user's approval the browser is redirected to the redirect URI with a code", func(t *scene.Trial) {
		done := t.Ask(scene.Ask{Doing: "and the user approves"}, false)
		wanted := "a redirect to the redirect URI with " + name + " in its query"
		if code, ok := done.Param(name); done.Redirect == nil || done.Delivery != consent.InQuery || !ok || code == "" {
			t.FoundConsent(done, wanted, done.Got())
			return
		}
		onlyTheCode(t, done, name)
	}, op.Success, typed(s))
	group.Never("code-without-approval", "opening the page alone never returns a code", func(t *scene.Trial) {
		done := t.Ask(scene.Ask{Decision: consent.Open, Doing: "and the user only looks at the page"}, true)
		_, leaked := done.Param(name)
		switch {
		case leaked && t.Habits().Remembers && !t.SeesPages():
			t.NotExercised("the target may remember what the user has approved, and consent.mode %s does not tell whether it asked", t.Target.Consent.Mode)
		case leaked:
			t.FoundConsent(done, "a page that asks the user", done.Got())
		}
	}, op.Success)
	lacking(s, group, op, name)
	return group.Cases
}

// bearable is what can be shown as a bearer token (RFC 6750 section 2.1). The address of an issuer, which may stand in a redirect (RFC 9207),
// cannot.
var bearable = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)

// onlyTheCode wants nothing beside the code in a redirect to be good as a token: an address is read by more than whom it is for (RFC 6749
// section 10.3).
func onlyTheCode(t *scene.Trial, done *scene.Consented, code string) {
	use := t.First(specs.RoleUse)
	for name, values := range done.Params {
		for _, value := range values {
			if use == nil || name == code || len(value) < shortestSecret || !bearable.MatchString(value) {
				continue
			}
			t.Secret("found", value)
			if reply := t.Use(use, value, "with what stands in "+name+" of the redirect"); reply.Succeeded() {
				t.Find(engine.Finding{Requirement: "ANY-LEAK", Sent: done.Sent(), Wanted: "a redirect without a token", Got: done.Got() + ", and " + name + " works as access token",
					Where: done.Op.At.String(), Exchange: reply.Exchange})
			}
		}
	}
}

// lacking: a request for consent without one of its parameters is never sent on with a code, and without its client to nobody (RFC 6749
// section 4.1.2.1). Where the redirect URI is missing, the registered one may stand in for it (section 3.1.2.3).
func lacking(s *scene.Subject, group *scene.Group, op *operation.Op, code string) {
	redirect, _ := s.RedirectInput()
	client, _ := s.ClientInput(op)
	c := group.Never("without-a-parameter", "a request for consent that lacks a parameter never returns a code, and is never a server error", func(t *scene.Trial) {
		for _, input := range op.Inputs {
			if !input.Required && input.Fixed == "" {
				continue
			}
			done := t.Ask(scene.Ask{Omit: input.Name, Doing: "without " + input.Name}, true)
			_, got := done.Param(code)
			switch {
			case done.Status >= http.StatusInternalServerError:
				t.FoundConsent(done, "no server error", strconv.Itoa(done.Status))
			case done.Stray != nil, input.Name == client.Name && done.Redirect != nil:
				t.FoundConsent(done, "an error page of the target's own, and no redirect", done.Got())
			case got && input.Name != redirect.Name:
				t.FoundConsent(done, "no "+code, done.Got())
			}
		}
	}, op.Refused, scene.AnyServerError)
	c.Requests = 3 * 8 // three walks
}
