package flows

import (
	"strings"

	"gonogo/internal/consent"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// proofKey: whoever exchanges a code shows that he is the one who asked for it (RFC 7636). Ordinary flows show a proof key
// wherever the document has one; here it is broken, each time with a code of its own, which a refusal may burn.
func proofKey(s *scene.Subject, declared specs.Flow) []engine.Case {
	challenge, _ := s.Ops.First(specs.RoleAuthorize).ProofInput(specs.ProofChallenge)
	verifier, proved := s.Ops.First(specs.RoleExchange).ProofInput(specs.ProofVerifier)
	if challenge.Name == "" || !proved {
		return nil
	}
	k := keyed{s.NewGroup(declared.Name, declared.At).WithConsent(), challenge.Name, verifier.Name}
	k.good(declared)
	k.broken(declared)
	k.unasked(declared)
	k.weak(declared)
	return k.group.Cases
}

// keyed makes the cases of a document with proof keys.
type keyed struct {
	group               *scene.Group
	challenge, verifier string // the inputs
}

// aWalk is how many requests a user's consent takes, and what is done with its code.
const aWalk = 8

// judged ends a case at a target that has no proof keys, or of which nobody says whether it has.
func judged(t *scene.Trial) {
	switch t.Target.Settings.PKCE {
	case target.PKCENone:
		t.NotApplicable("the target file says that the target knows no proof keys (settings.pkce)")
	case "":
		if reply, _ := metadataOf(t); reply != nil {
			if methods, _ := listed(reply, reply.Op.Metadata.Proofs, nil); len(methods) > 0 {
				return
			}
		}
		t.NotExercised("neither the target file nor metadata say whether the target knows proof keys (add settings.pkce: supported, public, required or none)")
	}
}

// works and never add a case of so many walks at a target with proof keys.
func (k keyed) never(name, title string, walks int, run func(t *scene.Trial), rows ...string) {
	k.group.Never(name, title, judgedFirst(run), rows...).Requests = walks * aWalk
}

func (k keyed) works(name, title string, walks int, run func(t *scene.Trial), rows ...string) {
	k.group.Works(name, title, judgedFirst(run), rows...).Requests = walks * aWalk
}

func judgedFirst(run func(t *scene.Trial)) func(t *scene.Trial) {
	return func(t *scene.Trial) {
		judged(t)
		run(t)
	}
}

// good: verifiers of every form that they may have (RFC 7636 section 4.1), hashed, which every server with proof keys takes
// (section 4.2).
func (k keyed) good(declared specs.Flow) {
	k.works("verifier", "a code is good with the verifier of its challenge, short or long", 3, func(t *scene.Trial) {
		for _, v := range []struct{ verifier, what string }{
			{t.Verifier(64), "with its verifier"},
			{t.Verifier(operation.ShortestVerifier), "with its verifier of 43 characters"},
			{t.Verifier(operation.LongestVerifier-4) + "-._~", "with its verifier of 128 characters, signs among them"},
		} {
			if !t.Succeeds(t.Exchange("", k.code(t, operation.ProofOf(v.verifier)), v.what)) {
				return
			}
		}
	}, declared.Requirement, declared.Params["hashed"])
}

// code is a code that was asked for with a proof key. Without one the case ends.
func (k keyed) code(t *scene.Trial, proof *operation.Proof) string {
	code, done := t.AskForCode(scene.Ask{Proof: proof, Doing: "with a challenge"}, false)
	if code.Value == "" {
		t.CouldNotRun("no code could be had to check with: %s ended with %s", done.Sent(), done.Got())
	}
	return code.Value
}

// broken: what is not the verifier of a code's challenge gets nothing for it (RFC 7636 section 4.6).
func (k keyed) broken(declared specs.Flow) {
	try := func(t *scene.Trial, proof *operation.Proof, shown, doing string) {
		args := operation.Args{Inputs: map[string]any{k.verifier: shown}}
		if proof.Verifier != shown && shown != "" {
			t.Secret("wrong verifier", shown)
		}
		t.RefusedFor(t.ExchangeArgs(args, k.code(t, proof), doing), specs.WrongVerifier)
	}
	k.never("other-verifier", "a code is never good with another verifier than its own", 5, func(t *scene.Trial) {
		for _, wrong := range []struct {
			doing string
			make  func(own string) string
		}{
			{"with a verifier that nobody used", func(string) string { return t.Verifier(64) }},
			{"with its verifier, wrong in one letter", scene.NearMiss},
			{"with the verifier of another code", func(string) string {
				other := operation.ProofOf(t.Verifier(64))
				k.code(t, other)
				return other.Verifier
			}},
		} {
			own := operation.ProofOf(t.Verifier(64))
			if try(t, own, wrong.make(own.Verifier), wrong.doing); t.Failed() {
				return
			}
		}
		turned := operation.ProofOf(t.Verifier(64))
		turned.Challenge, _ = scene.OtherCase(turned.Challenge)
		t.RefusedFor(t.Exchange("", k.code(t, turned), "with a verifier whose hash is the challenge in the other case"), specs.WrongVerifier)
	}, declared.Requirement)
	k.never("no-verifier", "a code that was asked for with a challenge is never good without a verifier", 2, func(t *scene.Trial) {
		missing := operation.Args{Omit: map[string]bool{k.verifier: true}}
		t.Refused(t.ExchangeArgs(missing, k.code(t, operation.ProofOf(t.Verifier(64))), "without a verifier"))
		empty := operation.Args{Inputs: map[string]any{k.verifier: ""}}
		t.Refused(t.ExchangeArgs(empty, k.code(t, operation.ProofOf(t.Verifier(64))), "with an empty verifier"))
	}, declared.Requirement)
	k.never("challenge-as-verifier", "the challenge of a hashed verifier is never good as the verifier", 1, func(t *scene.Trial) {
		own := operation.ProofOf(t.Verifier(64))
		args := operation.Args{Inputs: map[string]any{k.verifier: own.Challenge}}
		t.Refused(t.ExchangeArgs(args, k.code(t, own), "with its challenge for the verifier"))
	}, declared.Params["hashed"])
}

// unasked: requests for consent that have no challenge, or one that nobody can read (RFC 7636 section 4.4.1), and what becomes of a
// verifier whose code came of such a request (RFC 9700 section 4.8.2).
func (k keyed) unasked(declared specs.Flow) {
	k.never("no-challenge", "where a challenge is required, a request for consent without one is sent back with an error and no code", 1, func(t *scene.Trial) {
		if t.Target.Settings.PKCE != target.PKCERequired {
			t.NotApplicable("the target does not say that it requires a challenge of every client (settings.pkce: %s)", target.PKCERequired)
		}
		sentBackWith(t, t.Ask(scene.Ask{NoProof: true, Doing: "without a challenge"}, true), "invalid_request")
	}, declared.Params["missing"])
	k.never("unknown-method", "a challenge by a method that nobody knows is sent back with an error and no code", 2, func(t *scene.Trial) {
		for _, method := range []string{"gonogo", "S512"} {
			odd := operation.ProofOf(t.Verifier(64))
			odd.Method = method
			sentBackWith(t, t.Ask(scene.Ask{Proof: odd, Doing: "with a challenge by the method " + method}, true), "invalid_request")
		}
	}, declared.Params["method"])
	k.never("verifier-without-challenge", "a code that was asked for without a challenge is never good with a verifier", 1, func(t *scene.Trial) {
		code, _ := t.AskForCode(scene.Ask{NoProof: true, Doing: "without a challenge"}, true)
		if code.Value == "" {
			return // there is no such code
		}
		t.Refused(t.ExchangeArgs(operation.Args{Proof: operation.ProofOf(t.Verifier(64))}, code.Value, "with a verifier, of a code that was asked for without a challenge"))
	}, declared.Params["downgrade"])
}

// weak: what RFC 7636 allows, or leaves to clients, and RFC 9700 section 2.1.1 advises against.
func (k keyed) weak(declared specs.Flow) {
	exchanged := func(t *scene.Trial, proof *operation.Proof, what string) {
		code, _ := t.AskForCode(scene.Ask{Proof: proof, Doing: "with " + what}, true)
		if code.Value == "" {
			return
		}
		if reply := t.Exchange("", code.Value, "whose code was asked for with "+what); reply.Succeeded() {
			t.Found(reply, "a refusal, there or at the request for consent", reply.Got())
		}
	}
	k.never("plain", "a challenge that is the verifier itself is never taken", 2, func(t *scene.Trial) {
		for _, method := range []string{operation.MethodPlain, ""} {
			verifier := t.Verifier(64)
			exchanged(t, &operation.Proof{Verifier: verifier, Challenge: verifier, Method: method}, strings.TrimSpace("the verifier for the challenge, by the method "+method))
		}
	}, declared.Params["plain"])
	k.never("odd-verifier", "a verifier of another form than RFC 7636 has is never taken", 2, func(t *scene.Trial) {
		for _, v := range []struct{ verifier, what string }{
			{t.Verifier(operation.ShortestVerifier - 1), "the challenge of a verifier of 42 characters"},
			{t.Verifier(operation.LongestVerifier + 1), "the challenge of a verifier of 129 characters"},
		} {
			exchanged(t, operation.ProofOf(v.verifier), v.what)
		}
	}, declared.Params["form"])
}

// sentBackWith wants the user to be sent back with an error and without a code.
func sentBackWith(t *scene.Trial, done *scene.Consented, wanted string) {
	kind, _ := t.CodeKind()
	name, _ := kind.At.InLocation()
	code, _ := done.Param(name)
	got, told := done.Param("error")
	if done.Redirect == nil || done.Delivery != consent.InQuery || code != "" || !told || got != wanted {
		t.FoundConsent(done, "a redirect with error="+wanted+", and no "+name, done.Got())
	}
}
