package contract

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"gonogo/internal/client"
	"gonogo/internal/exchange"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// unexpected is a request to the path of an operation that is none of its requests, and carries no credentials.
type unexpected struct {
	what string
	args operation.Args
}

// overriding are headers that some frameworks take a method from.
var overriding = []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"}

// unexpectedRequests are other methods, the documented one called another and the other way round, and a query that cannot be decoded.
func (g *generator) unexpectedRequests() []unexpected {
	other := http.MethodPost
	if g.op.Method == http.MethodPost {
		other = http.MethodGet
	}
	empty := ""
	var all []unexpected
	add := func(what string, args operation.Args) {
		g.sendNothing(&args)
		if args.Method != "" {
			args.RawBody, args.NoMedia = &empty, true
		}
		all = append(all, unexpected{what, args})
	}
	for _, method := range []string{http.MethodHead, http.MethodOptions, http.MethodTrace, other} {
		if !g.documents(method) {
			add("with the method "+method, operation.Args{Method: method})
		}
	}
	add("that says it is OPTIONS", operation.Args{Header: overrides(http.MethodOptions)})
	add("with the method "+other+" that says it is "+g.op.Method, operation.Args{Method: other, Header: overrides(g.op.Method)})
	add("with a query that cannot be decoded", operation.Args{Query: "gonogo=%zz&%"})
	if g.op.Role == specs.RoleAuthorize {
		twice, lacks := map[string]bool{}, map[string]bool{}
		for _, input := range g.op.Inputs {
			twice[input.Name] = true
			role := cmp.Or(input.From.Role, operation.Primary)
			lacks[input.Name] = input.From.Field != "" && g.Target != nil && g.Target.Credentials[role].Fields[input.From.Field] == "" // a target file may leave it out
		}
		all = append(all, unexpected{"with each parameter twice", operation.Args{Twice: twice, Omit: lacks}})
	}
	return all
}

func overrides(method string) map[string]string {
	header := map[string]string{}
	for _, name := range overriding {
		header[name] = method
	}
	return header
}

// documents reports that an operation of the document has a method at this one's path.
func (g *generator) documents(method string) bool {
	return slices.ContainsFunc(g.Ops.All(), func(op *operation.Op) bool { return op.Path == g.op.Path && op.Method == method })
}

// firstAtPath reports that no operation before this one has its path and method.
func (g *generator) firstAtPath() bool {
	for _, op := range g.Ops.All() {
		if op.Path == g.op.Path && op.Method == g.op.Method {
			return op == g.op
		}
	}
	return false
}

// neverUnexpected: a method that the document does not have at a path, and what else nobody expects there, is answered somehow, hands out
// nothing, and opens nothing that takes a token.
func (g *generator) neverUnexpected() {
	if !g.firstAtPath() {
		return
	}
	c := g.Never("unexpected-requests", "a request with another method, or with a query that cannot be decoded, is never a server error, and lets nobody in", func(t *scene.Trial) {
		var authorized *client.Reply
		if g.op.Role == specs.RoleUse {
			authorized = t.Use(g.op, t.Mint(client.Access), "with a live token, before the check")
		}
		for _, u := range g.unexpectedRequests() {
			g.answeredSomehow(t, u, authorized)
		}
	}, g.op.Refused, scene.AnyServerError)
	c.Requests += 9
	if g.op.Role != specs.RoleUse {
		g.withoutConsent(c)
	}
}

// withoutConsent says that a case takes no user's consent, whatever its operation's other cases take.
func (g *generator) withoutConsent(c *engine.Case) {
	c.Needs = slices.DeleteFunc(c.Needs, func(need target.Need) bool { return need == target.NeedConsent || need == target.NeedUser })
}

// answeredSomehow wants an answer that is no server error and gives nothing. authorized is what a token opens; nil: nothing.
func (g *generator) answeredSomehow(t *scene.Trial, u unexpected, authorized *client.Reply) {
	reply := t.CallSpelt(g.op, u.args, u.what)
	switch {
	case reply == nil:
		t.Find(engine.Finding{Sent: g.op.Name() + " " + u.what, Wanted: "an answer", Got: "none", Where: g.op.At.String()})
	case broken(reply) && !(u.args.Method != "" && reply.Status == http.StatusNotImplemented):
		t.Found(reply, "no server error", reply.Got())
	case reply.Succeeded() && reply.Tokens[client.Access] != "":
		t.Found(reply, "no token", reply.Got()+" with a token")
	case authorized == nil || u.args.Method == http.MethodOptions:
	case g.op.Method != http.MethodGet && u.args.Method != "": // what others read where this writes may be for everybody
	case scene.SameAnswer(authorized, reply):
		t.Found(reply, "no answer as with a token", reply.Got()+" with what a token opens")
	case u.args.Method == http.MethodHead && reply.Succeeded() && authorized.Succeeded() && !g.headsNowhere(t):
		t.Found(reply, "a refusal, as with the method "+g.op.Method, reply.Got())
	}
}

// headsNowhere reports that HEAD succeeds where nothing is, too, so that its success shows nothing.
func (g *generator) headsNowhere(t *scene.Trial) bool {
	reply := t.CallSpelt(g.op, operation.Args{NoAuth: true, Method: http.MethodHead, Spelt: nowhere}, "with the method HEAD, at a path that nothing is at")
	return reply == nil || reply.Succeeded()
}

