package contract

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/scene"
)

// slot is a place of a request for a text: an input, or a credential of a security scheme.
type slot struct {
	name        string
	role        string     // whose credential it is; empty: the primary one's, or nobody's
	part        specs.Part // empty: a header
	requirement string
	secret      bool // a wrong value is a login with wrong credentials
	login       bool // any other is one of nobody
	hidden      bool // a report must not show it
	open        bool // the operation may take any value
	put         func(args *operation.Args, value any)
	own         func(t *scene.Trial, args operation.Args) string
}

// slots are the places for texts of the operation, those last that may take anything.
func (g *generator) slots() []slot {
	var all []slot
	for _, input := range g.op.Inputs {
		if input.Fixed != "" && input.In != specs.InJSON && g.op.Role == specs.RoleIssue && g.op.Variant {
			all = append(all, slot{
				name: input.Name, part: input.In, requirement: g.op.Refused,
				put: func(args *operation.Args, value any) { args.Inputs = map[string]any{input.Name: value} },
				own: func(*scene.Trial, operation.Args) string { return input.Fixed },
			})
		}
		if !input.Required || input.Fixed != "" {
			continue
		}
		kind := input.From.Token
		all = append(all, slot{
			name: input.Name, role: input.From.Role, part: input.In, requirement: g.requirementOf(input), secret: g.proves(input.From.Role, input.From.Field),
			hidden: g.secret(input), login: input.From.Field != "" && g.op.Role != specs.RoleRegister,
			open: g.op.Role == specs.RoleRegister || kind == "" && input.Format == "uri",
			put:  func(args *operation.Args, value any) { args.Inputs = map[string]any{input.Name: value} },
			own: func(t *scene.Trial, args operation.Args) string {
				if kind != "" {
					return args.Tokens[kind]
				}
				if made, ok := args.Fields[input.From.Field]; ok {
					return made
				}
				return t.Credential(cmp.Or(input.From.Role, operation.Primary), input.From.Field)
			},
		})
	}
	for _, auth := range g.op.Auth {
		for i, field := range auth.Fields {
			all = append(all, slot{
				name: field, requirement: g.op.Authenticated, secret: i == 1, hidden: i == 1, login: g.op.Role != specs.RoleRegister,
				open: g.op.Role == specs.RoleRegister, // that who makes an account proves to be a client is nobody's promise
				put: func(args *operation.Args, value any) {
					args.Fields = merged(args.Fields, field, fmt.Sprint(value))
				},
				own: func(t *scene.Trial, _ operation.Args) string { return t.Credential(operation.Primary, field) },
			})
		}
		if auth.Carries != "" && auth.Kind != specs.AuthQuery {
			all = append(all, slot{
				name: auth.Carries + " token", requirement: g.op.Refused, hidden: true,
				put: func(args *operation.Args, value any) {
					args.Carrier, args.WithoutDoc, args.Tokens = auth.Scheme, true, merged(args.Tokens, auth.Carries, fmt.Sprint(value))
				},
				own: func(_ *scene.Trial, args operation.Args) string { return args.Tokens[auth.Carries] },
			})
		}
	}
	slices.SortStableFunc(all, func(a, b slot) int {
		if a.open == b.open {
			return 0
		}
		if a.open {
			return 1
		}
		return -1
	})
	return all
}

// secret reports an input that is a token or proves who a role is.
func (g *generator) secret(input specs.Input) bool {
	return input.From.Token != "" || g.proves(input.From.Role, input.From.Field)
}

// proves reports the field of a role that is its secret.
func (g *generator) proves(role, field string) bool {
	credential, ok := g.Dialect.Credential(cmp.Or(role, operation.Primary))
	return ok && field != "" && slices.Index(credential.Fields, field) == 1
}

func merged(values map[string]string, name, value string) map[string]string {
	out := map[string]string{name: value}
	for other, text := range values {
		if other != name {
			out[other] = text
		}
	}
	return out
}

