package load

import (
	"cmp"
	"fmt"
	"slices"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
)

var kindNames = [2]string{client.Access, client.Refresh}

// offer is what a document has for a load.
type offer struct {
	dialect *specs.Dialect
	target  *target.Target
	ops     *operation.Set

	issue, refresh, use, validate *call   // nil: the document has none
	renewable                     *call   // what hands out tokens that can be refreshed: issue, unless only a user's consent does
	begins                        *call   // what hands out the tokens that the run's scenario begins with: issue, or else renewable
	code                          *byCode // how a user consents, where anything exchanges a code for tokens; else nil
	live                          *call   // finds out whether an access token works: validate, or else use
	tries                         *call   // what storms and sessions try tokens on: use, or else live
	revoke                        *call   // what ends a session; nil: the document has none, or the run does not call it

	gate     specs.Level // the weakest level whose violation is a no-go
	rotates  bool        // a refresh token works once, by a promise that counts
	rotation specs.Rotation
}

// newOffer reads a document and a target file for a load. Its errors are about one of the two.
func newOffer(of *Target, gate specs.Level) *offer {
	d, t := of.dialect, of.file
	o := &offer{dialect: d, target: t, gate: gate, ops: operation.Compile(d, t)}
	for role, into := range map[specs.Role]**call{
		specs.RoleIssue: &o.issue, specs.RoleRefresh: &o.refresh, specs.RoleUse: &o.use, specs.RoleValidate: &o.validate,
	} {
		if op := o.ops.First(role); op != nil {
			*into = newCall(d, op)
		}
	}
	o.renewable = o.issue
	if o.issue == nil || o.refresh != nil && !slices.ContainsFunc(o.ops.Sources(client.Refresh), func(op *operation.Op) bool { return op.Role == specs.RoleIssue }) {
		if o.code = consenting(d, o.ops); o.code != nil {
			o.renewable = newCall(d, o.ops.First(specs.RoleExchange))
			o.issue = cmp.Or(o.issue, o.renewable)
		}
	}
	o.begins = o.issue
	o.live = cmp.Or(o.validate, o.use)
	o.tries = cmp.Or(o.use, o.live)
	if flow := o.flow("rotation", ""); flow.Name != "" {
		row, judged := d.Requirement(flow.Requirement)
		o.rotates = judged && !row.Level.Weaker(gate)
	}
	kind, _ := d.Token(client.Refresh)
	o.rotation = kind.Rotation
	return o
}

// fits reports why a scenario cannot be had from the document and the target; nil if it can.
func (o *offer) fits(sc scenario) error {
	if err := o.has(sc); err != nil {
		return err
	}
	if sc.has(refreshPart) && !sc.has(issuePart) {
		o.begins = o.renewable
	}
	if o.issue.byCode() || o.renewable.byCode() && sc.has(refreshPart) && sc.name != sessionScenario {
		if why := o.unconsenting(); why != "" {
			return fmt.Errorf("--scenario %s: %s", sc, why)
		}
	}
	if sc.name == stormScenario && o.target.Clock == nil {
		return fmt.Errorf("--scenario %s: everybody's token ends in the same second when the target's clock is moved, and the target file has no way to; add clock: {advance: …}", sc)
	}
	return nil
}

// has reports why the document has not what a scenario is made of; nil if it has.
func (o *offer) has(sc scenario) error {
	what := fmt.Sprintf("--scenario %s", sc)
	if o.issue == nil {
		return fmt.Errorf("%s: the document has no operation that issues tokens against credentials, nor one that exchanges a code for them, so there is nothing to begin with", what)
	}
	if o.issue.byCode() && sc.has(issuePart) {
		return fmt.Errorf("%s: tokens come of a user's consent, and nobody consents a thousand times a second; choose another scenario, such as mix=validate:8,refresh:1", what)
	}
	for p, c := range map[part]*call{validatePart: o.live, usePart: o.use, refreshPart: o.refresh} {
		if sc.has(p) && c == nil && sc.name != sessionScenario {
			return fmt.Errorf("%s: there is no operation for %s: the document has none, or the target has it nowhere (endpoints)", what, partNames[p])
		}
	}
	return nil
}

// unconsenting says why nobody can consent before an attack, again and again; empty: somebody can.
func (o *offer) unconsenting() string {
	for _, need := range []target.Need{target.NeedConsent, target.NeedUser} {
		if have, why := o.target.Provides(need, ""); have == target.NotConfigured || have == target.DeclaredAbsent {
			return "what it begins with comes of a user's consent, and " + why
		}
	}
	if drives(o.target.Consent) != nil {
		return ""
	}
	why := "would ask somebody for each; set it to form, or to a command"
	if o.target.Consent.Mode == target.ConsentBrowser {
		why = "takes a window for each, which load does not open; set it to form if the pages work without scripts, or to a command"
	}
	return fmt.Sprintf("tokens come of a user's consent, and consent.mode %s %s", o.target.Consent.Mode, why)
}

// calls are those that an attack can make of the document's.
func (o *offer) calls() []*call {
	return slices.DeleteFunc([]*call{o.issue, o.refresh, o.use, o.validate, o.revoke}, func(c *call) bool { return c == nil || c.byCode() })
}

// of is the call that a kind of request makes.
func (o *offer) of(p part) *call {
	switch p {
	case issuePart:
		return o.issue
	case refreshPart, replayPart:
		return o.refresh
	case usePart:
		return o.tries
	case logoutPart:
		return o.revoke
	default:
		return o.live
	}
}

// compile makes the templates, once the credentials are known. traced: each request names its trace.
func (o *offer) compile(agent string, traced bool, credential func(role, field string) (string, bool)) error {
	for _, c := range o.calls() {
		var err error
		if c.template, err = newTemplate(c.op, o.target.Headers, agent, traced, credential); err != nil {
			return err
		}
		c.unique = c.template.takes(uniqueGap)
	}
	return nil
}

// widest is how many values the answers of any call are looked through for.
func (o *offer) widest() int {
	widest := 0
	for _, c := range o.calls() {
		widest = max(widest, c.pick.names)
	}
	return widest
}

// requirement is the row of the document that a kind of violation breaks at a call.
func (o *offer) requirement(kind violation, c *call) string {
	switch kind {
	case repeated:
		if c == o.issue || c.byCode() {
			return cmp.Or(o.flow("uniqueness", "").Requirement, c.op.Success)
		}
	case replayed, raceWon:
		return cmp.Or(o.flow("rotation", "").Requirement, c.op.Refused)
	case outlived:
		return cmp.Or(o.flow("expiry", client.Access).Requirement, c.op.Refused)
	case revived, revivedRefresh:
		return cmp.Or(o.flow("revocation", "").Requirement, c.op.Refused)
	}
	return c.op.Success
}

// advises reports whether a row is too weak for its violation to be a no-go.
func (o *offer) advises(requirement string) bool {
	row, known := o.dialect.Requirement(requirement)
	return known && row.Level.Weaker(o.gate)
}

// flow is the document's promise of a name, about a kind of token unless that is empty; the zero value if it makes none.
func (o *offer) flow(name, token string) specs.Flow {
	for _, flow := range o.dialect.Flows {
		if flow.Name == name && (token == "" || flow.Token == token) {
			return flow
		}
	}
	return specs.Flow{}
}
