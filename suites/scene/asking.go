package scene

import (
	"gonogo/internal/client"
	"gonogo/internal/consent"
	"gonogo/internal/exchange"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
)

// SeesPages reports whether the consent driver knows what a page asks, and so whether it was asked at all. A program or a person
// is only told what to answer, and may be at work in a browser whose user has signed in long ago.
func (t *Trial) SeesPages() bool {
	return t.Target.Consent.Mode == target.ConsentForm || t.Target.Consent.Mode == target.ConsentBrowser
}

// askTwice finds out what a second authorization of a user does: both not to ask again and to end the first code are legal. What
// keeps it from finding that out is for the cases to see.
func (t *Trial) askTwice() {
	if t.First(specs.RoleAuthorize) == nil || !t.Wants(target.NeedConsent) {
		return
	}
	_ = untilStopped(func() {
		first, _ := t.AskForCode(Ask{Doing: "and the user approves"}, false)
		if first.Value == "" {
			return
		}
		second, done := t.AskForCode(Ask{Doing: "and the user approves a second time, to see what becomes of the first code"}, false)
		if second.Value == "" {
			return
		}
		if t.First(specs.RoleExchange) != nil {
			t.Stop(t.SecondConsent(t.ctx, first.Value, second.Value, func(code string) (reply *client.Reply, err error) {
				err = untilStopped(func() { reply = t.Exchange("", code, "to see whether a newer code has ended it") })
				if err == nil && reply.Succeeded() && t.First(specs.RoleIssue) == nil {
					err = t.TryInquiries(t.ctx, reply.Tokens[client.Access])
				}
				return reply, err
			}))
		}
		if t.SeesPages() && done.SignedIn && !done.Decided || !t.SeesPages() && t.opensWithCode() {
			t.AsksOnce()
		}
	})
}

// opensWithCode reports whether who only looks at the page is sent back with a code.
func (t *Trial) opensWithCode() bool {
	token, _ := t.AskForCode(Ask{Decision: consent.Open, Doing: "and the user only looks at the page"}, true)
	return token.Value != ""
}

// Glance sends an operation's documented request and keeps the answer as evidence, and as nothing that the document is held
// against: what answers may be something else than the operation.
func (t *Trial) Glance(op *operation.Op) *exchange.Exchange {
	req := must(op.Request(t.ctx, operation.Args{}))
	return must(t.Trial.Send(t.ctx, req))
}
