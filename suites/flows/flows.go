// Package flows is the library of what takes more than one request to check, a file for each flow.
//
// A flow knows the standards' words for tokens, codes and consent; it must never know a dialect: everything
// particular comes from the document's declaration.
package flows

import (
	"slices"

	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// flow makes the cases of one declaration in a document.
type flow func(s *scene.Subject, declared specs.Flow) []engine.Case

// library is every flow that a document can declare, by the name it declares it under.
var library = map[string]flow{
	"lifetimes":           lifetimes,
	"uniqueness":          uniqueness,
	"rotation":            rotation,
	"countdown":           countdown,
	"expiry":              expiry,
	"secret-regeneration": secretRegeneration,
	"identity":            identity,
	"redirect-safety":     redirectSafety,
	"state":               state,
	"refusal":             refusal,
	"popup":               popup,
	"code-use":            codeUse,
	"code-binding":        codeBinding,
	"client-binding":      clientBinding,
	"placement":           placement,
	"registration":        registration,
	"envelope":            envelope,
	"jwt":                 jwtFlow,
	"revocation":          revocation,
	"allow-list":          allowList,

	"client-authentication": clientAuthentication,
	"parameters":            parameters,
	"scope":                 scopes,
	"bearer":                bearer,
	"introspection":         introspection,
	"response-type":         responseType,
	"metadata":              metadata,
	"proof-key":             proofKey,
	"public-client":         publicClient,
	"deprecated":            deprecated,
	"consent-page":          consentPage,
	"jwt-access-token":      jwtProfile,
	"at-most":               atMost,
	"issuer":                issuer,
}

// Names lists the flows that a document can declare.
func Names() []string {
	names := make([]string, 0, len(library))
	for name := range library {
		names = append(names, name)
	}
	return names
}

// Cases makes the cases of every flow that the document declares, then of those that its roles imply, then
// those that look over everything that was sent.
func Cases(s *scene.Subject) []engine.Case {
	var cases []engine.Case
	lacking := func(role specs.Role) bool { return s.Ops.First(role) == nil } // the target file says that there is none
	for _, declared := range s.Dialect.Flows {
		if make, known := library[declared.Name]; known && !slices.ContainsFunc(declared.Needs(), lacking) {
			cases = append(cases, make(s, declared)...)
		}
	}
	cases = append(cases, renewal(s)...)
	cases = append(cases, usedAgain(s)...)
	cases = append(cases, byCodeUse(s)...)
	cases = append(cases, bystanders(s)...)
	cases = append(cases, authorization(s)...)
	return append(cases, audit(s)...)
}
