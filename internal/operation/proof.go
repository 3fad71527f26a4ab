package operation

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"

	"gonogo/specs"
)

// Proof is a proof key (RFC 7636): the request for consent shows Challenge and Method, the exchange of its code Verifier.
// An empty part is left out of its request.
type Proof struct{ Verifier, Challenge, Method string }

// The methods that make a challenge of a verifier (RFC 7636 section 4.2).
const (
	MethodS256  = "S256"
	MethodPlain = "plain"
)

// ShortestVerifier and LongestVerifier are how many characters a verifier has (RFC 7636 section 4.1).
const (
	ShortestVerifier = 43
	LongestVerifier  = 128
)

// NewProof makes a proof key that nobody else has, for the method that every server with proof keys has (RFC 7636 section 4.2).
func NewProof() *Proof {
	random := make([]byte, 48)
	_, _ = rand.Read(random) // never fails (Go 1.24)
	return ProofOf(base64.RawURLEncoding.EncodeToString(random))
}

// ProofOf is the proof key of a verifier.
func ProofOf(verifier string) *Proof {
	sum := sha256.Sum256([]byte(verifier))
	return &Proof{Verifier: verifier, Challenge: base64.RawURLEncoding.EncodeToString(sum[:]), Method: MethodS256}
}

// part is what an input carries of the key; nil has no parts.
func (p *Proof) part(part specs.ProofPart) string {
	switch {
	case p == nil:
		return ""
	case part == specs.ProofVerifier:
		return p.Verifier
	case part == specs.ProofChallenge:
		return p.Challenge
	default:
		return p.Method
	}
}
