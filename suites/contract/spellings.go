package contract

import (
	"fmt"
	"strings"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/suites/scene"
)

// spellings of a path that some servers, or proxies before them, take for the same: who guards the one may forget the others. An escaped
// letter is the same by RFC 3986 section 6.2.2.2, the rest by habit.
var spellings = []struct {
	what string
	of   func(path string) string
}{
	{"with a slash after it", otherEnd},
	{"with a doubled slash before it", func(path string) string { return "/" + path }},
	{"with a doubled slash in it", func(path string) string { at := strings.LastIndexByte(path, '/'); return path[:at] + "/" + path[at:] }},
	{"in the other case", otherLetters},
	{"with a letter escaped", escapedLetter},
	{"with a dot segment before it", func(path string) string { return "/." + path }},
	{"with an escaped dot segment before it", func(path string) string { return "/%2e" + path }},
	{"with a dot segment after it", func(path string) string { return path + "/." }},
	{"as the way up from another path", func(path string) string { return "/gonogo/.." + path }},
	{"as the escaped way up from another path", func(path string) string { return "/gonogo/%2e%2e" + path }},
	{"with an escaped slash after it", func(path string) string { return path + "%2f" }},
	{"with a parameter in its last segment", func(path string) string { return path + ";gonogo=1" }},
	{"with an extension", func(path string) string { return path + ".json" }},
}

func otherEnd(path string) string {
	if bare, had := strings.CutSuffix(path, "/"); had {
		return bare
	}
	return path + "/"
}

// otherLetters leaves the digits of escapes alone, which mean the same in either case.
func otherLetters(path string) string {
	turned, _ := scene.OtherCase(path)
	return turned
}

func escapedLetter(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if c := path[i]; c >= 'a' && c <= 'z' {
			return fmt.Sprintf("%s%%%02X%s", path[:i], c, path[i+1:])
		}
	}
	return path
}

// otherSpellings: no other spelling of a protected path opens it without a token. Whatever else comes of one is the target's affair.
func (g *generator) otherSpellings() {
	c := g.Never("other-spellings", "no other spelling of the path opens it without a token", func(t *scene.Trial) {
		authorized := t.Use(g.op, t.Mint(client.Access), "with a live token, before the check")
		switch {
		case !authorized.Succeeded():
			t.CouldNotRun("nothing shows what the path opens: %s", authorized.Got())
		case len(authorized.Body) == 0:
			t.NotApplicable("an answer without a body shows nothing that another spelling could open")
		}
		open := func(what string, spell func(path string) string) (*client.Reply, bool) {
			reply := t.CallSpelt(g.op, operation.Args{NoAuth: true, Spelt: spell}, "without a token, the path "+what)
			return reply, reply != nil && scene.SameAnswer(authorized, reply)
		}
		same := func(path string) string { return path }
		for _, control := range []struct {
			what  string
			spell func(path string) string
		}{{"as it is", same}, {"that nothing is at", nowhere}} {
			if _, is := open(control.what, control.spell); is {
				t.CouldNotRun("the path %s answers the same without a token, so that its other spellings show nothing", control.what)
			}
		}
		for _, s := range spellings {
			if reply, is := open(s.what, s.of); is {
				t.Found(reply, "no answer as with a token", reply.Got()+" with what a token opens")
			}
		}
	}, g.op.Refused)
	c.Requests += len(spellings)
}
