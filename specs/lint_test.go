package specs_test

import (
	"os"
	"strings"
	"testing"

	"gonogo/specs"
)

// broken is the least document with something replaced, and every line that lint prints about it.
type broken struct {
	what    string
	changes []string // old, new, old, new …
	lines   []string
}

func leastDocument(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile("testdata/least.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// change replaces text in a document that must have it.
func change(t testing.TB, text string, changes ...string) string {
	t.Helper()
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(text, changes[i]) {
			t.Fatalf("the document has no %q to replace", changes[i])
		}
		text = strings.ReplaceAll(text, changes[i], changes[i+1])
	}
	return text
}

func TestLintNamesEveryProblem(t *testing.T) {
	t.Parallel()
	good := leastDocument(t)
	for _, problem := range specs.Lint("least.yaml", []byte(good)) {
		t.Errorf("the document is wrong before it is broken: %s", problem)
	}
	for _, c := range brokenDocuments {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			text := change(t, good, c.changes...)
			want := strings.Join(c.lines, "\n")
			if got := specs.Lint("least.yaml", []byte(text)).Error(); got != want {
				t.Errorf("lint says\n%s\nwant\n%s", got, want)
			}
			_, err := specs.Parse("least.yaml", []byte(text))
			if usable := strings.Count(want, ": warning: ") == len(c.lines); usable != (err == nil) {
				t.Errorf("Parse says %v", err)
			}
		})
	}
}

func threats() string {
	var ids []string
	for _, threat := range specs.Threats() {
		ids = append(ids, threat.ID)
	}
	return strings.Join(ids, ", ")
}

// published begins what a document says of the text that it was written from.
const published = "  published: {sha256: '0000000000000000000000000000000000000000000000000000000000000000', headings: "

// texts are several of them.
const texts = "  published:\n    - {name: RFC 1, headings: [1. The page]}\n    - {name: RFC 2, headings: [Appendix B. The annex]}\n    - {name: RFC 2, headings: [3. Mice]}\n"

