package flows

import (
	"fmt"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// The two sides of a lifetime L at which a token is looked at. A target may let it live a minute longer, as
// clock leeway, and never noticeably shorter: one that counts in whole seconds takes the one before for the moment of issue.
func aliveAt(token client.Token) time.Time {
	return token.Sent.Add(token.Lifetime - clamp(token.Lifetime/10, min(2*wholeSecond, token.Lifetime/2), 3*time.Second))
}

// mayEndAt is the first moment at which a token may have ended.
func mayEndAt(token client.Token) time.Time {
	return token.Sent.Add(token.Lifetime - min(wholeSecond, token.Lifetime/4))
}

const wholeSecond = time.Second

func deadAt(token client.Token) time.Time {
	return token.Received.Add(token.Lifetime + client.Lingers(token.Lifetime))
}

func clamp(d, low, high time.Duration) time.Duration { return min(max(d, low), high) }

// observer is a way to find out whether a token lives: an operation that its kind can be shown to. That may spend it, so
// each observation takes a token of its own.
type observer struct {
	op   *operation.Op
	kind string
}

// expiry: a token works until its lifetime ends and not afterwards, whoever is asked.
func expiry(s *scene.Subject, declared specs.Flow) []engine.Case {
	kind, _ := s.Dialect.Token(declared.Token)
	dead := []string{declared.Requirement}
	if own := declared.Params["dead"]; own != "" {
		dead = []string{own}
	}
	dead = append(dead, declared.Lists["also_dead"]...)

	group := s.NewGroup(kind.Name+"-expiry", declared.At).OnTimeline(kind.Name)
	group.Requests = 5
	if _, redirected := kind.At.InLocation(); redirected || s.ByConsent(kind.Name) {
		group.WithConsent()
	}
	for _, o := range observers(s, kind) {
		o.bothSides(group, "", "the "+kind.Noun(), func(t *scene.Trial) client.Token { return specimen(t, kind) }, []string{declared.Requirement}, deadFor(o, declared, dead))
	}
	if _, redirected := kind.At.InLocation(); redirected {
		for _, o := range observers(s, kind) {
			endedForGood(group, o, dead[0])
		}
	}
	slowHuman(s, group, kind, declared.Requirement)
	for _, o := range observers(s, kind) {
		if o.op.Role == specs.RoleUse {
			inUse := group.Never("used-dead-for-"+o.op.ID, fmt.Sprintf("the %s that is used all its life never outlives it at %s", kind.Noun(), group.Where(o.op)), func(t *scene.Trial) {
				endsInUse(t, kind, o, dead[0])
			}, declared.Params["in_use"])
			inUse.Requests = 14 + 5*group.OtherDoors(o.op)
		}
	}
	group.Cases = append(group.Cases, renewedExpiry(s, declared, kind, dead[0])...)
	group.Cases = append(group.Cases, byCodeExpiry(s, declared, kind, dead[0])...)
	group.Cases = append(group.Cases, lateRenewal(s, declared, kind)...)
	group.Cases = append(group.Cases, againHalfway(s, declared, kind)...)
	if own := declared.Params["dead"]; own != "" {
		for _, o := range observers(s, kind) {
			group.Works("halfway-for-"+o.op.ID, fmt.Sprintf("the %s works halfway to its end at %s", kind.Noun(), group.Where(o.op)), func(t *scene.Trial) {
				token := announced(t, specimen(t, kind))
				o.alive(t, token, token.Sent.Add(token.Lifetime/2), "with the "+kind.Noun()+" halfway through its lifetime")
			}, deadFor(o, declared, []string{own})...)
		}
	}
	if access, _ := s.Dialect.Token(client.Access); kind.Name == client.Refresh && access.Lifetime.Documented > 0 {
		group.Never("ends-with-access", "a refresh token never ends together with its access token", func(t *scene.Trial) {
			outlives(t, kind)
		}, declared.Requirement).Awaits.Kind = client.Access
	}
	if other, ok := s.Dialect.Token(declared.Params["outlived_by"]); ok {
		group.Works(other.Name+"-outlives-it", fmt.Sprintf("once the %s has ended, the %s of the same grant still works", kind.Noun(), other.Noun()), func(t *scene.Trial) {
			outlives(t, other)
		}, declared.Requirement).Awaits.Kind = client.Access
	}
	return group.Cases
}

// deadFor are the rows that a token living on at an operation violates: who asks about it may be promised that by a row of its own.
func deadFor(o observer, declared specs.Flow, dead []string) []string {
	if told := declared.Params["told"]; told != "" && o.op.Role == specs.RoleValidate {
		return []string{told}
	}
	return dead
}

// renewedExpiry is expiry for the tokens that a refresh hands out, and a refresh after it: that a server counts from another
// moment there, or not at all, is a mistake of its own. What an answer announces holds for the token in it, whether the
// document wants it announced there or not.
func renewedExpiry(s *scene.Subject, declared specs.Flow, kind specs.TokenKind, dead string) []engine.Case {
	refresh := s.Ops.First(specs.RoleRefresh)
	if refresh == nil || kind.Lifetime.Announced == "" && kind.Lifetime.Documented == 0 || kind.At == "" || !refresh.Describes(kind.At) {
		return nil
	}
	group := s.NewGroup(kind.Name+"-expiry", declared.At).OnTimeline(kind.Name)
	for generation, of := range []struct{ prefix, which string }{
		{"renewed-", "the " + kind.Noun() + " of a refresh"},
		{"renewed-twice-", "the " + kind.Noun() + " of a second refresh"},
	} {
		group.Requests = 6 + generation
		if s.ByConsent(client.Refresh) {
			group.WithConsent()
		}
		for _, o := range observers(s, kind) {
			o.bothSides(group, of.prefix, of.which, func(t *scene.Trial) client.Token { return renewedSpecimen(t, kind, t.Renewable(""), generation+1) }, []string{declared.Requirement}, deadFor(o, declared, []string{dead}))
		}
	}
	return group.Cases
}

// bothSides adds the cases of the two sides of a token's lifetime: which token it is, and where one of its kind comes from.
func (o observer) bothSides(group *scene.Group, prefix, which string, mint func(t *scene.Trial) client.Token, alive, dead []string) {
	group.Works(prefix+"alive-for-"+o.op.ID, fmt.Sprintf("shortly before its lifetime ends, %s works at %s", which, group.Where(o.op)), func(t *scene.Trial) {
		token := announced(t, mint(t))
		o.alive(t, token, aliveAt(token), "")
	}, alive...).Requests += group.OtherDoors(o.op)
	group.Never(prefix+"dead-for-"+o.op.ID, fmt.Sprintf("once its lifetime has ended, %s does not work at %s", which, group.Where(o.op)), func(t *scene.Trial) {
		token := ending(t, mint(t))
		o.dead(t, token)
		if _, redirected := token.Kind.At.InLocation(); t.Failed() || redirected || t.First(specs.RoleIssue) == nil {
			return
		}
		t.Grant(token.Role)
		o.nowDead(t, token, "with the "+token.Kind.Noun()+" that has ended, after a new login")
	}, dead...).Requests += 3 + 2*group.OtherDoors(o.op)
}

// handsOut reports whether an operation's answer is documented to tell how long the token of a kind lives.
func handsOut(op *operation.Op, kind specs.TokenKind) bool {
	at := kind.Lifetime.Announced
	return at != "" && kind.At != "" && (op.Promises(at) || op.Describes(at)) && op.Describes(kind.At)
}

// renewedSpecimen is a token of a grant that was refreshed so often. Where no answer announces how long it lives, a document
// that says it of the kind does not say whether a refresh begins it anew: then it lives at least as long as the first one.
func renewedSpecimen(t *scene.Trial, kind specs.TokenKind, first *client.Grant, times int) client.Token {
	grant := renewedTimes(t, first, times)
	token, ok := grant.Tokens[kind.Name]
	if !ok {
		t.NotApplicable("the answer of the refresh carries no %s", kind.Noun())
	}
	if kind.Lifetime.Announced == "" {
		token.Sent = first.Tokens[kind.Name].Sent
	} else if _, _, announced := grant.Reply.Lifetime(kind); !announced {
		token.Lifetime = 0
	}
	return token
}

// specimen is a token of a kind, minted for one observation.
func specimen(t *scene.Trial, kind specs.TokenKind) client.Token {
	if _, redirected := kind.At.InLocation(); redirected {
		return t.Code("")
	}
	grant := t.FreshGrantOf(kind.Name, "")
	token, ok := grant.Tokens[kind.Name]
	if !ok {
		t.CouldNotRun("the grant carries no %s", kind.Noun())
	}
	if t.CachesTokens() && kind.Lifetime.Announced == "" {
		t.NotExercised("the target hands out live tokens again and does not announce how long this %s has left", kind.Noun())
	}
	return token
}

// announced is a token whose lifetime is known beforehand. What its answer does not announce, and need not, is no promise.
func announced(t *scene.Trial, token client.Token) client.Token {
	if token.Lifetime == 0 {
		t.NotApplicable("the answer with the %s does not announce how long it lives, and need not", token.Kind.Noun())
	}
	return token
}

// ending is a token of which somebody says when it ends: else the answer that it came with, who is asked about it.
func ending(t *scene.Trial, token client.Token) client.Token {
	if validate := t.First(specs.RoleValidate); token.Lifetime == 0 && token.Kind.Name == client.Access && validate != nil && validate.Says.Remaining != "" {
		reply := t.Call(validate, operation.Args{Role: token.Role, Tokens: map[string]string{client.Access: token.Value}}, "to see when it ends")
		value, _ := reply.Value(validate.Says.Remaining)
		if left, _, ok := reply.Remaining(value, validate.Says.Unit); ok && reply.Affirms() && left > 0 {
			token.Lifetime = t.TargetTime(reply.Received).Add(left).Sub(token.Received)
		}
	}
	if token.Lifetime == 0 {
		t.NotExercised("nothing says how long the %s lives", token.Kind.Noun())
	}
	return token
}

// alive waits, looks, and wants the token to work. A look that comes too late, on a machine that was busy, would blame the
// target.
func (o observer) alive(t *scene.Trial, token client.Token, due time.Time, doing string) {
	t.Wait(due)
	if doing == "" {
		doing = aged(token, t.Now().Sub(token.Sent))
	}
	for i, look := range o.looks(t) {
		reply := look(token, doing)
		t.NobodyMovedTheClock(reply)
		if i > 0 && tooLate(t, token, reply) {
			return
		}
		if inTime(t, token, reply); !t.Alive(reply) {
			return
		}
	}
}

// inTime stops a case whose look at a live token came so late that the token may have ended.
func inTime(t *scene.Trial, token client.Token, reply *client.Reply) {
	if tooLate(t, token, reply) {
		t.CouldNotRun("this machine was too busy to look before the lifetime ended")
	}
}

// tooLate reports an answer that holds a token no longer good, at a moment when it may have ended.
func tooLate(t *scene.Trial, token client.Token, reply *client.Reply) bool {
	return !reply.Affirms() && t.TargetTime(reply.Received).After(mayEndAt(token))
}

// dead waits for the token's end, looks, and wants it not to work.
func (o observer) dead(t *scene.Trial, token client.Token) {
	t.Wait(deadAt(token))
	o.nowDead(t, token, aged(token, t.Now().Sub(token.Received)))
}

// nowDead looks, wherever the token can be shown, and wants it not to work.
func (o observer) nowDead(t *scene.Trial, token client.Token, doing string) {
	for _, look := range o.looks(t) {
		if !t.Dead(look(token, doing)) {
			return
		}
	}
}

// looks are all ways to show a token there.
func (o observer) looks(t *scene.Trial) []func(token client.Token, doing string) *client.Reply {
	var all []func(client.Token, string) *client.Reply
	if o.op.Role == specs.RoleUse && o.kind == client.Access {
		for _, door := range t.OpenDoors(o.op) {
			all = append(all, func(token client.Token, doing string) *client.Reply { return t.Show(door, token.Value, doing) })
		}
		return all
	}
	return append(all, func(token client.Token, doing string) *client.Reply { return o.look(t, token, doing) })
}

func (o observer) look(t *scene.Trial, token client.Token, doing string) *client.Reply {
	return t.Call(o.op, operation.Args{Role: token.Role, Tokens: map[string]string{o.kind: token.Value}}, doing)
}

func aged(token client.Token, age time.Duration) string {
	return fmt.Sprintf("with the %s %s after it was handed out", token.Kind.Noun(), age.Round(time.Second))
}

// observers are all operations that a token kind can be shown to.
func observers(s *scene.Subject, kind specs.TokenKind) []observer {
	var all []observer
	for _, op := range s.Ops.All() {
		shown := takes(op, kind.Name)
		switch op.Role {
		case specs.RoleUse:
			shown = carries(op, kind.Name)
		case specs.RoleValidate, specs.RoleRefresh, specs.RoleExchange:
		default:
			continue
		}
		if shown {
			all = append(all, observer{op, kind.Name})
		}
	}
	return all
}

// suffix tells the cases of a further operation of a role from those of the first.
func suffix(i int, op *operation.Op) string {
	if i == 0 {
		return ""
	}
	return "-for-" + op.ID
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
func outlives(t *scene.Trial, kind specs.TokenKind) {
	grant := past(t)
	reply := t.RefreshWith(grant.Role, grant.Value(kind.Name), "with a refresh token whose access token has ended")
	t.NobodyMovedTheClock(reply)
	t.Succeeds(reply)
}

// past is a grant whose access token has ended, and whose refresh token has not. A target file can declare
// lifetimes that leave no such moment.
func past(t *scene.Trial) *client.Grant {
	grant := t.FreshGrantOf(client.Refresh, "")
	access := ending(t, grant.Tokens[client.Access])
	if endsBefore(grant.Tokens[client.Refresh], deadAt(access)) {
		t.NotApplicable("the refresh token ends with the access token or before it")
	}
	t.Wait(deadAt(access))
	return grant
}

// endsBefore reports whether a token is known to end before a moment, or too shortly after it to be looked at.
func endsBefore(token client.Token, moment time.Time) bool {
	return token.Lifetime > 0 && aliveAt(token).Before(moment)
}
