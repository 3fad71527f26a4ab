package load

import (
	"context"
	"errors"

	"gonogo/internal/client"
	"gonogo/internal/consent"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
)

// byCode is how tokens are had that no operation issues against credentials: a user consents, and the code that comes of
// it is exchanged.
type byCode struct {
	authorize *operation.Op
	kind      specs.TokenKind // of the code
}

// consenting finds out whether a document has all that it takes; nil if it has not.
func consenting(d *specs.Dialect, ops *operation.Set) *byCode {
	authorize := ops.First(specs.RoleAuthorize)
	if authorize == nil || ops.First(specs.RoleExchange) == nil {
		return nil
	}
	b := &byCode{authorize: authorize}
	b.kind, _ = d.Token(authorize.Yields)
	return b
}

// drives is who consents, again and again; nil where it is somebody who would have to be asked each time.
func drives(c target.Consent) consent.Driver {
	switch c.Mode {
	case target.ConsentForm:
		return consent.Form()
	case target.ConsentCommand:
		return consent.Command(c.Command)
	}
	return nil
}

// consented has the user approve, and returns the code and the proof key that it is exchanged with.
func (a *account) consented(ctx context.Context) (code string, proof *operation.Proof, err error) {
	b := a.offer.code
	proof = a.client.NewProof()
	request, err := b.authorize.Request(ctx, operation.Args{Role: operation.Primary, Proof: proof, Credential: a.client.Credential})
	if err != nil {
		return "", nil, err
	}
	result, err := drives(a.offer.target.Consent).Decide(ctx, a.connection, a.client.Walk(request.URL, operation.Primary, consent.Approve))
	name, _ := b.kind.At.InLocation()
	code = result.Params.Get(name)
	a.connection.Redactor.Add(b.kind.Name, code)
	var lost *consent.Error
	switch {
	case errors.As(err, &lost):
		return "", nil, shortOf("no user could consent before the attack: %s", a.connection.Redactor.Answer(lost.Error()))
	case err != nil:
		return "", nil, a.short(ctx, b.authorize.Name(), err)
	case code == "":
		return "", nil, shortOf("no code could be had before the attack: the user's consent ended without one")
	}
	return code, proof, nil
}

// grant asks for tokens, in the way of a call.
func (a *account) grant(ctx context.Context, c *call) (*client.Reply, error) {
	if !c.byCode() {
		return a.send(ctx, c.op, nil)
	}
	code, proof, err := a.consented(ctx)
	if err != nil {
		return nil, err
	}
	return a.sendWith(ctx, c.op, operation.Args{Tokens: map[string]string{a.offer.code.kind.Name: code}, Proof: proof})
}

// reached finds out whether the target answers at all, whatever it does.
func (a *account) reached(ctx context.Context) error {
	var tokens map[string]string
	if a.offer.begins.byCode() {
		tokens = map[string]string{a.offer.code.kind.Name: "none"}
	}
	_, err := a.send(ctx, a.offer.begins.op, tokens)
	return err
}
