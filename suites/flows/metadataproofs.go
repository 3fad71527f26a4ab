package flows

import (
	"fmt"
	"slices"
	"strings"

	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// agreedProofs holds the methods of proof keys that metadata list against what becomes of a code that is asked for with one. No list
// says that there are none (RFC 8414 section 2).
func agreedProofs(s *scene.Subject, declared specs.Flow) []engine.Case {
	authorize, exchange := s.Ops.First(specs.RoleAuthorize), s.Ops.First(specs.RoleExchange)
	if authorize == nil || exchange == nil {
		return nil
	}
	if _, takes := authorize.ProofInput(specs.ProofChallenge); !takes {
		return nil
	}
	group := s.NewGroup(declared.Name, declared.At).WithConsent()
	group.Works("proof-keys", "a method of proof keys that is advertised works, and the one that works is advertised", func(t *scene.Trial) {
		reply := toldOf(t)
		at := reply.Op.Metadata.Proofs
		if at == "" {
			t.NotApplicable("the document does not say where metadata list the methods of proof keys")
		}
		methods, _ := listed(reply, at, nil)
		for _, method := range []string{operation.MethodS256, operation.MethodPlain} {
			if slices.Contains(methods, method) {
				worksAsSaid(t, method)
			}
		}
		if !slices.Contains(methods, operation.MethodS256) && holds256(t) {
			t.Found(reply, fmt.Sprintf("%s in the list at %s, for it works", operation.MethodS256, at), "advertised are "+strings.Join(append(methods, "no others"), ", "))
		}
	}, declared.Params["agrees"]).Requests = 4 + 3*aWalk
	return group.Cases
}

// worksAsSaid wants a code that is asked for by a method to be good with its verifier.
func worksAsSaid(t *scene.Trial, method string) {
	proof := operation.ProofOf(t.Verifier(64))
	if method == operation.MethodPlain {
		proof.Challenge, proof.Method = proof.Verifier, method
	}
	code, done := t.AskForCode(scene.Ask{Proof: proof, Doing: "with a challenge by the method " + method + ", which is advertised"}, true)
	if code.Value == "" {
		t.FoundConsent(done, "a redirect with a code", done.Got())
		return
	}
	t.Succeeds(t.Exchange("", code.Value, "with the verifier of a challenge by the method "+method+", which is advertised"))
}

// holds256 reports whether codes are held to challenges by S256: one is good with its verifier, and with no other.
func holds256(t *scene.Trial) bool {
	good := func(args operation.Args, doing string) (good, asked bool) {
		code, _ := t.AskForCode(scene.Ask{Proof: operation.ProofOf(t.Verifier(64)), Doing: "with a challenge, which is not advertised"}, true)
		return code.Value != "" && t.ExchangeArgs(args, code.Value, doing).Succeeded(), code.Value != ""
	}
	if own, _ := good(operation.Args{}, "with its verifier"); !own {
		return false
	}
	other, asked := good(operation.Args{Proof: operation.ProofOf(t.Verifier(64))}, "with a verifier that nobody used")
	return asked && !other
}
