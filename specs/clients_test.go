package specs_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"gonogo/specs"
)

// clientTable is what the documents ask of clients: ids and levels, in order, those of every dialect apart.
var clientTable = map[string]string{
	"kitchenhub": `
KHW-ISSUE-1 documented
KHW-USE-1 documented
KHW-REFRESH-1 documented
KHW-STORE-1 documented
KHW-STORE-2 practice
KHW-UNIT-1 documented
KHW-VALIDATE-1 documented
KHW-GRACE-1 documented
KHW-SECRET-1 documented
KHW-SECRET-2 practice
KHW-SECRET-3 practice
`,
	"kitchenmonki": `
KMW-AUTHZ-1 documented
KMW-AUTHZ-2 documented
KMW-CODE-1 documented
KMW-CODE-2 standard
KMW-CODE-3 standard
KMW-POPUP-1 documented
KMW-POPUP-2 practice
KMW-STATE-1 practice
KMW-USE-1 practice
KMW-REFRESH-1 practice
KMW-STORE-1 documented
KMW-EXPIRE-1 documented
KMW-KIND-1 documented
`,
	"b2b": `
BBW-LOGIN-1 documented
BBW-ENVELOPE-1 practice
BBW-REFRESH-1 documented
BBW-REFRESH-2 documented
BBW-TIME-1 standard
BBW-TIME-2 practice
BBW-REVOKE-1 documented
BBW-IP-1 practice
BBW-CODES-1 standard
BBW-STORE-1 documented
`,
	"pos": `
POSW-USER-1 documented
POSW-TOKEN-1 documented
POSW-REFRESH-1 documented
POSW-UNIT-1 documented
`,
	"oauth2": `
OAW-6749-10.12-FORGED documented
OAW-6749-4.1.1-STATE practice
OAW-6749-4.1.2-ONCE documented
OAW-6749-4.1.3-REDIRECT documented
OAW-6749-1.5-REFRESH practice
OAW-6749-6-NEWEST documented
OAW-6749-2.3.1-URI documented
OAW-6750-2.1-HEADER practice
OAW-6750-5.3-URL practice
OAW-7636-4.1-FRESH documented
OAW-7636-4.1-FORM documented
OAW-7636-4.2-S256 practice
OAW-7636-4.5-VERIFIER documented
OAW-9700-2.1.1-CHALLENGE practice
OAW-9700-2.1.1-PUBLIC documented
OAW-9207-2.4-ISS practice
`,
	"every": `
ANYW-STORM-1 practice
ANYW-RACE-1 standard
ANYW-LOST-1 practice
ANYW-TERM-1 standard
ANYW-401-1 practice
ANYW-429-1 practice
ANYW-JITTER-1 practice
ANYW-LEAK-1 standard
ANYW-CACHE-1 practice
ANYW-SHORT-1 practice
ANYW-PARSE-1 practice
`,
}

