// Package client is a well-behaved client of a token API: it opens a target, registers, gets tokens, uses, refreshes and
// revokes them, knows how long they live, and finds out what a target does where its document leaves it open.
//
// It must never know what a request is to show: it judges no answer, and what it cannot do it says as an *Unable.
package client

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"gonogo/internal/exchange"
	"gonogo/internal/operation"
	"gonogo/specs"
)

// Sender carries a client's requests: a Connection, or somebody who keeps evidence of what goes through one.
type Sender interface {
	Send(ctx context.Context, req *http.Request) (*exchange.Exchange, error)
	Secret(kind, value string)         // must not be seen in anything that is told
	TargetTime(at time.Time) time.Time // a moment of ours, by the target's clock
}

// Client acts on a target. Clients of one memory know the same and may act at the same time.
type Client struct {
	*Memory
	Sender

	// Heard is told of every answer, and of every request that got none; nil: nobody is.
	Heard func(*operation.Answer)
	// Purpose ends the sentence "no tokens could be had …".
	Purpose string

	proof atomic.Pointer[operation.Proof] // of the last code that this client was given
}

// Call sends an operation's request and reads the answer. doing says what is special about the request; it shows in what
// is told of it. The errors are those of Sender.Send and operation.Request, and *Unable.
func (c *Client) Call(ctx context.Context, op *operation.Op, args operation.Args, doing string) (*Reply, error) {
	if err := c.available(op); err != nil {
		return nil, err
	}
	c.Complete(op, &args)
	req, err := op.Request(ctx, args)
	if lacking, ok := errors.AsType[*operation.NoCredential](err); ok {
		if why := c.Habits().NoAccount; why != "" {
			return nil, broken("there is no account to act as: %s", why)
		}
		return nil, broken("%v", lacking)
	}
	if lacking, ok := errors.AsType[*operation.NoToken](err); ok { // an answer before this one ought to have carried it
		return nil, broken("there is no %s token to send %s with: no answer carried one where the document has it", lacking.Kind, op.Name())
	}
	if err != nil {
		return nil, err
	}
	return c.request(ctx, op, req, op.Account(args), doing)
}

// Complete fills in what requests of an operation carry whatever they are about: whose they are, the key of their code, and how this
// target wants the client to prove itself.
func (c *Client) Complete(op *operation.Op, args *operation.Args) {
	args.Credential = c.Credential
	if args.Proof == nil {
		args.Proof = c.proofFor(op, args.Tokens)
	}
	args.Plain = args.Plain || c.Habits().TakesPlain(op.Path) && !args.InHeader
	args.InBody = args.InBody || c.Habits().BodyClient && !args.InHeader
}

// request sends a request as one of an operation's, for whoever has the name, and reads the answer as Call does.
func (c *Client) request(ctx context.Context, op *operation.Op, req *http.Request, account, doing string) (*Reply, error) {
	x, err := c.Send(ctx, req)
	if x == nil {
		return nil, err
	}
	answer := op.Read(x)
	answer.Account = account
	if err != nil {
		c.hear(answer)
		return nil, err
	}
	answer.Ahead = c.TargetTime(answer.Received).Sub(answer.Received)
	answer.DateStands = c.dateStands(answer)
	Hide(c, answer)
	c.hear(answer)
	return &Reply{Answer: answer, Doing: doing}, nil
}

// Hide makes an answer's tokens secret.
func Hide(at Sender, answer *operation.Answer) {
	for kind, value := range answer.Tokens {
		at.Secret(kind, value)
	}
	for kind, value := range answer.Unusable {
		at.Secret(kind, value)
	}
}

func (c *Client) hear(answer *operation.Answer) {
	if c.Heard != nil {
		c.Heard(answer)
	}
}

// Knock is a request that every target of the dialect answers somehow: an operation that needs a token, without one.
func (c *Client) Knock(ctx context.Context) *http.Request {
	if use := c.First(specs.RoleUse); use != nil {
		if req, err := use.Request(ctx, operation.Args{NoAuth: true, Credential: c.Credential}); err == nil {
			return req
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.Target.BaseURL.String(), nil)
	if err != nil {
		return nil
	}
	return req
}

// Issue gets tokens for a role by the document's issuing operation. An answer without an access token is an *Unable.
func (c *Client) Issue(ctx context.Context, role string) (*Grant, error) {
	op := c.First(specs.RoleIssue)
	if op == nil {
		return nil, notPromised("the document has no operation that issues tokens")
	}
	reply, err := c.Call(ctx, op, operation.Args{Role: role}, "to get tokens")
	if err != nil {
		return nil, err
	}
	if !reply.Succeeded() || reply.Tokens[Access] == "" {
		return nil, unlessAnswered(reply, "no tokens could be had %s: %s was answered %s%s", c.Purpose, op.Name(), reply.Got(), suspect(reply, role))
	}
	return c.Collect(role, reply), nil
}

// suspect points at the target file when credentials that nobody has seen work are refused. The primary ones are seen to
// before anything else.
func suspect(reply *Reply, role string) string {
	if !reply.Refused() || role == "" || role == operation.Primary {
		return ""
	}
	return "; check credentials." + role + " in the target file"
}

// Refresh calls the refresh operation with any value, of a role. Whether the target takes it this early is the caller's
// affair; see Earliest.
func (c *Client) Refresh(ctx context.Context, role, value, doing string) (*Reply, error) {
	op := c.First(specs.RoleRefresh)
	if op == nil {
		return nil, notPromised("the document has no refresh operation")
	}
	if value == "" {
		return nil, broken("the grant carries no refresh token")
	}
	reply, err := c.Call(ctx, op, operation.Args{Role: role, Tokens: map[string]string{Refresh: value}}, doing)
	if err == nil && reply.Succeeded() {
		c.Spend(value)
	}
	return reply, err
}

// Renew refreshes a grant, and returns the tokens it is followed by. A refresh that does not succeed is an *Unable.
func (c *Client) Renew(ctx context.Context, grant *Grant, doing string) (*Grant, error) {
	reply, err := c.Refresh(ctx, grant.Role, grant.Value(Refresh), doing)
	if err != nil {
		return nil, err
	}
	if !reply.Succeeded() {
		return nil, unlessAnswered(reply, "the refresh did not succeed: %s", reply.Got())
	}
	return c.Collect(grant.Role, reply), nil
}

// Use calls an operation that a token authorizes, or asks one that says whether it is valid.
func (c *Client) Use(ctx context.Context, op *operation.Op, access, doing string) (*Reply, error) {
	return c.Call(ctx, op, operation.Args{Tokens: map[string]string{Access: access}}, doing)
}

// Revoke ends the session of a grant. Its tokens count as used up, whatever the answer is.
func (c *Client) Revoke(ctx context.Context, op *operation.Op, grant *Grant) (*Reply, error) {
	held := grant.Held()
	reply, err := c.Call(ctx, op, operation.Args{Role: grant.Role, Tokens: held}, "to end the session")
	for _, value := range held {
		c.Spend(value)
	}
	return reply, err
}