// odd is a value that nobody expects and everybody can send.
type odd struct {
	what   string
	secret bool // it is worth a login with wrong credentials
	fits   func(s slot) bool
	of     func(own string, s slot) any
}

func inBody(s slot) bool   { return s.part != "" }
func inJSON(s slot) bool   { return s.part == specs.InJSON }
func anywhere(s slot) bool { return true }

// basic reports a slot whose text is written in base64, so that it can hold anything.
func basic(s slot) bool { return s.part == "" && !strings.HasSuffix(s.name, " token") }

// odds: characters that end a text in C and in some databases, that take four bytes, that are none; more of them, and deeper, than
// anybody writes; what finds more than itself where texts are looked up by pattern, or in a table that comes with names of its own.
// What begins with the right value is let in by a server that stops reading there.
var odds = []odd{
	{"with a NUL and a letter after the %s", true, func(s slot) bool { return inBody(s) || basic(s) }, func(own string, _ slot) any { return own + "\x00x" }},
	{"with letters beyond ASCII after the %s", true, anywhere, func(own string, _ slot) any { return own + "😀é鍵" }},
	{"with a very long text for the %s", false, anywhere, func(own string, s slot) any { return own + strings.Repeat("0123456789abcdef", long(s)/16) }},
	{"with half a surrogate pair for the %s", false, inJSON, func(string, slot) any { return json.RawMessage(`"\ud800"`) }},
	{"with arrays nested 2000 deep for the %s", false, inJSON, func(string, slot) any {
		return json.RawMessage(strings.Repeat("[", nested) + strings.Repeat("]", nested))
	}},
	{"with a pattern of SQL that fits every text for the %s", false, anywhere, func(string, slot) any { return "%" }},
	{"with a pattern of SQL that fits the %s", false, anywhere, func(own string, _ slot) any { return scene.Prefix(own) + "%" }},
	{"with a pattern that fits every key for the %s", false, anywhere, func(string, slot) any { return "*" }},
	{"with the name of a member that every object has for the %s", false, anywhere, func(_ string, s slot) any {
		if s.open { // an account may be made of it, and what has been is looked up
			return "toString"
		}
		return "constructor"
	}},
	{"with bytes that are no UTF-8 for the %s", false, func(s slot) bool { return inBody(s) && !inJSON(s) || basic(s) }, func(string, slot) any { return "gonogo\xff\xfe" }},
}

const nested = 2000

// tries are the odd values that a place is tried with. A wrong secret is not tried more often than it has to be: a target may lock an
// account.
func (s slot) tries() []odd {
	return slices.DeleteFunc(slices.Clone(odds), func(o odd) bool { return !o.fits(s) || s.secret && !s.open && !o.secret })
}

// long is how many bytes a place is tried with. Header lines of more than 8 kB are refused by many servers before anybody reads them.
func long(s slot) int {
	if s.part == "" {
		return 4 << 10
	}
	return 10 << 10
}

// oddValues: values that nobody expects, in each place for a text, are refused as any wrong value is.
func (g *generator) oddValues() {
	rows := map[string][]slot{}
	var order []string
	for _, s := range g.slots() {
		if s.requirement == "" || s.secret && s.part == "" && g.sharesClients() {
			continue
		}
		if rows[s.requirement] == nil {
			order = append(order, s.requirement)
		}
		rows[s.requirement] = append(rows[s.requirement], s)
	}
	for _, row := range order {
		name, title := "odd-values", "values that nobody expects are never a server error, and let nobody in"
		switch row {
		case g.op.Refused:
		case g.op.Authenticated:
			name, title = "odd-credentials", "credentials that nobody expects are never a server error, and let nobody in"
		default:
			name, title = "odd-"+scene.Kebab(rows[row][0].name), "values that nobody expects for the "+rows[row][0].name+" are never a server error, and let nobody in"
		}
		c := g.Never(name, title, func(t *scene.Trial) { g.tryOdd(t, rows[row]) }, row, scene.AnyServerError)
		for _, s := range rows[row] {
			c.Requests += len(s.tries())
			c.Guesses = c.Guesses || s.login
			if s.secret && !s.open {
				scene.FailsLogins(c, len(s.tries()), s.role)
			}
		}
	}
}

