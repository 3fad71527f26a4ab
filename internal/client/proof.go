package client

import (
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
)

// NewProof makes the proof key of a request for consent (RFC 7636), where the document has one and the target file does
// not say that the target knows none; nil otherwise.
func (c *Client) NewProof() *operation.Proof {
	authorize := c.First(specs.RoleAuthorize)
	if authorize == nil || c.Target.Settings.PKCE == target.PKCENone {
		return nil
	}
	if _, takes := authorize.ProofInput(specs.ProofChallenge); !takes {
		return nil
	}
	proof := operation.NewProof()
	c.HideProof(proof)
	return proof
}

// HideProof makes a proof key's verifier secret.
func (c *Client) HideProof(proof *operation.Proof) {
	if proof != nil && proof.Verifier != "" {
		c.Secret("verifier", proof.Verifier)
	}
}

// Prove remembers the proof key that a code is exchanged with; nil is none.
func (c *Client) Prove(code string, proof *operation.Proof) {
	c.proof.Store(proof)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.proofs[code] = proof
}

// proofFor is the proof key of the code that a request presents, if its operation takes one. What is no code gets the key of
// the last one, of which it may be a variation, or else a new one: it is to be refused for what it is.
func (c *Client) proofFor(op *operation.Op, tokens map[string]string) *operation.Proof {
	if _, takes := op.ProofInput(specs.ProofVerifier); !takes {
		return nil
	}
	for _, input := range op.Inputs {
		if proof, known := c.proofOf(tokens[input.From.Token]); known {
			return proof
		}
	}
	if last := c.proof.Load(); last != nil {
		return last
	}
	return c.NewProof()
}

func (m *Memory) proofOf(code string) (proof *operation.Proof, known bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	proof, known = m.proofs[code]
	return proof, known
}
