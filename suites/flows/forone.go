package flows

import (
	"cmp"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"gonogo/internal/client"
	"gonogo/internal/exchange"
	"gonogo/internal/operation"
	"gonogo/reports/words"
	"gonogo/specs"
	"gonogo/suites/scene"
)

// noneForAnother looks for a refresh token or a code that one client was handed out and another got tokens for, in all that was sent.
func noneForAnother(t *scene.Trial) {
	primary, _ := t.Dialect.Credential(operation.Primary)
	entries, named, said := anything(t), false, newRemarks()
	for _, e := range entries {
		if role := e.Answer.Op.Role; role != specs.RoleRefresh && role != specs.RoleExchange {
			continue
		}
		sent := parametersOf(e.Answer.Exchange)
		clients := slices.Concat(sent[primary.Fields[0]], basicName(e.Answer.Exchange))
		if len(clients) != 1 || !gotTokens(&client.Reply{Answer: e.Answer}) {
			continue
		}
		named = true
		for _, values := range sent {
			for _, value := range values {
				token, known := t.Seen(value)
				if known && token.Kind.Name != client.Access && t.Credential(cmp.Or(token.Role, operation.Primary), primary.Fields[0]) != clients[0] {
					said.add(t, e, "a refusal of "+words.A(token.Kind.Noun())+" that another client was handed out", (&client.Reply{Answer: e.Answer}).Got())
				}
			}
		}
	}
	if !named {
		t.NotApplicable("no request of this run that got tokens names a client beside a refresh token or a code")
	}
	said.find()
}

// parametersOf are those of a request's query and form.
func parametersOf(x *exchange.Exchange) url.Values {
	all, _ := url.ParseQuery(string(x.RequestBody)) // what is no form has none
	if at, err := url.Parse(x.URL); err == nil {
		for name, values := range at.Query() {
			all[name] = append(all[name], values...)
		}
	}
	return all
}

// basicName is the name of a request's Basic header, decoded as a form (RFC 6749 section 2.3.1); none without such a header.
func basicName(x *exchange.Exchange) []string {
	encoded, is := strings.CutPrefix(x.RequestHeader.Get("Authorization"), "Basic ")
	plain, err := base64.StdEncoding.DecodeString(encoded)
	if !is || err != nil {
		return nil
	}
	name, _, _ := strings.Cut(string(plain), ":")
	if decoded, err := url.QueryUnescape(name); err == nil {
		name = decoded
	}
	return []string{name}
}