func (g *generator) tryOdd(t *scene.Trial, slots []slot) {
	args := g.material(t)
	for _, s := range slots {
		for _, o := range s.tries() {
			if g.op.Role == specs.RoleRegister {
				args = g.material(t) // a name of its own
			}
			broken := args
			own := s.own(t, args)
			value := o.of(own, s)
			s.put(&broken, value)
			if s.secret && !s.open {
				t.FailedLogin()
			}
			if text, ok := value.(string); ok && s.hidden && own != "" && strings.Contains(text, scene.Prefix(own)) {
				t.Secret("wrong "+s.name, text)
			}
			what := fmt.Sprintf(o.what, s.name)
			reply := t.Call(g.op, broken, what)
			if s.open {
				neverBroken(t, reply)
			} else {
				t.Refused(reply)
			}
		}
	}
}

// oddTokens: headers that are no Bearer header and values that no token has, none of them anybody's, in each place for a token and in
// all of them at once.
func (g *generator) oddTokens() {
	type try struct {
		what string
		args operation.Args
	}
	var tries []try
	garbage := scene.Garbage
	var places []specs.Auth
	for _, auth := range g.op.Auth {
		if auth.Carries == "" {
			continue
		}
		places = append(places, auth)
		values := []struct{ what, value string }{
			{"a token with a space in it", garbage + " " + garbage},
			{"a token with letters beyond ASCII", "gonogo-töken-鍵-😀"},
			{"a very long token", strings.Repeat("0123456789abcdef", long(slot{})/16)},
			{"a pattern of SQL that fits every token", "%"},
			{"a pattern that fits every key", "*"},
		}
		switch auth.Kind {
		case specs.AuthBearer:
			values = append(values, struct{ what, value string }{"a token in quotes", `"` + garbage + `"`}, struct{ what, value string }{"a list of tokens", garbage + ", " + garbage})
		case specs.AuthQuery:
			values = append(values, struct{ what, value string }{"a token with a NUL in it", "gonogo\x00token"}, struct{ what, value string }{"a token that is no UTF-8", "gonogo\xff\xfe"})
		}
		for _, v := range values {
			tries = append(tries, try{"with " + v.what + " as " + string(auth.Kind) + " token", operation.Args{
				Carrier: auth.Scheme, Tokens: map[string]string{auth.Carries: v.value}, WithoutDoc: true,
			}})
		}
	}
	if len(places) > 1 {
		everywhere := operation.Args{Header: map[string]string{}, Tokens: map[string]string{}, WithoutDoc: true}
		for _, auth := range places {
			everywhere.Tokens[auth.Carries] = garbage
			switch auth.Kind {
			case specs.AuthBearer:
				everywhere.Header["Authorization"] = "Bearer " + garbage
			case specs.AuthHeader:
				everywhere.Header[auth.Name] = garbage
			case specs.AuthQuery:
				everywhere.Carrier = auth.Scheme
			}
		}
		tries = append(tries, try{"with garbage in every place for a token at once", everywhere})
	}
	if len(tries) == 0 {
		return
	}
	c := g.Never("odd-tokens", "tokens that no token looks like are never a server error, and let nobody in", func(t *scene.Trial) {
		for _, one := range tries {
			t.Refused(t.Call(g.op, one.args, one.what)) // a server in front may refuse such a header by itself, with any status
		}
	}, g.op.Refused, scene.AnyServerError)
	g.withoutConsent(c)
	c.Requests = len(tries)
}
