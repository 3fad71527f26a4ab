package flows

import (
	"slices"
	"strings"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/scene"
)

// renewed: a refresh gives no more than was granted, and without a word that (RFC 6749 section 6). Where refresh tokens come of a user's
// consent, that is asked for a part of the client's scope.
func (f scoped) renewed(s *scene.Subject, group *scene.Group, row string) {
	authorize := s.Ops.First(specs.RoleAuthorize)
	if s.Ops.First(specs.RoleRefresh) == nil || authorize == nil || s.Ops.First(specs.RoleExchange) == nil {
		return
	}
	if _, takes := authorize.Input(f.parameter); !takes {
		return
	}
	group.WithConsent()
	group.Works("renewed-same", "the token of a refresh has the scope that was granted, if no other is asked for", func(t *scene.Trial) {
		granted, scope := f.partly(t)
		next := t.Renewed(granted)
		if got, known := f.scopeOf(t, next.Reply, scope); known && !sameWords(got, scope) {
			t.Found(next.Reply, "a token with the scope that was granted", next.Reply.Got()+", with another scope")
		}
	}, row)
	group.Never("renewed-widened", "a refresh that asks for more than was granted never gets it", func(t *scene.Trial) {
		for _, more := range []string{f.all(t), "gonogo-" + scene.Unique()} {
			granted, scope := f.partly(t)
			asked := strings.Join(slices.Compact(append(strings.Fields(scope), strings.Fields(more)...)), " ")
			args := operation.Args{Tokens: map[string]string{client.Refresh: granted.Value(client.Refresh)}, More: map[string]string{f.parameter: asked}}
			reply := t.Call(t.First(specs.RoleRefresh), args, "with a "+f.parameter+" beyond what was granted")
			if !reply.Succeeded() {
				if t.Refused(reply); t.Failed() {
					return
				}
				continue
			}
			t.Collect(granted.Role, reply)
			if got, _ := f.scopeOf(t, reply, asked); slices.ContainsFunc(strings.Fields(got), func(word string) bool { return !slices.Contains(strings.Fields(scope), word) }) {
				t.Found(reply, "a refusal (4xx), or no more than the scope that was granted", reply.Got()+", with more")
				return
			}
		}
	}, row).Requests *= 2
}

// partly is what a user's consent to a part of the client's scope gives, with the scope that it has.
func (f scoped) partly(t *scene.Trial) (*client.Grant, string) {
	part := f.words(t)[0]
	code, done := t.AskForCode(scene.Ask{Role: operation.Primary, Inputs: map[string]any{f.parameter: part}, Doing: "with a part of the client's " + f.parameter}, true)
	if code.Value == "" {
		t.NotApplicable("the target asks no user for a part of the client's scope: %s", done.Got())
	}
	reply := t.Exchange("", code.Value, "for a part of the scope")
	if !reply.Succeeded() || reply.Tokens[client.Access] == "" {
		t.CouldNotRun("no tokens could be had to check with: %s was answered %s", reply.Op.Name(), reply.Got())
	}
	grant := t.Collect(operation.Primary, reply)
	if grant.Value(client.Refresh) == "" {
		t.NotApplicable("the target hands out no refresh token, and need not")
	}
	scope, _ := f.scopeOf(t, reply, part)
	if len(strings.Fields(scope)) >= len(strings.Fields(f.all(t))) {
		t.NotApplicable("who asks for a part of the scope is given all of it")
	}
	return grant, scope
}

// scopeOf is the scope of the token in an answer: what who is asked about it says, else what the answer names, else what was asked for;
// known is false for the last.
func (f scoped) scopeOf(t *scene.Trial, reply *client.Reply, asked string) (scope string, known bool) {
	if told, knows := f.told(t, reply); knows {
		return told, true
	}
	if named, is := reply.Text(f.at); is {
		return named, true
	}
	return asked, false
}
