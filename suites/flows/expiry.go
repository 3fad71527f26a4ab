package flows

import (
	"fmt"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// The two sides of a lifetime L at which a token is looked at. A target may let it live a minute longer, as
// clock leeway, and never noticeably shorter.
func aliveAt(token client.Token) time.Time {
	return token.Sent.Add(token.Lifetime - clamp(token.Lifetime/10, time.Second, 3*time.Second))
}

func deadAt(token client.Token) time.Time {
	return token.Received.Add(token.Lifetime + clamp(token.Lifetime/10, time.Second, 65*time.Second))
}

func clamp(d, low, high time.Duration) time.Duration { return min(max(d, low), high) }

// observer is a way to find out whether a token lives. It may spend it, so each observation takes a token of
// its own.
type observer struct {
	op    *operation.Op
	look  func(a *scene.Act, token client.Token, doing string) (*client.Reply, error)
	alive func(a *scene.Act, reply *client.Reply)
	dead  func(a *scene.Act, reply *client.Reply) error
}

// expiry: a token works until its lifetime ends and not afterwards, whoever is asked.
func expiry(s *scene.Subject, declared specs.Flow) []engine.Case {
	kind, _ := s.Dialect.Token(declared.Token)
	alive, dead := []string{declared.Requirement}, []string{declared.Requirement}
	if own := declared.Params["dead"]; own != "" {
		dead = []string{own}
	}
	dead = append(dead, declared.Lists["also_dead"]...)

	book := s.NewBook(kind.Name+"-expiry", declared.At)
	book.Phase, book.Needs, book.Requests = engine.Timeline, []target.Need{target.NeedTime}, 5
	book.Claims = append(book.Claims, engine.Shares("clock"))
	if _, redirected := kind.At.InLocation(); redirected {
		book.WithConsent()
	}
	for _, o := range observers(s, kind) {
		book.Works("alive-for-"+o.op.ID, fmt.Sprintf("shortly before its lifetime ends, the %s token works at %s", kind.Name, o.op.Name()), func(a *scene.Act) error {
			token, err := specimen(a, kind)
			if err != nil {
				return err
			}
			reply, err := lookAlive(a, o, token)
			if err == nil {
				o.alive(a, reply)
			}
			return err
		}, alive...)
		book.Never("dead-for-"+o.op.ID, fmt.Sprintf("once its lifetime has ended, the %s token does not work at %s", kind.Name, o.op.Name()), func(a *scene.Act) error {
			token, err := specimen(a, kind)
			if err != nil {
				return err
			}
			return lookDead(a, o, token)
		}, dead...)
	}
	for _, o := range observers(s, kind) {
		if o.op.Role == specs.RoleUse {
			inUse := book.Never("used-dead-for-"+o.op.ID, fmt.Sprintf("the %s token that is used all its life never outlives it at %s", kind.Name, o.op.Name()), func(a *scene.Act) error {
				return endsInUse(a, kind, o)
			}, declared.Params["in_use"])
			inUse.Requests = 10
		}
	}
	book.Cases = append(book.Cases, renewedExpiry(s, declared, kind, dead[0])...)
	book.Cases = append(book.Cases, lateRenewal(s, declared, kind)...)
	if own := declared.Params["dead"]; own != "" {
		for _, o := range observers(s, kind) {
			book.Works("halfway-for-"+o.op.ID, fmt.Sprintf("the %s token works halfway to its end at %s", kind.Name, o.op.Name()), func(a *scene.Act) error {
				token, err := specimen(a, kind)
				if err != nil {
					return err
				}
				reply, err := lookAliveAt(a, o, token, token.Sent.Add(token.Lifetime/2), "with the "+kind.Name+" token halfway through its lifetime")
				if err == nil {
					o.alive(a, reply)
				}
				return err
			}, own)
		}
	}
	if access, _ := s.Dialect.Token(client.Access); kind.Name == client.Refresh && access.Lifetime.Documented > 0 {
		book.Never("ends-with-access", "a refresh token never ends together with its access token", func(a *scene.Act) error {
			return outlives(a, kind)
		}, declared.Requirement)
	}
	if other, ok := s.Dialect.Token(declared.Params["outlived_by"]); ok {
		book.Works(other.Name+"-outlives-it", fmt.Sprintf("once the %s token has ended, the %s token of the same grant still works", kind.Name, other.Name), func(a *scene.Act) error {
			return outlives(a, other)
		}, declared.Requirement)
	}
	return book.Cases
}

// renewedExpiry is expiry for the tokens that a refresh hands out, of which the document says how long they live:
// that a server counts from another moment there, or not at all, is a mistake of its own.
func renewedExpiry(s *scene.Subject, declared specs.Flow, kind specs.TokenKind, dead string) []engine.Case {
	refresh := s.Ops.First(specs.RoleRefresh)
	if refresh == nil || !handsOut(refresh, kind) {
		return nil
	}
	book := s.NewBook(kind.Name+"-expiry", declared.At)
	book.Phase, book.Needs, book.Requests = engine.Timeline, []target.Need{target.NeedTime}, 6
	book.Claims = append(book.Claims, engine.Shares("clock"))
	for _, o := range observers(s, kind) {
		book.Works("renewed-alive-for-"+o.op.ID, fmt.Sprintf("shortly before its lifetime ends, the %s token of a refresh works at %s", kind.Name, o.op.Name()), func(a *scene.Act) error {
			token, err := renewedSpecimen(a, kind)
			if err != nil {
				return err
			}
			reply, err := lookAlive(a, o, token)
			if err == nil {
				o.alive(a, reply)
			}
			return err
		}, declared.Requirement)
		book.Never("renewed-dead-for-"+o.op.ID, fmt.Sprintf("once its lifetime has ended, the %s token of a refresh does not work at %s", kind.Name, o.op.Name()), func(a *scene.Act) error {
			token, err := renewedSpecimen(a, kind)
			if err != nil {
				return err
			}
			return lookDead(a, o, token)
		}, dead)
	}
	return book.Cases
}

// handsOut reports whether an operation's answer is documented to tell how long the token of a kind lives.
func handsOut(op *operation.Op, kind specs.TokenKind) bool {
	at := kind.Lifetime.Announced
	return at != "" && kind.At != "" && (op.Promises(at) || op.Describes(at)) && op.Describes(kind.At)
}

func renewedSpecimen(a *scene.Act, kind specs.TokenKind) (client.Token, error) {
	grant, err := refreshed(a)
	if err != nil {
		return client.Token{}, err
	}
	token, ok := grant.Tokens[kind.Name]
	if !ok || token.Lifetime == 0 {
		return client.Token{}, engine.NotApplicable("the answer of the refresh carries no %s token with a lifetime", kind.Name)
	}
	if _, _, announced := grant.Reply.Lifetime(kind); !announced {
		return client.Token{}, engine.NotApplicable("the answer of the refresh does not announce how long the %s token lives, and need not", kind.Name)
	}
	return token, nil
}

// specimen is a token of a kind, minted for one observation.
func specimen(a *scene.Act, kind specs.TokenKind) (client.Token, error) {
	if _, redirected := kind.At.InLocation(); redirected {
		return a.Code("")
	}
	grant, err := a.FreshGrant("")
	if err != nil {
		return client.Token{}, err
	}
	token, ok := grant.Tokens[kind.Name]
	if !ok {
		return client.Token{}, engine.CouldNotRun("the grant carries no %s token", kind.Name)
	}
	if a.CachesTokens() && kind.Lifetime.Announced == "" {
		return client.Token{}, engine.NotExercised("the target hands out live tokens again and does not announce how long this %s token has left", kind.Name)
	}
	if token.Lifetime == 0 {
		return client.Token{}, engine.CouldNotRun("nothing says how long the %s token lives", kind.Name)
	}
	return token, nil
}

// lookAlive waits and looks. A look that comes too late, on a machine that was busy, would blame the target.
func lookAlive(a *scene.Act, o observer, token client.Token) (*client.Reply, error) {
	return lookAliveAt(a, o, token, aliveAt(token), "")
}

func lookAliveAt(a *scene.Act, o observer, token client.Token, due time.Time, doing string) (*client.Reply, error) {
	if err := a.Wait(a.Context(), due); err != nil {
		return nil, err
	}
	if doing == "" {
		doing = aged(token, a.Now().Sub(token.Sent))
	}
	reply, err := o.look(a, token, doing)
	if err != nil {
		return nil, err
	}
	if err := a.MovedByOthers(reply); err != nil {
		return nil, err
	}
	return reply, inTime(a, token, reply)
}

// inTime stops a case whose look at a live token came so late that the token may have ended.
func inTime(a *scene.Act, token client.Token, reply *client.Reply) error {
	if late := a.TargetTime(reply.Received).Sub(token.Sent.Add(token.Lifetime)); late > -200*time.Millisecond {
		return engine.CouldNotRun("this machine was too busy to look before the lifetime ended")
	}
	return nil
}

func lookDead(a *scene.Act, o observer, token client.Token) error {
	if err := a.Wait(a.Context(), deadAt(token)); err != nil {
		return err
	}
	reply, err := o.look(a, token, aged(token, a.Now().Sub(token.Received)))
	if err != nil {
		return err
	}
	return o.dead(a, reply)
}

func aged(token client.Token, age time.Duration) string {
	return fmt.Sprintf("with the %s token %s after it was handed out", token.Kind.Name, age.Round(time.Second))
}

// observers are all operations that a token kind can be shown to.
func observers(s *scene.Subject, kind specs.TokenKind) []observer {
	var all []observer
	for _, op := range s.Ops.All() {
		switch {
		case op.Role == specs.RoleUse && carries(op, kind.Name):
			all = append(all, observer{op,
				func(a *scene.Act, token client.Token, doing string) (*client.Reply, error) {
					return a.Use(op, token.Value, doing)
				},
				func(a *scene.Act, reply *client.Reply) { a.Succeeds(reply) },
				func(a *scene.Act, reply *client.Reply) error { a.Unauthorized(reply, false); return nil },
			})
		case op.Role == specs.RoleValidate && takes(op, kind.Name):
			all = append(all, observer{op,
				call(op, kind.Name),
				func(a *scene.Act, reply *client.Reply) { a.Valid(reply) },
				func(a *scene.Act, reply *client.Reply) error { a.NotValid(reply); return nil },
			})
		case (op.Role == specs.RoleRefresh || op.Role == specs.RoleExchange) && takes(op, kind.Name):
			all = append(all, observer{op,
				call(op, kind.Name),
				func(a *scene.Act, reply *client.Reply) { a.Succeeds(reply) },
				func(a *scene.Act, reply *client.Reply) error {
					_, err := a.RefusedFor(reply, specs.WrongToken)
					return err
				},
			})
		}
	}
	return all
}

func call(op *operation.Op, kind string) func(*scene.Act, client.Token, string) (*client.Reply, error) {
	return func(a *scene.Act, token client.Token, doing string) (*client.Reply, error) {
		return a.Call(op, operation.Args{Role: token.Role, Tokens: map[string]string{kind: token.Value}}, doing)
	}
}

func carries(op *operation.Op, kind string) bool {
	_, ok := op.Carrier(kind)
	return ok
}

func takes(op *operation.Op, kind string) bool {
	_, ok := op.TakenBy(kind)
	return ok
}

// outlives: the access token has ended, and the refresh token still does what it is for.
func outlives(a *scene.Act, kind specs.TokenKind) error {
	grant, err := past(a)
	if err != nil {
		return err
	}
	reply, err := a.RefreshWith(grant.Role, grant.Value(kind.Name), "with a refresh token whose access token has ended")
	if err == nil {
		err = a.MovedByOthers(reply)
	}
	if err != nil {
		return err
	}
	a.Succeeds(reply)
	return nil
}

// past is a grant whose access token has ended, and whose refresh token has not. A target file can declare
// lifetimes that leave no such moment.
func past(a *scene.Act) (*client.Grant, error) {
	grant, err := a.FreshGrant("")
	if err != nil {
		return nil, err
	}
	access := grant.Tokens[client.Access]
	if access.Lifetime == 0 {
		return nil, engine.CouldNotRun("nothing says how long the access token lives")
	}
	if endsBefore(grant.Tokens[client.Refresh], deadAt(access)) {
		return nil, engine.NotApplicable("the refresh token ends with the access token or before it")
	}
	return grant, a.Wait(a.Context(), deadAt(access))
}

// endsBefore reports whether a token is known to end before a moment, or too shortly after it to be looked at.
func endsBefore(token client.Token, moment time.Time) bool {
	return token.Lifetime > 0 && aliveAt(token).Before(moment)
}
