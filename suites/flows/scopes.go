package flows

import (
	"net/http"
	"strings"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/reports/words"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// scopes: whoever is given another scope than he asked for is told which (RFC 6749 section 3.3), and a resource that a scope does
// not reach says so (RFC 6750 section 3.1).
func scopes(s *scene.Subject, declared specs.Flow) []engine.Case {
	f := scoped{s.Ops.First(specs.RoleIssue), declared.Params["parameter"], specs.Pointer(declared.Params["at"])}
	group := s.NewGroup(declared.Name, declared.At)
	group.Requests = 8
	if f.op != nil {
		f.own(group, declared)
	}
	f.renewed(s, group, declared.Params["renewed"])
	return group.Cases
}

// own: what a client is given without a user.
func (f scoped) own(group *scene.Group, declared specs.Flow) {
	group.Works("same-again", "the scope that a client has by itself it can ask for", func(t *scene.Trial) {
		all := f.all(t)
		reply := f.ask(t, all, "with the "+f.parameter+" that it was given before")
		if t.Succeeds(reply) {
			f.agrees(t, reply, all)
		}
	}, declared.Requirement)
	group.Never("other-unnamed", "another scope than the one asked for is never given without a word", func(t *scene.Trial) {
		asked := "gonogo-" + scene.Unique()
		reply := f.ask(t, asked, "with "+words.A(f.parameter)+" that there is not")
		if !reply.Succeeded() {
			t.Refused(reply)
			return
		}
		f.agrees(t, reply, asked)
	}, declared.Requirement)
	group.Never("part-unnamed", "another scope than a part of the client's own is never given for it without a word", func(t *scene.Trial) {
		for _, word := range f.words(t) {
			if reply := f.ask(t, word, "with a part of the client's "+f.parameter); reply.Succeeded() {
				f.agrees(t, reply, word)
			}
		}
	}, declared.Requirement)
	group.Never("too-little", "a token whose scope does not reach is called no bad token", func(t *scene.Trial) {
		var opened bool
		var short *client.Reply
		use := t.First(specs.RoleUse)
		if use == nil {
			t.NotApplicable("the target has nothing that a token opens")
		}
		for _, word := range f.words(t) {
			reply := f.ask(t, word, "with a part of the client's "+f.parameter)
			if !reply.Succeeded() || reply.Tokens[client.Access] == "" {
				continue
			}
			tried := t.Use(use, reply.Tokens[client.Access], "with a live token of a part of the scope")
			if tried.Refused() {
				short = tried
			}
			opened = opened || tried.Succeeded()
		}
		switch {
		case short == nil || !opened:
			t.NotApplicable("no part of the client's scope is too little, or each of them is")
		case short.Status != http.StatusForbidden || !strings.Contains(strings.Join(short.Header.Values("WWW-Authenticate"), ","), "insufficient_scope"):
			t.Found(short, "403, and a WWW-Authenticate with the error insufficient_scope", short.Got())
		}
	}, declared.Params["too_little"])
}

// scoped asks for scopes.
type scoped struct {
	op        *operation.Op
	parameter string
	at        specs.Pointer
}

func (f scoped) ask(t *scene.Trial, scope, doing string) *client.Reply {
	args := operation.Args{}
	if scope != "" {
		args.More = map[string]string{f.parameter: scope}
	}
	reply := t.Call(f.op, args, doing)
	if reply.Succeeded() {
		t.Collect(operation.Primary, reply)
	}
	return reply
}

// all is the scope of a client that asks for none. Where nobody says what it is the case ends.
func (f scoped) all(t *scene.Trial) string {
	scope, why := f.whole(t)
	if scope == "" {
		t.NotApplicable("%s", why)
	}
	return scope
}

// whole is all; where nobody says it is empty, with the reason.
func (f scoped) whole(t *scene.Trial) (scope, why string) {
	if f.op == nil {
		return "", "no client is given a scope of its own"
	}
	reply := f.ask(t, "", "without "+words.A(f.parameter))
	if !reply.Succeeded() {
		return "", "the target wants " + words.A(f.parameter)
	}
	scope, named := reply.Text(f.at)
	if !named {
		scope, _ = f.told(t, reply)
	}
	return scope, "nothing says which scope a client has"
}

// words are the parts of the client's own scope.
func (f scoped) words(t *scene.Trial) []string {
	words := strings.Fields(f.all(t))
	if len(words) < 2 {
		t.NotApplicable("the client's scope has no parts")
	}
	return words[:min(len(words), 3)]
}

// told is the scope that who is asked about a token says it has.
func (f scoped) told(t *scene.Trial, reply *client.Reply) (scope string, known bool) {
	validate := t.First(specs.RoleValidate)
	if validate == nil || reply.Tokens[client.Access] == "" {
		return "", false
	}
	told := t.Use(validate, reply.Tokens[client.Access], "to see its scope")
	if !told.Affirms() {
		return "", false
	}
	return told.Text(f.at)
}

// agrees wants an answer to name the scope of its token, or that to be what was asked for.
func (f scoped) agrees(t *scene.Trial, reply *client.Reply, asked string) {
	named, is := reply.Text(f.at)
	told, known := f.told(t, reply)
	switch {
	case !known:
	case is && !sameWords(named, told):
		t.Found(reply, "at "+string(f.at)+" the scope that its token has", reply.Got()+", with another scope than who is asked about the token says")
	case !is && !sameWords(asked, told):
		t.Found(reply, "at "+string(f.at)+" the scope that was given, as it is not the one asked for", reply.Got()+", without a scope, and the token has another than was asked for")
	}
}
