package flows

import (
	"net/url"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// codeUse: a code works once (RFC 6749 section 4.1.2). That its reuse should revoke what it gave is practice.
func codeUse(s *scene.Subject, declared specs.Flow) []engine.Case {
	if s.Ops.First(specs.RoleExchange) == nil {
		return nil
	}
	book := s.NewBook(declared.Name, declared.At).WithConsent()
	book.Works("first-exchange", "a code is good for one exchange", func(a *scene.Act) {
		a.Succeeds(a.Exchange("", a.Code("").Value, "with a fresh code"))
	}, declared.Requirement)
	book.Never("second-exchange", "a code is never good for a second exchange", func(a *scene.Act) {
		_, code := spend(a)
		a.Refused(a.Exchange("", code, "with a code that was used before"))
	}, declared.Requirement)
	race := book.Never("race", "of exchanges that race with one code, at most one wins", func(a *scene.Act) {
		for range raceRounds {
			code := a.Code("")
			atMostOneWins(a, "exchanges of one code", func(a *scene.Act) *client.Reply {
				return a.Exchange("", code.Value, "in a race of many with the same code")
			})
			if a.Failed() {
				return
			}
		}
	}, declared.Requirement)
	race.Requests = raceRounds * (2*racers + 12)
	reuse(s, book, declared.Params["practice"])
	return book.Cases
}

// spend gets tokens and the code that is spent now.
func spend(a *scene.Act) (*client.Grant, string) {
	code := a.Code("")
	reply := a.Exchange("", code.Value, "with a fresh code")
	if !reply.Succeeded() || reply.Tokens[client.Access] == "" {
		a.CouldNotRun("the first exchange did not succeed: %s", reply.Got())
	}
	return a.Collect(operation.Primary, reply), code.Value
}

// reuse: a code that comes a second time was stolen by one of the two (RFC 9700 section 4.5, RFC 6749 section
// 10.5), so the tokens it gave should end.
func reuse(s *scene.Subject, book *scene.Book, practice string) {
	use := s.Ops.First(specs.RoleUse)
	if use == nil {
		return
	}
	book.Works("tokens-before-reuse", "the tokens of a code work as long as nobody uses the code again", func(a *scene.Act) {
		grant, _ := spend(a)
		a.Authorizes(use, grant.Value(client.Access), "with the access token of a code")
	}, practice)
	book.Never("tokens-after-reuse", "the tokens of a code never outlive its reuse", func(a *scene.Act) {
		grant, code := spend(a)
		a.MustBeLive(grant.Value(client.Access))
		a.Exchange("", code, "with a code that was used before")
		a.Unauthorized(a.Use(use, grant.Value(client.Access), "with the access token of a code that was used again"), false)
	}, practice)
}

// codeBinding: a code is good only for the client, the redirect URI and the secret it was made for (RFC 6749
// section 4.1.3). A refused exchange may burn the code, so each try has one of its own.
func codeBinding(s *scene.Subject, declared specs.Flow) []engine.Case {
	if s.Ops.First(specs.RoleExchange) == nil {
		return nil
	}
	book := s.NewBook(declared.Name, declared.At).WithConsent()
	book.Works("own-client", "a code is good for the client and redirect URI it was made for", func(a *scene.Act) {
		a.Succeeds(a.Exchange("", a.Code("").Value, "by its own client"))
	}, declared.Requirement)
	for _, what := range declared.Lists["bound_to"] {
		switch what {
		case "client":
			otherClientsCode(s, book, declared.Requirement)
		case "redirect_uri":
			otherRedirectURI(book, declared.Requirement)
		}
	}
	return book.Cases
}

func otherClientsCode(s *scene.Subject, book *scene.Book, requirement string) {
	c := book.Never("other-client", "a code is never good for another client", func(a *scene.Act) {
		a.CanAct(scene.Second)
		code := a.Code("")
		op := a.First(specs.RoleExchange)
		args := operation.Args{Role: scene.Second}
		if input, ok := a.RedirectInput(); ok { // only the client is another
			if _, taken := op.Input(input.Name); taken {
				args.Inputs = map[string]any{input.Name: a.RedirectURI(operation.Primary)}
			}
		}
		a.Refused(a.ExchangeArgs(args, code.Value, "by another client"))
	}, requirement, clientBound(s))
	scene.Need(c, target.NeedSecond)
	c.Claims = append(c.Claims, scene.ClaimsOf(scene.Second)...)
}

// otherRedirectURIs: what the exchange names has to be identical with what the authorization named, query and all
// (RFC 6749 section 4.1.3).
var otherRedirectURIs = []variation{
	{"other-redirect-uri", "another redirect URI", to(func(u *url.URL) { u.Path, u.RawPath = "/gonogo/elsewhere", "" })},
	{"longer-redirect-uri", "a redirect URI that begins like its own", to(func(u *url.URL) { u.Path, u.RawPath = u.Path+"x", "" })},
	{"shorter-redirect-uri", "the beginning of its redirect URI", func(a *scene.Act, u *url.URL) {
		path := []rune(u.Path)
		switch {
		case u.RawQuery != "":
			u.RawQuery = ""
		case len(path) < 2:
			a.NotApplicable("the registered redirect URI has no path")
		default:
			u.Path, u.RawPath = string(path[:len(path)-1]), ""
		}
	}},
	{"other-case-redirect-uri", "its redirect URI in the other case", otherCasePath},
	{"added-query-redirect-uri", "its redirect URI with a parameter more", to(addQuery)},
}

func otherRedirectURI(book *scene.Book, requirement string) {
	for _, v := range otherRedirectURIs {
		book.Never(v.name, "a code is never good for "+v.title, func(a *scene.Act) {
			input, ok := a.RedirectInput()
			if !ok {
				a.NotApplicable("the exchange names no redirect URI")
			}
			other := v.of(a)
			a.Refused(a.ExchangeArgs(operation.Args{Inputs: map[string]any{input.Name: other}}, a.Code("").Value, "with "+v.title))
		}, requirement)
	}
}