var brokenDocuments = []broken{
	{"a row of a profile that there is not", []string{
		"  dialect: least\n", "  dialect: least\n  profiles: {old: as it was, new: as it is}\n",
		"{id: LE-FLOW-1,", "{profiles: [old, nwe], levels: {odl: practice}, id: LE-FLOW-1,",
	}, []string{
		"least.yaml:19: LE-FLOW-1 names \"nwe\", which is no profile of the document; did you mean new?",
		"least.yaml:19: LE-FLOW-1 names \"odl\", which is no profile of the document; did you mean old?",
	}},
	{"profiles that nothing tells apart", []string{
		"  dialect: least\n", "  dialect: least\n  profiles: {old: as it was, new: as it is}\n",
	}, []string{
		"least.yaml:10: warning: no row differs between the profiles; say profiles or levels of one, or remove them",
	}},
	{"a profile whose name is none", []string{
		"{id: LE-FLOW-1,", "{profiles: [The New], id: LE-FLOW-1,",
	}, []string{
		"least.yaml:18: x-gonogo/requirements/7/profiles/0: \"The New\" is no name of a profile; write small letters and digits, with dots or dashes between, like draft-2",
	}},
	{"a word that is no actor", []string{
		"{id: LE-FLOW-1,", "{actor: peer, id: LE-FLOW-1,",
	}, []string{
		"least.yaml:18: x-gonogo/requirements/7/actor cannot be \"peer\"; it is one of server, client",
	}},
	{"a client's row where a server's belongs", []string{
		"{id: LE-LOOK-1,", "{actor: client, id: LE-LOOK-1,",
	}, []string{
		"least.yaml:16: warning: no watch looks for LE-LOOK-1; name it in x-gonogo/clients",
		"least.yaml:95: LE-LOOK-1 binds the client, and no case of a server shows it; name a requirement of the server, or remove its actor",
	}},
	{"a client's row that nothing names", []string{
		"{id: LE-FLOW-1,", "{actor: client, id: LE-CLIENT-1, level: documented, where: the page, text: a client refreshes in time}\n    - {id: LE-FLOW-1,",
	}, []string{
		"least.yaml:18: warning: no watch looks for LE-CLIENT-1; name it in x-gonogo/clients",
	}},
	{"a threat of no list", []string{
		"{id: LE-FLOW-1,", "{threats: [RFC6819-4.6.3, RFC6819-9.9.9], id: LE-FLOW-1,",
	}, []string{
		"least.yaml:18: LE-FLOW-1 names \"RFC6819-9.9.9\", which is no threat of the list; use one of " + threats(),
	}},
	{"a place under no heading", []string{
		"  credentials:\n", published + "[the page, the annex]}\n  unjudged:\n    - {where: the pages, text: it is a good page, reason: opinion}\n    - {where: 'the annex, at its end', text: it is long, reason: opinion}\n  credentials:\n",
		"{id: LE-ISSUE-1, level: documented, where: the page,", "{id: LE-ISSUE-1, level: documented, where: The Page, also_where: ['the page, at its end', an annex],",
	}, []string{
		"least.yaml:11: \"The Page\" is under no heading of the published text; use a heading of x-gonogo/published/headings, alone or followed by a comma and more",
		"least.yaml:11: \"an annex\" is under no heading of the published text; use a heading of x-gonogo/published/headings, alone or followed by a comma and more",
		"least.yaml:21: \"the pages\" is under no heading of the published text; use a heading of x-gonogo/published/headings, alone or followed by a comma and more",
	}},
	{"a heading of which nothing is said", []string{
		"  credentials:\n", published + "[the page, the annex]}\n  credentials:\n",
	}, []string{
		"least.yaml:19: warning: nothing is said of what stands under \"the annex\"; add a requirement there, or name each statement in x-gonogo/unjudged with a reason",
	}},
	{"texts without a name or headings", []string{
		"  credentials:\n", "  published:\n    - {name: RFC 1, headings: ['1. The page']}\n    - {name: RFC 1, sha256: x}\n    - {headings: [the page]}\n  credentials:\n",
	}, []string{
		"least.yaml:21: x-gonogo/published/1 has no headings; add it",
		"least.yaml:21: x-gonogo/published/1/sha256: \"x\" is no SHA-256; write 64 hex digits in small letters, as sha256sum prints them",
		"least.yaml:22: x-gonogo/published/2 has no name; add it",
	}},
	{"a place in none of several texts", []string{
		"  credentials:\n", texts + "  credentials:\n",
		"where: the page,", "where: RFC 1 section 1,",
		"{id: LE-ISSUE-1, level: documented, where: RFC 1 section 1,", "{id: LE-ISSUE-1, level: documented, where: RFC 1 section 1.1, also_where: [RFC 12 section 1, '1. The page', 'RFC 1, 1. The page'],",
		"{id: LE-FLOW-1, level: documented, where: RFC 1 section 1,", "{id: LE-FLOW-1, level: documented, where: 'RFC 2 appendix B, in the end',",
	}, []string{
		"least.yaml:11: \"RFC 1 section 1.1\" is under no heading of a published text; name a text of x-gonogo/published and a section of its headings, like \"RFC 1 section 1\"",
		"least.yaml:11: \"RFC 12 section 1\" is under no heading of a published text; name a text of x-gonogo/published and a section of its headings, like \"RFC 1 section 1\"",
		"least.yaml:11: \"1. The page\" is under no heading of a published text; name a text of x-gonogo/published and a section of its headings, like \"RFC 1 section 1\"",
		"least.yaml:22: two published texts have the name \"RFC 2\"; give each a name of its own",
		"least.yaml:22: warning: nothing is said of what stands under \"3. Mice\" of RFC 2; add a requirement there, or name each statement in x-gonogo/unjudged with a reason",
	}},
	{"statements of a text that nobody named", []string{
		"  credentials:\n", "  unjudged:\n    - {where: the page, text: it is a good page, reason: opinion}\n  credentials:\n",
	}, []string{
		"least.yaml:20: statements are left unjudged of a text that the document does not name; add x-gonogo/published with the text's sha256 and headings",
	}},
	{"announced points nowhere", []string{
		"announced: /data/expires_in", "announced: /data/expires",
	}, []string{
		"least.yaml:26: no success schema with /data/access_token has /data/expires beside it; correct the pointer, or add the property to the schema",
	}},
	{"announced in a redirect", []string{
		"code: {at: 'location?code', lifetime: {documented: 30s}", "code: {at: 'location?code', lifetime: {documented: 30s, announced: /x, unit: seconds}",
	}, []string{
		"least.yaml:28: a redirect has no body that could announce a lifetime; announce it at location?…, or remove announced and unit",
	}},
	{"announced in a unit of another type", []string{
		"unit: seconds", "unit: rfc3339",
	}, []string{
		"least.yaml:26: /data/expires_in counts rfc3339, which is text, and is no string in the schema; correct the unit, or the property's type",
	}},
	{"token nowhere", []string{
		"at: /data/refresh_token", "at: /refresh_token",
	}, []string{
		"least.yaml:27: no issuing operation's success schema has /refresh_token; correct the pointer, or add the property to the schema",
	}},
	{"says.valid points nowhere", []string{
		"valid: /active", "valid: /activ",
	}, []string{
		"least.yaml:94: the success schema of GET /look has no /activ; correct the pointer, or add the property to the schema",
	}},
	{"says.valid is no boolean", []string{
		"valid: /active", "valid: /sub",
	}, []string{
		"least.yaml:94: /sub is no boolean in the schema; point to the member that says true for a live token",
	}},
	{"says.remaining points nowhere", []string{
		"remaining: /exp", "remaining: /expires",
	}, []string{
		"least.yaml:94: the success schema of GET /look has no /expires; correct the pointer, or add the property to the schema",
	}},
	{"says.remaining is no number", []string{
		"remaining: /exp", "remaining: /sub",
	}, []string{
		"least.yaml:94: /sub counts epoch and is no number in the schema; correct the unit, or the property's type",
	}},
	{"validate says nothing", []string{
		"        says: {valid: /active, remaining: /exp, unit: epoch}\n", "",
		"    - {flow: countdown, requirement: LE-FLOW-1}\n", "",
	}, []string{
		"least.yaml:87: a validate operation must say where its verdict stands; add says: {valid: /…}",
	}},
	{"validate takes nothing", []string{
		"        takes: {token: access}\n", "        from: {token: client_id}\n",
	}, []string{
		"least.yaml:88: a validate operation must take the access token that it is asked about; add takes: {…: access}",
	}},
	{"countdown without remaining", []string{
		"{valid: /active, remaining: /exp, unit: epoch}", "{valid: /active}",
	}, []string{
		"least.yaml:33: the flow countdown needs a validate operation that says what remains; add remaining and unit to its says, or remove the flow",
	}},
	{"countdown without validate", []string{
		"role: validate", "role: placement",
		"        says: {valid: /active, remaining: /exp, unit: epoch}\n", "",
	}, []string{
		"least.yaml:33: the flow countdown needs an operation of role validate, and there is none; give an operation x-gonogo: {role: validate, …}, or remove the flow",
	}},
	{"secret of nobody", []string{
		"secret: client_secret", "secret: client_key",
	}, []string{
		`least.yaml:40: "client_key" is no field of the role primary; use one of client_id, client_secret, redirect_uri, or add it to x-gonogo/credentials/primary`,
	}},
	{"scheme fields of nobody", []string{
		"fields: [client_id, client_secret]}\n    bearer", "fields: [client_id, client_key]}\n    bearer",
	}, []string{
		`least.yaml:148: "client_key" is no field of the role primary; use one of client_id, client_secret, redirect_uri, or add it to x-gonogo/credentials/primary`,
	}},
	{"scheme of an unknown kind", []string{
		"{carries: access}", "{carries: acces}",
	}, []string{
		`least.yaml:152: the security scheme bearer carries the unknown token kind "acces"; use one of access, refresh, code`,
	}},
	{"scheme of an unknown requirement", []string{
		"{carries: access}", "{carries: access, success: LE-NO-1}",
	}, []string{
		"least.yaml:152: there is no requirement LE-NO-1; add it to x-gonogo/requirements, or use one of those",
	}},
	{"scheme that cannot be presented", []string{
		"    bearer:\n      type: http\n      scheme: bearer", "    bearer:\n      type: apiKey\n      in: cookie\n      name: token",
	}, []string{
		"least.yaml:125: an operation of role use has no security scheme with x-gonogo; add security, and x-gonogo: {carries: access} to the scheme",
		"least.yaml:149: the harness cannot present this security scheme; use http bearer, http basic, one with flows, or apiKey in query or header",
	}},
	{"from an unknown field", []string{
		"return_to: redirect_uri", "return_to: redirect_url",
	}, []string{
		`least.yaml:62: "redirect_url" is no field of the role primary; use one of client_id, client_secret, redirect_uri, or add it to x-gonogo/credentials/primary`,
	}},
	{"from an unknown role", []string{
		"primary.client_id", "prime.client_id",
	}, []string{
		`least.yaml:114: there is no role "prime"; use one of primary, second, user`,
	}},
	{"from an unknown field of a role", []string{
		"primary.client_id", "second.client",
	}, []string{
		`least.yaml:114: "client" is no field of the role second; use one of client_id, client_secret, redirect_uri, or add it to x-gonogo/credentials/second`,
	}},
	{"no authorize operation", []string{
		"role: authorize", "role: placement",
		"        yields: code\n", "        fixed: {client: x}\n",
		"        from: {client: primary.client_id}\n", "",
	}, []string{
		"least.yaml:28: no operation yields this token; add yields: code to the operation that redirects with it",
		"least.yaml:35: the flow redirect-safety needs an operation of role authorize, and there is none; give an operation x-gonogo: {role: authorize, …}, or remove the flow",
		"least.yaml:36: the flow refusal needs an operation of role authorize, and there is none; give an operation x-gonogo: {role: authorize, …}, or remove the flow",
		"least.yaml:37: the flow state needs an operation of role authorize, and there is none; give an operation x-gonogo: {role: authorize, …}, or remove the flow",
		"least.yaml:38: the flow popup needs an operation of role authorize, and there is none; give an operation x-gonogo: {role: authorize, …}, or remove the flow",
	}},
	{"no exchange operation", []string{
		"role: exchange", "role: placement",
	}, []string{
		"least.yaml:39: the flow identity needs an operation of role exchange, and there is none; give an operation x-gonogo: {role: exchange, …}, or remove the flow",
		"least.yaml:41: the flow code-use needs an operation of role exchange, and there is none; give an operation x-gonogo: {role: exchange, …}, or remove the flow",
		"least.yaml:42: the flow code-binding needs an operation of role exchange, and there is none; give an operation x-gonogo: {role: exchange, …}, or remove the flow",
	}},
	{"no refresh operation", []string{
		"role: refresh", "role: placement",
	}, []string{
		"least.yaml:32: the flow rotation needs an operation of role refresh, and there is none; give an operation x-gonogo: {role: refresh, …}, or remove the flow",
		"least.yaml:34: the flow client-binding needs an operation of role refresh, and there is none; give an operation x-gonogo: {role: refresh, …}, or remove the flow",
	}},
	{"no use operation", []string{
		"role: use", "role: placement",
	}, []string{
		"least.yaml:39: the flow identity needs an operation of role use, and there is none; give an operation x-gonogo: {role: use, …}, or remove the flow",
	}},
	{"nothing hands out tokens", []string{
		"role: issue", "role: placement",
		"role: exchange", "role: placement",
	}, []string{
		"least.yaml:24: no issuing operation's success schema has /data/access_token; correct the pointer, or add the property to the schema",
		"least.yaml:27: no issuing operation's success schema has /data/refresh_token; correct the pointer, or add the property to the schema",
		"least.yaml:39: the flow identity needs an operation of role exchange, and there is none; give an operation x-gonogo: {role: exchange, …}, or remove the flow",
		"least.yaml:40: the flow secret-regeneration needs an operation of role issue, and there is none; give an operation x-gonogo: {role: issue, …}, or remove the flow",
		"least.yaml:41: the flow code-use needs an operation of role exchange, and there is none; give an operation x-gonogo: {role: exchange, …}, or remove the flow",
		"least.yaml:42: the flow code-binding needs an operation of role exchange, and there is none; give an operation x-gonogo: {role: exchange, …}, or remove the flow",
		"least.yaml:45: no operation hands out tokens; give one the role issue or exchange",
	}},
	{"identity of a grant that is not there", []string{
		"grant: exchange", "grant: issue",
		"role: issue", "role: placement",
	}, []string{
		"least.yaml:39: the flow identity needs an operation of role issue, and there is none; give an operation x-gonogo: {role: issue, …}, or remove the flow",
		"least.yaml:40: the flow secret-regeneration needs an operation of role issue, and there is none; give an operation x-gonogo: {role: issue, …}, or remove the flow",
	}},
	{"refresh takes no refresh token", []string{
		"takes: {refresh_token: refresh}", "from: {refresh_token: client_id}",
	}, []string{
		"least.yaml:64: a refresh operation must take a refresh token; add takes: {…: refresh}, or security with a scheme that carries refresh",
	}},
	{"exchange takes no code", []string{
		"takes: {code: code}", "takes: {code: refresh}",
	}, []string{
		"least.yaml:57: an exchange operation must take what a redirect carries; add takes: with a token kind whose at is location?…",
	}},
	{"two schemes at once", []string{
		"        - bearer: []\n      x-gonogo: {role: use", "        - {bearer: [], basic: []}\n      x-gonogo: {role: use",
	}, []string{
		"least.yaml:128: the schemes basic and bearer are asked for together, and only one can be presented; make them alternatives, or leave x-gonogo out of those that the target file's headers can carry",
	}},
	{"two schemes at once for the whole document", []string{
		"security: []\nx-gonogo", "security: [{bearer: [], basic: []}]\nx-gonogo",
		"      security:\n        - bearer: []\n", "",
	}, []string{
		"least.yaml:7: the schemes basic and bearer are asked for together, and only one can be presented; make them alternatives, or leave x-gonogo out of those that the target file's headers can carry",
	}},
	{"a scheme beside one that is presented", []string{
		"        - bearer: []\n      x-gonogo: {role: use", "        - bearer: []\n          gateway: []\n      x-gonogo: {role: use",
	}, []string{
		"least.yaml:128: warning: gateway is asked for beside bearer and is not presented; put it into headers of the target file",
	}},
	{"no security as an alternative", []string{
		"        - bearer: []\n      x-gonogo: {role: use", "        - bearer: []\n        - {}\n      x-gonogo: {role: use",
	}, []string{
		"least.yaml:129: this alternative is no security at all, so that the operation would need no token; remove {} from security, or the role use",
	}},
	{"use without security", []string{
		"        - bearer: []\n      x-gonogo: {role: use", "        - gateway: []\n      x-gonogo: {role: use",
	}, []string{
		"least.yaml:125: an operation of role use has no security scheme with x-gonogo; add security, and x-gonogo: {carries: access} to the scheme",
	}},
	{"an unknown security scheme", []string{
		"        - bearer: []\n      x-gonogo: {role: use", "        - barer: []\n      x-gonogo: {role: use",
	}, []string{
		`least.yaml:125: OpenAPI: invalid path /things: invalid operation GET: security requirement /paths/~1things/get/security/0/barer refers to undefined security scheme "barer"; correct it as the OpenAPI specification says`,
	}},
	{"an input in takes and from", []string{
		"from: {return_to: redirect_uri}", "from: {return_to: redirect_uri, code: client_id}",
	}, []string{
		`least.yaml:61: "code" is in takes and in from; keep it in one of them`,
	}},
	{"an input in takes and fixed", []string{
		"fixed: {grant_type: authorization_code}", "fixed: {grant_type: authorization_code, code: abc}",
	}, []string{
		`least.yaml:61: "code" is in takes and in fixed; keep it in one of them`,
	}},
	{"an input in from and fixed", []string{
		"fixed: {grant_type: authorization_code}", "fixed: {grant_type: authorization_code, return_to: abc}",
	}, []string{
		`least.yaml:62: "return_to" is in from and in fixed; keep it in one of them`,
	}},
	{"takes an optional input", []string{
		"{name: token, in: query, required: true,", "{name: token, in: query,",
	}, []string{
		`least.yaml:93: "token" takes a token and is optional, so it would never be sent; make it required in the operation, or list it in required`,
	}},
	{"takes an unknown kind", []string{
		"takes: {token: access}", "takes: {token: acces}",
	}, []string{
		`least.yaml:93: "token" takes a token of the unknown kind "acces"; use one of access, refresh, code`,
	}},
	{"takes an unknown input", []string{
		"takes: {token: access}", "takes: {tokn: access}",
	}, []string{
		`least.yaml:88: nothing says where the required input "token" comes from; name it in fixed, takes or from, or give a role a field of that name`,
		`least.yaml:93: the variant speaks of "tokn", which the operation does not take; add it as a query parameter or a body property, or remove it here`,
	}},
	{"yields an unknown kind", []string{
		"yields: code", "yields: cod",
	}, []string{
		"least.yaml:28: no operation yields this token; add yields: code to the operation that redirects with it",
		`least.yaml:115: it yields a token of the unknown kind "cod"; use one of access, refresh, code`,
	}},
	{"yields nothing", []string{
		"        yields: code\n", "",
	}, []string{
		"least.yaml:28: no operation yields this token; add yields: code to the operation that redirects with it",
		"least.yaml:110: an authorize operation must say what its redirect carries; add yields: a token kind",
	}},
	{"a required input from nowhere", []string{
		"        from: {client: primary.client_id}\n", "",
	}, []string{
		`least.yaml:110: nothing says where the required input "client" comes from; name it in fixed, takes or from, or give a role a field of that name`,
	}},
	{"a fixed value that the enum does not have", []string{
		"grant_type: client_credentials}", "grant_type: client_credential}",
	}, []string{
		"least.yaml:54: the operation does not take grant_type=client_credential; use one of client_credentials, authorization_code, refresh_token",
	}},
	{"a path with a parameter", []string{
		"  /things:\n    get:", "  /things/{id}:\n    parameters: [{name: id, in: path, required: true, schema: {type: string}}]\n    get:",
	}, []string{
		"least.yaml:126: nothing says what stands for {id} in the path; use an operation whose path has no parameters",
		"least.yaml:133: nothing says what stands for {id} in the path; use an operation whose path has no parameters",
	}},
	{"a variant id that is an operationId", []string{
		"- id: exchange", "- id: look",
	}, []string{
		"least.yaml:57: the id look is the operationId of GET /look too; rename one of them: flows name operations by either",
	}},
	{"two variants with an id", []string{
		"- id: exchange", "- id: issue",
	}, []string{
		"least.yaml:57: two operations have the id issue; give this variant an id of its own",
	}},
	{"two variants with the same fixed value", []string{
		"grant_type: refresh_token}", "grant_type: client_credentials}",
	}, []string{
		"least.yaml:64: nothing tells the variants issue and refresh apart; give both the same input in fixed, with different values",
	}},
	{"two variants without a fixed value", []string{
		"            fixed: {grant_type: refresh_token}\n", "            from: {grant_type: client_id}\n",
	}, []string{
		"least.yaml:64: nothing tells the variants issue and refresh apart; give both the same input in fixed, with different values",
		"least.yaml:64: nothing tells the variants exchange and refresh apart; give both the same input in fixed, with different values",
	}},
	{"a requirement twice", []string{
		"id: LE-ISSUE-2", "id: LE-ISSUE-1",
		"            refused: LE-ISSUE-2\n", "",
	}, []string{
		"least.yaml:11: LE-ISSUE-1 is there twice, here and at least.yaml:12; give each requirement an id of its own",
	}},
	{"a version of OpenAPI that is not read here", []string{
		"openapi: 3.0.3", "openapi: 3.2.0",
	}, []string{
		`least.yaml:2: "3.2.0" is no version of OpenAPI that is read here; write 3.0.3 or, with the schemas of JSON Schema 2020-12, 3.1.0`,
	}},
	{"a requirement in small letters", []string{
		"id: LE-ISSUE-2", "id: le-issue-1",
	}, []string{
		"least.yaml:12: x-gonogo/requirements/1/id: \"le-issue-1\" is no id of a requirement; write capitals and digits with at least one dash, like BO-REFRESH-2",
	}},
	{"a requirement of every dialect that binds less here", []string{
		"{id: LE-ISSUE-2, level: standard", "{id: ANY-5XX, level: practice",
		"refused: LE-ISSUE-2", "refused: ANY-5XX",
	}, []string{
		"least.yaml:12: ANY-5XX is standard in every dialect, and cannot be practice here; say standard, or what is stronger",
	}},
	{"refusals of one operation", []string{
		"            refused: LE-ISSUE-2\n", "            refused: LE-ISSUE-2\n            refusals: {token: {answers: [gone], manner: LE-ISSUE-9}}\n",
	}, []string{
		`least.yaml:57: the error table has no row "gone"; add it to errors, or use one of those`,
		"least.yaml:57: there is no requirement LE-ISSUE-9; add it to x-gonogo/requirements, or use one of those",
	}},
	{"a header whose row is not there", []string{
		"          description: What is known of the token\n", "          description: What is known of the token\n          headers: {Date: {schema: {type: string}, x-gonogo: {requirement: LE-LOOK-9}}}\n",
	}, []string{
		"least.yaml:88: there is no requirement LE-LOOK-9; add it to x-gonogo/requirements, or use one of those",
	}},
	{"a header that says something else", []string{
		"          description: What is known of the token\n", "          description: What is known of the token\n          headers: {Date: {schema: {type: string}, x-gonogo: {row: LE-LOOK-1}}}\n",
	}, []string{
		"least.yaml:101: x-gonogo has no requirement; add it",
		"least.yaml:101: x-gonogo has no key row; its keys are requirement",
	}},
	{"an unknown requirement", []string{
		"refused: LE-ISSUE-2", "refused: LE-ISSUE-3",
	}, []string{
		"least.yaml:12: warning: nothing checks LE-ISSUE-2; name it as success or refused of an operation, or in a flow",
		"least.yaml:56: there is no requirement LE-ISSUE-3; add it to x-gonogo/requirements, or use one of those",
	}},
	{"an unknown level", []string{
		"id: LE-ISSUE-2, level: standard", "id: LE-ISSUE-2, level: solemn",
	}, []string{
		"least.yaml:12: x-gonogo/requirements/1/level cannot be \"solemn\"; it is one of documented, standard, practice",
	}},
	{"an unknown flow", []string{
		"flow: rotation", "flow: rotations",
	}, []string{
		"least.yaml:32: x-gonogo/flows/2/flow cannot be \"rotations\"; did you mean rotation?",
	}},
	{"a flow with a parameter it has not", []string{
		"{flow: rotation,", "{flow: rotation, token: access,",
	}, []string{
		"least.yaml:32: x-gonogo/flows/2 has no key token; its keys are flow, requirement",
	}},
	{"a flow without a parameter it needs", []string{
		"{flow: expiry, token: access,", "{flow: expiry,",
	}, []string{
		"least.yaml:43: x-gonogo/flows/13 has no token; add it",
	}},
	{"a flow twice", []string{
		"    - {flow: uniqueness, requirement: LE-FLOW-1}", "    - {flow: rotation, requirement: LE-FLOW-1}",
	}, []string{
		"least.yaml:32: the flow rotation is already declared in line 31; declare it once",
	}},
	{"lifetimes that are not announced", []string{
		", announced: /data/expires_in, unit: seconds", "",
	}, []string{
		"least.yaml:30: the flow lifetimes needs a token kind whose lifetime is documented and announced; add lifetime: {documented: …, announced: …, unit: …} to one, or remove the flow",
	}},
	{"expiry of an unknown kind", []string{
		"token: access, requirement", "token: acces, requirement",
	}, []string{
		`least.yaml:43: there is no token kind "acces"; use one of access, refresh, code`,
	}},
	{"expiry without a lifetime", []string{
		"      lifetime: {documented: 1h, announced: /data/expires_in, unit: seconds}\n", "",
		"    - {flow: lifetimes, requirement: LE-FLOW-1}\n", "",
	}, []string{
		`least.yaml:41: expiry needs a lifetime, and "access" has none; add lifetime: {documented: …} or {announced: …, unit: …} to the token kind`,
	}},
	{"expiry that nobody sees", []string{
		"    code: {at", "    extra: {at: /data/refresh_token, lifetime: {documented: 1h}}\n    code: {at",
		"token: access, requirement", "token: extra, requirement",
	}, []string{
		`least.yaml:44: no operation takes a token of the kind "extra", so that nobody can see it expire; add takes: {…: extra} to an operation, or remove the flow`,
	}},
	{"state without its parameter", []string{
		"        - {name: state, in: query, schema: {type: string}}\n", "",
	}, []string{
		`least.yaml:37: GET /ask takes no parameter "state"; add it to the operation's parameters, or correct the flow's parameter`,
	}},
	{"popup without its parameter", []string{
		"parameter: display", "parameter: shown",
	}, []string{
		`least.yaml:38: GET /ask takes no parameter "shown"; add it to the operation's parameters, or correct the flow's parameter`,
	}},
	{"popup with a value that the enum does not have", []string{
		"value: popup", "value: window",
	}, []string{
		"least.yaml:38: GET /ask does not take display=window; correct the flow's value, or add it to the parameter's enum",
	}},
	{"redirect safety without a URI", []string{
		"{name: redirect_uri, in: query, required: true, schema: {type: string, format: uri}}", "{name: redirect_uri, in: query, required: true, schema: {type: string}}",
	}, []string{
		"least.yaml:35: GET /ask has no redirect URI to be safe about; give the parameter that carries it format: uri, and a credential field to come from",
	}},
	{"placement in no operation", []string{
		"form: [putThing]", "form: [putThings]",
	}, []string{
		`least.yaml:44: there is no operation "putThings"; use an operationId of an operation with x-gonogo`,
	}},
	{"placement in no form", []string{
		"parameter: access_token", "parameter: token",
	}, []string{
		`least.yaml:44: PUT /things takes no "token" in a form body; add the property to a request body of type application/x-www-form-urlencoded`,
	}},
	{"a checklist of unknown requirements", []string{
		"paths:\n  /token", "  checklist: [{item: all, requirements: [LE-NO-1]}]\npaths:\n  /token",
	}, []string{
		"least.yaml:45: there is no requirement LE-NO-1; use one of x-gonogo/requirements",
	}},
	{"a row that nothing names", []string{
		"            refused: LE-ISSUE-2\n", "",
	}, []string{
		"least.yaml:12: warning: nothing checks LE-ISSUE-2; name it as success or refused of an operation, or in a flow",
	}},
	{"a duration of nothing", []string{
		"documented: 24h", "documented: 0s",
	}, []string{
		`least.yaml:27: "0s" is not a duration; write it like 30s, 60m or 336h`,
	}},
	{"a server without a name", []string{
		"    x-gonogo: {name: api}\n", "",
	}, []string{
		"least.yaml:5: this server has no x-gonogo name; add x-gonogo: {name: …}, so that a target file can say where it is",
	}},
	{"no server", []string{
		"servers:\n  - url: https://api.least.example\n    x-gonogo: {name: api}\n", "",
	}, []string{
		"least.yaml:1: the document names no server; add servers with a url and an x-gonogo name",
	}},
	{"no x-gonogo", []string{
		"x-gonogo:\n  dialect", "x-other:\n  dialect",
	}, []string{
		"least.yaml:1: the document has no x-gonogo at its root; add one with dialect, requirements, credentials and tokens (gonogo spec show --yaml b2b prints one)",
	}},
	{"an unknown key", []string{
		"role: use,", "rol: use,",
	}, []string{
		"least.yaml:129: x-gonogo has no role; add it",
		"least.yaml:129: x-gonogo has no key rol; did you mean role?",
	}},
	{"a path item elsewhere", []string{
		"components:\n  securitySchemes", "  /more: {get: {responses: {'200': {description: More}}}}\n  /others: {$ref: '#/paths/~1more'}\ncomponents:\n  securitySchemes",
	}, []string{
		"least.yaml:144: warning: what /others refers to is not looked at for x-gonogo; write the path item out here if it takes part in authentication",
	}},
	{"a field of the wrong type", []string{
		"operationId: look", "operationId: [look]",
	}, []string{
		"least.yaml:89: OpenAPI: operationId cannot be of type array; correct it as the OpenAPI specification says",
	}},
	{"a reference that leads nowhere", []string{
		"'#/components/schemas/Tokens'", "'#/components/schemas/Token'",
	}, []string{
		`least.yaml:86: OpenAPI: failed to resolve "Token" in fragment in URI: "#/components/schemas/Token": map key "Token" not found; correct it as the OpenAPI specification says`,
	}},
	{"a reference into another file", []string{
		"'#/components/schemas/Tokens'", "'tokens.yaml#/Tokens'",
	}, []string{
		`least.yaml:86: OpenAPI: encountered disallowed external reference: "tokens.yaml#/Tokens"; references into other files are not followed: bundle the document into one file`,
	}},
	{"an unknown field", []string{
		"operationId: look", "operationID: look",
	}, []string{
		"least.yaml:89: OpenAPI: invalid path /look: invalid operation GET: extra sibling fields: [operationID]; correct it as the OpenAPI specification says",
	}},
	{"two faults of OpenAPI", []string{
		"type: boolean", "type: bool",
		"description: Things", "summary: Things",
	}, []string{
		`least.yaml:106: OpenAPI: invalid path /look: invalid operation GET: unsupported 'type' value "bool"; correct it as the OpenAPI specification says`,
		"least.yaml:131: OpenAPI: invalid path /things: invalid operation GET: a short description of the response is required; correct it as the OpenAPI specification says",
	}},
	{"an example that breaks its schema", []string{
		"sub: {type: string}", "sub: {type: string, example: 7}",
	}, []string{
		"least.yaml:108: OpenAPI: invalid path /look: invalid operation GET: invalid example: value must be a string; correct it as the OpenAPI specification says",
	}},
	{"Swagger 2", []string{
		"openapi: 3.0.3", "swagger: '2.0'",
	}, []string{
		"least.yaml:2: this is a Swagger 2 document; convert it to OpenAPI 3.0",
	}},
	{"a version that is none", []string{
		"openapi: 3.0.3", "openapi: 4.0.0",
	}, []string{
		`least.yaml:2: "4.0.0" is no version of OpenAPI that is read here; write 3.0.3 or, with the schemas of JSON Schema 2020-12, 3.1.0`,
	}},
	{"a version that is a number", []string{
		"openapi: 3.0.3", "openapi: 2.0",
	}, []string{
		`least.yaml:2: "2.0" is no version of OpenAPI that is read here; write 3.0.3 or, with the schemas of JSON Schema 2020-12, 3.1.0`,
	}},
	{"no version", []string{
		"openapi: 3.0.3\n", "",
	}, []string{
		"least.yaml:1: the document does not say which version of OpenAPI it follows; add openapi: 3.0.3 and what else the OpenAPI specification asks for",
	}},
	{"a keyword of 3.1 in a 3.0 document", []string{
		"active: {type: boolean}", "active: {type: boolean, const: true}",
	}, []string{
		"least.yaml:106: OpenAPI: invalid path /look: invalid operation GET: field const is for OpenAPI >=3.1; correct it as the OpenAPI specification says",
	}},
	{"a keyword that is not judged", []string{
		"openapi: 3.0.3", "openapi: 3.1.0",
		"                properties:\n                  active", "                patternProperties: {'^x-': {type: string}}\n                properties:\n                  active",
	}, []string{
		"least.yaml:105: the keyword patternProperties of JSON Schema is not judged; say it with type, properties, required, enum, const, pattern, items or oneOf, or remove it",
	}},
	{"a keyword that is not judged, behind a reference", []string{
		"openapi: 3.0.3", "openapi: 3.1.0",
		"            - type: object\n              properties:\n                expires_in", "            - type: object\n              dependentRequired: {a: [b]}\n              properties:\n                expires_in",
	}, []string{
		"least.yaml:165: the keyword dependentRequired of JSON Schema is not judged; say it with type, properties, required, enum, const, pattern, items or oneOf, or remove it",
	}},
	{"nullable in 3.1", []string{
		"openapi: 3.0.3", "openapi: 3.1.0",
		"sub: {type: string}", "sub: {type: string, nullable: true}",
	}, []string{
		"least.yaml:108: warning: OpenAPI 3.1 has no keyword nullable; it is read as in 3.0; write the type as [integer, 'null'], or whatever it is",
	}},
	{"not YAML", []string{
		"info: {title", "info: {{title",
	}, []string{
		"least.yaml:3: this is not YAML: could not find flow map content; correct the syntax of this line",
	}},
	{"a key twice", []string{
		"  /look:", "  /token:",
	}, []string{
		`least.yaml:87: paths."/token" is given twice, first on line 46; keep one`,
	}},
	{"two YAML documents", []string{
		"components:\n  securitySchemes", "---\ncomponents:\n  securitySchemes",
	}, []string{
		"least.yaml:144: a second YAML document begins here; keep one document in a file",
	}},
	{"an alias of nothing", []string{
		"{fields: [username, password], acts_as: true, human: true}", "*human",
	}, []string{
		"least.yaml:22: there is no anchor &human above this line; write the value out, or put the anchor before its first use; a text that begins with * is written in quotes",
	}},
}
