package operation_test

import (
	"regexp"
	"testing"

	"gonogo/internal/operation"
)

// The example of RFC 7636 appendix B.
func TestAChallengeIsMadeFromItsVerifier(t *testing.T) {
	t.Parallel()
	proof := operation.ProofOf("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
	if proof.Challenge != "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" || proof.Method != "S256" {
		t.Errorf("%+v", proof)
	}
	first, second := operation.NewProof(), operation.NewProof()
	if first.Verifier == second.Verifier {
		t.Error("two proof keys are the same")
	}
	if !regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`).MatchString(first.Verifier) {
		t.Errorf("%q is no verifier", first.Verifier)
	}
}
