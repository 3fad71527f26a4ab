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
	group.Works("renewed-narrowed", "a refresh that asks for less than was granted leaves the rest to the next one", func(t *scene.Trial) {
		all := f.all(t)
		granted, scope := f.granted(t, all, "with the client's whole "+f.parameter)
		part := strings.Fields(scope)
		if len(part) < 2 {
			t.NotApplicable("the scope that was granted has no parts")
		}
		narrow := f.refresh(t, granted.Value(client.Refresh), part[0], "with a part of the "+f.parameter+" that was granted")
		if !narrow.Succeeded() {
			t.NotApplicable("the target refuses a refresh for a part of what was granted")
		}
		if got, known := f.scopeOf(t, narrow, part[0]); known && sameWords(got, scope) {
			t.NotApplicable("a refresh that asks for a part of the scope is given all of it")
		}
		next := t.Collect(granted.Role, narrow)
		if next.Value(client.Refresh) == "" {
			next.Tokens[client.Refresh] = granted.Tokens[client.Refresh] // it goes on to be good
		}
		last := t.Renewed(next)
		if got, known := f.scopeOf(t, last.Reply, scope); known && !sameWords(got, scope) {
			t.Found(last.Reply, "a token with the scope that was granted, which the refresh token keeps", last.Reply.Got()+", with another scope")
		}
	}, row)
	group.Never("renewed-widened", "a refresh that asks for more than was granted never gets it", func(t *scene.Trial) {
		for _, more := range []string{f.all(t), "gonogo-" + scene.Unique()} {
			granted, scope := f.partly(t)
			asked := strings.Join(slices.Compact(append(strings.Fields(scope), strings.Fields(more)...)), " ")
			reply := f.refresh(t, granted.Value(client.Refresh), asked, "with a "+f.parameter+" beyond what was granted")
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

// refresh asks for a scope.
func (f scoped) refresh(t *scene.Trial, token, scope, doing string) *client.Reply {
	t.AwaitEarliest(token)
	args := operation.Args{Tokens: map[string]string{client.Refresh: token}, More: map[string]string{f.parameter: scope}}
	return t.Call(t.First(specs.RoleRefresh), args, doing)
}

// partly is what a user's consent to a part of the client's scope gives, with the scope that it has.
func (f scoped) partly(t *scene.Trial) (*client.Grant, string) {
	grant, scope := f.granted(t, f.words(t)[0], "with a part of the client's "+f.parameter)
	if len(strings.Fields(scope)) >= len(strings.Fields(f.all(t))) {
		t.NotApplicable("who asks for a part of the scope is given all of it")
	}
	return grant, scope
}

// granted is what a user's consent to a scope gives that can be refreshed, with the scope that it has.
func (f scoped) granted(t *scene.Trial, asked, doing string) (*client.Grant, string) {
	code, done := t.AskForCode(scene.Ask{Role: operation.Primary, Inputs: map[string]any{f.parameter: asked}, Doing: doing}, true)
	if code.Value == "" {
		t.NotApplicable("the target asks no user for such a scope: %s", done.Got())
	}
	reply := t.Exchange("", code.Value, doing)
	if !reply.Succeeded() || reply.Tokens[client.Access] == "" {
		t.CouldNotRun("no tokens could be had to check with: %s was answered %s", reply.Op.Name(), reply.Got())
	}
	grant := t.Collect(operation.Primary, reply)
	if grant.Value(client.Refresh) == "" {
		t.NotApplicable("the target hands out no refresh token, and need not")
	}
	scope, _ := f.scopeOf(t, reply, asked)
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
