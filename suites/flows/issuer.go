package flows

import (
	"net/url"

	"gonogo/reports/words"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// issuer: a server that says who it is in its answers to a client says so in all of them, errors too (RFC 9207 section 2).
func issuer(s *scene.Subject, declared specs.Flow) []engine.Case {
	parameter := declared.Params["parameter"]
	group := s.NewGroup(declared.Name, declared.At).WithConsent()
	named := func(t *scene.Trial) string {
		own, promised := advertised(t, specs.Pointer(declared.Params["advertised"]))
		done := t.Ask(scene.Ask{Doing: "and the user approves"}, false)
		name, there := done.Param(parameter)
		switch {
		case done.Redirect == nil:
			t.CouldNotRun("nothing was redirected: %s", done.Got())
		case !there && promised:
			t.FoundConsent(done, parameter+", as the metadata say", done.Got())
			return ""
		case !there:
			t.NotApplicable("the target does not say who it is in its answers, and need not")
		case own != "" && name != own:
			t.FoundConsent(done, parameter+" "+own+", as in the metadata", parameter+" "+name)
		}
		if u, err := url.Parse(name); err != nil || u.Scheme != "https" && u.Scheme != t.Target.BaseURL.Scheme || u.Host == "" || u.RawQuery+u.Fragment != "" {
			t.FoundConsent(done, parameter+" with a URL that has no query and no fragment", parameter+" "+name)
		}
		return name
	}
	group.Works("on-approval", "an approval comes with the server's own URL", func(t *scene.Trial) {
		if first, again := named(t), named(t); !t.Failed() && first != again {
			t.CouldNotRun("two answers name different servers: %s and %s", first, again)
		}
	}, declared.Requirement).Requests *= 2
	group.Never("not-on-errors", "a refusal and an error never come without it, or with another", func(t *scene.Trial) {
		own := named(t)
		if t.Failed() {
			return
		}
		same := func(done *scene.Consented) {
			if done.Redirect == nil || t.Failed() {
				return // whether one is sent back is a row of its own
			}
			if got, _ := done.Param(parameter); got != own {
				t.FoundConsent(done, parameter+" "+own, parameter+" "+got)
			}
		}
		if flow, ok := t.Dialect.Flow("response-type"); ok {
			same(t.Ask(scene.Ask{Inputs: map[string]any{flow.Params["parameter"]: "gonogo"}, Doing: "with " + words.A(flow.Params["parameter"]) + " that nobody knows"}, true))
		}
		same(refused(t, scene.Ask{Doing: "and the user refuses"}))
	}, declared.Requirement).Requests *= 3
	return group.Cases
}

// advertised is who a target's metadata say it is, and whether they say that its answers say so; empty and false where it has none.
func advertised(t *scene.Trial, at specs.Pointer) (issuer string, says bool) {
	reply, _ := metadataOf(t)
	if reply == nil || !reply.Succeeded() {
		return "", false
	}
	issuer, _ = reply.Text(reply.Op.Metadata.Issuer)
	value, _ := reply.Value(at)
	return issuer, at != "" && value == true
}