// nowhere is a path that nothing is at.
func nowhere(path string) string { return path + "-gonogo-nowhere" }

// broken is a server error, but for one that says when to come again.
func broken(reply *client.Reply) bool {
	_, later := exchange.Busy(reply.Exchange)
	return reply.Status >= http.StatusInternalServerError && !later
}

// identity are headers in which proxies that sign people in tell who they are. Who believes them from anybody lets in whoever sends them.
var identity = []string{
	"X-User", "X-User-Id", "X-Username", "X-Forwarded-User", "X-Remote-User", "Remote-User", "X-Auth-User", "X-Auth-Request-User",
	"X-Authenticated-User", "X-Authenticated-Userid", "X-WEBAUTH-USER", "X-Consumer-Id", "X-Consumer-Username", "X-Client-Id", "X-Internal", "X-Admin",
}

// habitual are names of cookies that sessions are often kept in.
var habitual = []string{"session", "SESSION", "sessionid", "sid", "connect.sid", "JSESSIONID", "PHPSESSID", "token", "access_token", "auth"}

// disguises are what somebody without credentials may claim to be: this machine, a proxy's neighbour, somebody whom a proxy has signed in,
// or the owner of a session that nobody has.
func (g *generator) disguises(t *scene.Trial, cookies []string) []unexpected {
	local := map[string]string{}
	for _, name := range append([]string{"X-Forwarded-For", "X-Real-IP", "True-Client-IP", "X-Client-IP"}, scene.LesserForwarding...) {
		local[name] = "127.0.0.1"
	}
	local["Forwarded"], local["X-Forwarded-Host"] = "for=127.0.0.1;host=localhost", "localhost"
	somebody, whoever := map[string]string{}, t.Credential(operation.Primary, g.nameField())
	for _, name := range identity {
		somebody[name] = whoever
	}
	var pairs []string
	for _, name := range slices.Concat(cookies, habitual) {
		pairs = append(pairs, name+"="+scene.Garbage)
	}
	return []unexpected{
		{"with this machine's own address in X-Forwarded-For", operation.Args{Header: map[string]string{"X-Forwarded-For": "127.0.0.1"}}},
		{"with a local address in every forwarding header", operation.Args{Header: local}},
		{"with a name in every header that proxies name people in", operation.Args{Header: somebody}},
		{"with cookies of sessions that nobody has", operation.Args{Header: map[string]string{"Cookie": strings.Join(pairs, "; ")}}},
		{"without a media type", operation.Args{NoMedia: true}},
	}
}

func (g *generator) nameField() string {
	credential, _ := g.Dialect.Credential(operation.Primary)
	if len(credential.Fields) == 0 {
		return ""
	}
	return credential.Fields[0]
}

// neverInDisguise: what anybody can write into a header is no credential. Where tokens are issued each secret is left out alone, under
// the row that asks for it, and elsewhere all that there is.
func (g *generator) neverInDisguise() {
	if !g.firstAtPath() {
		return
	}
	if g.op.Role != specs.RoleIssue {
		g.disguised("in-disguise", g.op.Refused, g.sendNothing)
		return
	}
	for _, p := range g.proofs() {
		if !p.secret {
			continue
		}
		name := "in-disguise"
		if p.requirement != g.op.Refused {
			name += "-without-" + scene.Kebab(p.field)
		}
		g.disguised(name, p.requirement, func(args *operation.Args) {
			if input, found := g.inputOf(p); found {
				args.Omit = map[string]bool{input.Name: true}
				return
			}
			args.NoAuth = true
		})
	}
}

func (g *generator) disguised(name, requirement string, bare func(args *operation.Args)) {
	c := g.Never(name, "no header that anybody can write stands in for credentials", func(t *scene.Trial) {
		cookies := g.cookiesOfALogin(t)
		var plain operation.Args
		bare(&plain)
		if reply := t.Call(g.op, plain, "without credentials, before the check"); reply.Affirms() {
			t.CouldNotRun("it is let in without any header, too: %s", reply.Got())
		}
		for _, d := range g.disguises(t, cookies) {
			bare(&d.args)
			reply := t.Call(g.op, d.args, d.what+", and without credentials")
			switch {
			case broken(reply):
				t.Found(reply, "no server error", reply.Got())
			case reply.Affirms():
				t.Found(reply, "a refusal, as without the header", reply.Got())
			}
		}
	}, requirement, scene.AnyServerError)
	c.Requests = 8
	g.withoutConsent(c)
}

// cookiesOfALogin are the names of the cookies that come with tokens.
func (g *generator) cookiesOfALogin(t *scene.Trial) (names []string) {
	issue := t.First(specs.RoleIssue)
	if issue == nil || g.op.Role != specs.RoleUse {
		return nil
	}
	reply := t.Call(issue, operation.Args{}, "to see what cookies it hands out")
	if reply.Succeeded() {
		t.Collect(operation.Primary, reply)
	}
	for _, cookie := range (&http.Response{Header: reply.Header}).Cookies() {
		names = append(names, cookie.Name)
	}
	return names
}
