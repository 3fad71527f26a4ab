package flows

import (
	"slices"
	"strings"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/reports/words"
	"gonogo/specs"
	"gonogo/suites/scene"
)

// renewed: a refresh gives no more than was granted, and without a word that (RFC 6749 section 6). Where refresh tokens come of a user's
// consent, that is asked for a part of the client's scope, if it is known.
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
		granted, scope, _ := f.partly(t)
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
	widened := group.Never("renewed-widened", "a refresh that asks for more than was granted never gets it", func(t *scene.Trial) {
		granted, scope, whole := f.partly(t)
		for i, more := range f.beyond(t, strings.Fields(scope), strings.Fields(whole)) {
			if i > 0 { // each time with a grant of its own, which a refusal may end
				granted, scope, _ = f.partly(t)
			}
			asked := append(strings.Fields(scope), more...)
			reply := f.refresh(t, granted.Value(client.Refresh), strings.Join(asked, " "), "with "+words.A(f.parameter)+" beyond what was granted")
			if !reply.Succeeded() {
				if t.Refused(reply); t.Failed() {
					return
				}
				continue
			}
			t.Collect(granted.Role, reply)
			if got, _ := f.scopeOf(t, reply, strings.Join(asked, " ")); slices.ContainsFunc(strings.Fields(got), func(word string) bool { return !slices.Contains(strings.Fields(scope), word) }) {
				t.Found(reply, "a refusal (4xx), or no more than the scope that was granted", reply.Got()+", with more")
				return
			}
		}
	}, row)
	widened.Requests *= 2 + mostOthers
	if f.op == nil { // each time consent is asked for again, to see what there is
		widened.Requests *= 2
	}
}

// mostOthers is how many of the scopes that the server knows are tried.
const mostOthers = 4

// beyond are lists of words beyond a scope that was granted: the rest of the client's own, one that there is not, and each of those that
// the target file names and the metadata list. One that is refused with the others may be given by itself.
func (f scoped) beyond(t *scene.Trial, granted, whole []string) (beyond [][]string) {
	rest := slices.DeleteFunc(whole, func(word string) bool { return slices.Contains(granted, word) })
	if len(rest) > 0 {
		beyond = append(beyond, rest)
	}
	var others []string
	for _, inputs := range t.Target.Settings.Parameters {
		others = append(others, strings.Fields(inputs[f.parameter])...)
	}
	if reply, _ := metadataOf(t); reply != nil {
		known, _ := listed(reply, reply.Op.Metadata.Scopes, nil)
		others = append(others, known...)
	}
	slices.Sort(others)
	others = slices.DeleteFunc(slices.Compact(others), func(word string) bool {
		return slices.Contains(granted, word) || len(rest) == 1 && rest[0] == word
	})
	beyond = append(beyond, []string{"gonogo-" + scene.Unique()})
	for _, word := range others[:min(len(others), mostOthers)] {
		beyond = append(beyond, []string{word})
	}
	return beyond
}

// refresh asks for a scope.
func (f scoped) refresh(t *scene.Trial, token, scope, doing string) *client.Reply {
	t.AwaitEarliest(token)
	args := operation.Args{Tokens: map[string]string{client.Refresh: token}, More: map[string]string{f.parameter: scope}}
	return t.Call(t.First(specs.RoleRefresh), args, doing)
}

// partly is what a user's consent to a part of the client's scope gives, with the scope that it has, and the client's whole one.
func (f scoped) partly(t *scene.Trial) (grant *client.Grant, scope, whole string) {
	whole, why := f.whole(t)
	if len(strings.Fields(whole)) < 2 {
		return f.partlyBy(t, why)
	}
	grant, scope = f.granted(t, f.words(t)[0], "with a part of the client's "+f.parameter)
	return grant, scope, whole
}

// partlyBy is partly where nothing says what the client's scope is, or it has no parts: it has at least what consent gives as the target file has it asked
// for. Where no part of that can be refreshed, that is what there is, and no whole.
func (f scoped) partlyBy(t *scene.Trial, why string) (grant *client.Grant, scope, whole string) {
	all := t.Renewable("")
	whole, known := f.scopeOf(t, all.Reply, "")
	if !known || whole == "" {
		t.NotApplicable("%s, nor what a user's consent gives", why)
	}
	words := strings.Fields(whole)
	for _, word := range words[:min(len(words)-1, 2)] {
		grant, scope, why := f.tried(t, word, "with a part of the "+f.parameter+" that consent gives")
		if why == "" && len(strings.Fields(scope)) < len(words) {
			return grant, scope, whole
		}
	}
	return all, whole, ""
}

// granted is what a user's consent to a scope gives that can be refreshed, with the scope that it has.
func (f scoped) granted(t *scene.Trial, asked, doing string) (*client.Grant, string) {
	grant, scope, why := f.tried(t, asked, doing)
	if why != "" {
		t.NotApplicable("%s", why)
	}
	return grant, scope
}

// tried is granted; why says why there is none.
func (f scoped) tried(t *scene.Trial, asked, doing string) (grant *client.Grant, scope, why string) {
	code, done := t.AskForCode(scene.Ask{Role: operation.Primary, Inputs: map[string]any{f.parameter: asked}, Doing: doing}, true)
	if code.Value == "" {
		return nil, "", "the target asks no user for such a scope: " + done.Got()
	}
	reply := t.Exchange("", code.Value, doing)
	if !reply.Succeeded() || reply.Tokens[client.Access] == "" {
		t.CouldNotRun("no tokens could be had to check with: %s was answered %s", reply.Op.Name(), reply.Got())
	}
	if grant = t.Collect(operation.Primary, reply); grant.Value(client.Refresh) == "" {
		return nil, "", "the target hands out no refresh token, and need not"
	}
	scope, _ = f.scopeOf(t, reply, asked)
	return grant, scope, ""
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
