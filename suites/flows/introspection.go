package flows

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// introspection: what a server tells of a token when it is asked (RFC 7662 section 2.2). What it tells agrees with what the
// token was issued with; what it does not tell it need not.
func introspection(s *scene.Subject, declared specs.Flow) []engine.Case {
	validate := s.Ops.First(specs.RoleValidate)
	if validate == nil {
		return nil
	}
	group := s.NewGroup(declared.Name, declared.At)
	for _, role := range []string{operation.Primary, scene.Second} {
		name := "agrees"
		own := s.NewGroup(declared.Name, declared.At)
		if role != operation.Primary {
			name += "-for-" + role
			own.WithSecond()
		}
		own.Works(name, "what is told of a live token agrees with what it was issued with", func(t *scene.Trial) {
			grant := t.Grant(role)
			issue := t.First(specs.RoleIssue)
			if words := scopeOf(t, grant); issue != nil && len(words) > 1 { // a part of it
				part := t.Call(issue, operation.Args{Role: role, More: map[string]string{scopeParameter(t): words[0]}}, "with a part of the scope")
				if part.Succeeded() && part.Tokens[client.Access] != "" {
					of := t.Collect(role, part)
					if told := t.Use(validate, of.Value(client.Access), "with a live token of a part of the scope"); told.Affirms() {
						agrees(t, declared, of, told)
					}
				}
			}
			reply := t.Use(validate, grant.Value(client.Access), "with a live token of "+role)
			if !reply.Affirms() {
				if role != operation.Primary {
					t.NotApplicable("the target tells nothing of another client's token, and need not")
				}
				t.BrokeAsDocumented(reply, "a live token is not reported valid: %s", reply.Got())
			}
			agrees(t, declared, grant, reply)
		}, declared.Requirement)
		group.Cases = append(group.Cases, own.Cases...)
	}
	group.Never("inactive-tells-nothing", "of a token that is not valid nothing else is told", func(t *scene.Trial) {
		for _, wrong := range []struct{ what, value string }{
			{"with an unknown token", scene.Unknown(t.Grant(operation.Primary).Value(client.Access))},
			{"with garbage for the token", scene.Garbage},
		} {
			t.Secret("wrong token", wrong.value)
			reply := t.Use(validate, wrong.value, wrong.what)
			if more := toldBeside(reply.Answer); more != "" {
				t.Found(reply, fmt.Sprintf("%s alone", reply.Op.Says.Valid), more)
			}
		}
	}, declared.Params["silent"])
	group.Works("wrong-hint", "a wrong hint at its type hides no live token", func(t *scene.Trial) {
		live := t.Grant(operation.Primary).Value(client.Access)
		for _, hint := range declared.Lists["hints"] {
			args := operation.Args{Tokens: map[string]string{client.Access: live}, More: map[string]string{declared.Params["parameter"]: hint}}
			t.Valid(t.Call(validate, args, "with a live token and the hint "+hint))
		}
	}, declared.Params["hint"])
	return append(group.Cases, ofRefresh(s, declared, validate)...)
}

// silentOfDead is the row that nothing but that is told of a token that is not valid; empty: there is none.
func silentOfDead(s *scene.Subject) string {
	flow, _ := s.Dialect.Flow("introspection")
	return flow.Params["silent"]
}

// nothingOfDead looks over every answer of the run: of tokens that have ended, were used or revoked there is most to tell.
func nothingOfDead(t *scene.Trial) {
	over(t, func(e scene.Entry, said *remarks) {
		if more := toldBeside(e.Answer); more != "" {
			said.add(t, e, fmt.Sprintf("%s alone", e.Answer.Op.Says.Valid), more)
		}
	})
}

// toldBeside names what an answer that calls a token not valid says beside that.
func toldBeside(answer *operation.Answer) string {
	said, ok := answer.JSON()
	members, is := said.(map[string]any)
	if answer.Op.Role != specs.RoleValidate || !ok || !is || !answer.Succeeded() || len(members) < 2 {
		return ""
	}
	if valid, _ := answer.Value(answer.Op.Says.Valid); valid != false {
		return ""
	}
	var more []string
	for name := range members {
		if specs.Pointer("/"+name) != answer.Op.Says.Valid {
			more = append(more, name)
		}
	}
	slices.Sort(more)
	return "beside it " + strings.Join(more, ", ")
}

// scopeParameter is what a scope is asked for by, empty if the document does not say.
func scopeParameter(t *scene.Trial) string {
	flow, _ := t.Dialect.Flow("scope")
	return flow.Params["parameter"]
}

// scopeOf are the words of a grant's scope, where a document has scopes.
func scopeOf(t *scene.Trial, grant *client.Grant) []string {
	flow, declared := t.Dialect.Flow("scope")
	if !declared {
		return nil
	}
	scope, _ := grant.Reply.Text(specs.Pointer(flow.Params["at"]))
	return strings.Fields(scope)
}

// exact is how far moments that two answers tell may lie apart: whole seconds, rounded either way, and the way between them.
const exact = 5 * time.Second

func agrees(t *scene.Trial, declared specs.Flow, grant *client.Grant, reply *client.Reply) {
	token, says := grant.Tokens[client.Access], reply.Op.Says
	differs := func(at specs.Pointer, wanted, got string) {
		t.Found(reply, fmt.Sprintf("%s, if it is there, %s", at, wanted), got)
	}
	whose(t, declared, grant, reply)
	for _, text := range declared.Lists["repeats"] {
		at := specs.Pointer(text)
		said, issued := grant.Reply.Text(at)
		if told, is := reply.Text(at); is && issued && !sameWords(told, said) {
			differs(at, "as in the answer that carried the token", "another value")
		}
	}
	if value, told := reply.Value(says.Remaining); told && says.Remaining != "" && token.Lifetime > 0 {
		left := token.Lifetime - t.TargetTime(reply.Received).Sub(token.Received)
		if remaining, written, ok := reply.Remaining(value, says.Unit); !ok {
			differs(says.Remaining, "in "+string(says.Unit), "something else")
		} else if (remaining - left).Abs() > exact {
			differs(says.Remaining, "in "+left.Round(time.Second).String()+", when the token ends", written+", which is in "+remaining.Round(time.Second).String())
		}
	}
	if at := specs.Pointer(declared.Params["issued"]); at != "" {
		if value, told := reply.Value(at); told {
			since, written, ok := reply.Remaining(value, specs.Epoch)
			age := t.TargetTime(reply.Received).Sub(token.Sent)
			if !ok {
				differs(at, "in seconds since 1970", "something else")
			} else if !t.CachesTokens() && (since+age).Abs() > exact {
				differs(at, "when the token was issued, "+age.Round(time.Second).String()+" ago", written+", which is "+(-since).Round(time.Second).String()+" ago")
			}
		}
	}
}

// sameWords compares lists of words of which the order, and the case of the only one, say nothing.
func sameWords(a, b string) bool {
	return sortedWords(a) == sortedWords(b)
}

func sortedWords(text string) string {
	words := strings.Fields(strings.ToLower(text))
	slices.Sort(words)
	return strings.Join(words, " ")
}