func TestClientRowsAreThoseOfTheTable(t *testing.T) {
	t.Parallel()
	for _, id := range specs.Builtin() {
		d, err := specs.Load(id)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, row := range d.ClientRows {
			got = append(got, row.ID+" "+string(row.Level))
			if row.Actor != specs.ActorClient || row.Text == "" || row.Where == "" {
				t.Errorf("%s is not told: %+v", row.ID, row)
			}
			if _, server := d.Requirement(row.ID); server {
				t.Errorf("%s is a row of the server, too", row.ID)
			}
		}
		want := strings.Split(strings.TrimSpace(strings.TrimSpace(clientTable[id])+clientTable["every"]), "\n")
		if !slices.Equal(got, want) {
			t.Errorf("%s asks of clients\n%s\nwant\n%s", id, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// Flows of clients may have the names of a server's, and stand on what they name.
func TestClientFlowsAreReadApart(t *testing.T) {
	t.Parallel()
	d, err := specs.Parse("least.yaml", []byte(change(t, leastDocument(t), clientOf("{flow: state, requirement: LE-C-1, forged: LE-C-1}")...)))
	if err != nil {
		t.Fatal(err)
	}
	if len(d.ClientFlows) != 1 || len(d.Flows) != 15 {
		t.Fatalf("%d flows of clients, %d of the server", len(d.ClientFlows), len(d.Flows))
	}
	flow := d.ClientFlows[0]
	if flow.Name != "state" || flow.Actor != specs.ActorClient || flow.Params["forged"] != "LE-C-1" || flow.At.Line != 47 {
		t.Errorf("the flow was read as %+v", flow)
	}
	if needs := flow.Needs(); !slices.Equal(needs, []specs.Role{specs.RoleAuthorize}) {
		t.Errorf("it needs %v", needs)
	}
}

// clientOf are the changes that give the least document a row of clients, and these flows to watch it by.
func clientOf(flows ...string) []string {
	return []string{
		"  credentials:\n", "    - {id: LE-C-1, actor: client, level: documented, where: the page, text: a client is careful}\n  credentials:\n",
		"paths:\n  /token", "  clients:\n    - " + strings.Join(flows, "\n    - ") + "\npaths:\n  /token",
	}
}

func TestLintOfClients(t *testing.T) {
	t.Parallel()
	for _, c := range []broken{
		{"a row that is the server's", clientOf("{flow: storage, requirement: LE-C-1, restart: LE-USE-1}"), []string{
			"least.yaml:47: LE-USE-1 binds the server, and no watch of a client shows it; name a requirement with actor: client",
		}},
		{"a row that there is not", clientOf("{flow: storage, requirement: LE-C-1, restart: LE-C-2}"), []string{
			"least.yaml:47: there is no requirement LE-C-2; add it to x-gonogo/requirements with actor: client, or use one of those",
		}},
		{"a flow that nobody knows", clientOf("{flow: storrage, requirement: LE-C-1}"), []string{
			"least.yaml:47: x-gonogo/clients/0/flow cannot be \"storrage\"; did you mean storage?",
		}},
		{"a role without an operation", clientOf("{flow: requests, requirement: LE-C-1, role: revoke}"), []string{
			"least.yaml:47: the flow requests needs an operation of role revoke, and there is none; give an operation x-gonogo: {role: revoke, …}, or remove the flow",
		}},
		{"a field that nobody has", clientOf("{flow: secret, requirement: LE-C-1, field: password}"), []string{
			"least.yaml:47: \"password\" is no field of the role primary; use one of client_id, client_secret, redirect_uri, or add it to x-gonogo/credentials/primary",
		}},
		{"times that are none", clientOf("{flow: time, requirement: LE-C-1}"), []string{
			"least.yaml:47: the flow time needs an access token whose end is announced as a timestamp; add lifetime: {announced: …, unit: rfc3339} to it, or remove the flow",
		}},
		{"a parameter that the page does not take", clientOf("{flow: state, requirement: LE-C-1, parameter: nonce}"), []string{
			"least.yaml:47: GET /ask takes no parameter \"nonce\"; add it to the operation's parameters, or correct the flow's parameter",
		}},
		{"a proof key where there is none", clientOf("{flow: proof-key, requirement: LE-C-1}"), []string{
			"least.yaml:47: GET /ask takes no challenge; say generates: {…: challenge} of it, or remove the flow",
		}},
		{"a member that no answer has", clientOf("{flow: envelope, requirement: LE-C-1, success_at: /success}"), []string{
			"least.yaml:47: no success schema has /success; correct the pointer, or add the property to the schemas",
		}},
		{"one flow twice", clientOf("{flow: requests, requirement: LE-C-1, role: issue}", "{flow: requests, requirement: LE-C-1, role: refresh}", "{flow: requests, requirement: LE-C-1, role: issue}"), []string{
			"least.yaml:49: the flow requests is already declared in line 47; declare it once",
		}},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			text := change(t, leastDocument(t), c.changes...)
			if got, want := specs.Lint("least.yaml", []byte(text)).Error(), strings.Join(c.lines, "\n"); got != want {
				t.Errorf("lint says\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// Whatever a watch can be declared to look for, and every row that all clients have, is told to people in the same three
// sentences.
func TestEveryWatchIsTold(t *testing.T) {
	t.Parallel()
	var schema struct {
		Parts map[string]struct {
			Properties map[string]struct {
				Ref   string   `json:"$ref"`
				Const string   `json:"const"`
				Enum  []string `json:"enum"`
			} `json:"properties"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(specs.ExtensionSchema, &schema); err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for name, part := range schema.Parts {
		if !strings.HasSuffix(name, "Watch") {
			continue
		}
		declared := part.Properties["flow"]
		for _, flow := range append(declared.Enum, declared.Const) {
			for key, property := range part.Properties {
				if flow != "" && (key == "requirement" || property.Ref == "#/$defs/id") {
					want = append(want, flow+" "+key)
				}
			}
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(clientTable["every"]), "\n") {
		want = append(want, strings.Fields(line)[0])
	}
	for _, watch := range specs.Watches() {
		got = append(got, strings.TrimSpace(watch.Flow+" "+watch.Key+watch.Row))
		if watch.Looks == "" || watch.May == "" || watch.Mend == "" {
			t.Errorf("%+v says nothing", watch)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the guide tells of\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, id := range append(specs.Builtin(), "../testdata/fifth/pantry.yaml") {
		d, err := specs.Load(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range d.ClientRows {
			if flows, told := d.Watched(row.ID); len(told) == 0 || len(flows) != len(told) {
				t.Errorf("%s: nobody is told what %s is watched by", id, row.ID)
			}
		}
	}
}
