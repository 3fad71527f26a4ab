package target

import (
	"fmt"
	"slices"
	"strings"

	"gonogo/internal/spell"
	"gonogo/internal/yamlfile"
	"gonogo/specs"
)

const actsAs = "acts_as"

// credentials reads the roles that the document names, with exactly the fields that it names.
func (r *reader) credentials(n *yamlfile.Node, line int) {
	if n != nil {
		line = n.Line
	}
	if r.dialect == nil {
		return // the problem is already told, and any role could be right
	}
	r.target.Credentials = map[string]Credential{}
	var roles []string
	for _, role := range r.dialect.Credentials {
		roles = append(roles, role.Role)
	}
	given := map[string]*yamlfile.Node{}
	if n != nil {
		for _, p := range r.pairs(n, "credentials") {
			if !slices.Contains(roles, p.Key) {
				r.fail(p.Line, yamlfile.Join("credentials", p.Key)+" is no role of this dialect", spell.Hint(p.Key, roles, "its roles are "))
				continue
			}
			given[p.Key] = p.Value
		}
	}
	for _, role := range r.dialect.Credentials {
		if value, ok := given[role.Role]; ok {
			r.credential(value, role)
		} else if !r.excused(role) {
			r.fail(line, fmt.Sprintf("credentials.%s is missing", role.Role), r.missingFix(role))
		}
	}
}

// need is the need that a role's absence leaves unserved.
func need(role specs.Credential) Need {
	switch {
	case role.Registered: // a run makes one
		return ""
	case role.Human:
		return NeedUser
	case slices.Contains(needs, Need(role.Role)):
		return Need(role.Role)
	default:
		return ""
	}
}

func (r *reader) excused(role specs.Credential) bool {
	absent := r.target.Absent
	return role.Registered || slices.Contains(absent, need(role)) || role.Human && slices.Contains(absent, NeedConsent)
}

func (r *reader) missingFix(role specs.Credential) string {
	fix := fmt.Sprintf("add %s: {%s: …}", role.Role, strings.Join(role.Fields, ": …, "))
	if need := need(role); need != "" {
		fix += fmt.Sprintf(", or say absent: [%s]", need)
	}
	return fix
}

func (r *reader) credential(n *yamlfile.Node, role specs.Credential) {
	at := yamlfile.Join("credentials", role.Role)
	known := slices.Clone(role.Fields)
	if role.ActsAs {
		known = append(known, actsAs)
	}
	made := Credential{Fields: map[string]string{}}
	seen := map[string]bool{}
	for _, p := range r.pairs(n, at) {
		at := yamlfile.Join(at, p.Key)
		switch {
		case p.Key == actsAs && !role.ActsAs:
			r.fail(p.Line, at+" means nothing here: no answer of this dialect names the user that this role acts for", "remove it")
			continue
		case !slices.Contains(known, p.Key):
			r.fail(p.Line, at+" is no field of this role", spell.Hint(p.Key, known, "its fields are "))
			continue
		}
		seen[p.Key] = true
		value, ok := r.filled(p.Value, at)
		if !ok {
			continue
		}
		if p.Key == actsAs {
			made.ActsAs = value
			continue
		}
		made.Fields[p.Key] = value
		if r.target.secretField(role.Role, p.Key) && len(value) < MinSecret {
			r.note(p.Value.Line, fmt.Sprintf("%s has fewer than %d bytes, too short to be found and hidden by its value; keep reports of this target to yourselves or use a longer one", at, MinSecret))
		}
	}
	if n.Kind != yamlfile.Mapping {
		return
	}
	for _, field := range role.Fields {
		if !seen[field] {
			r.fail(n.Line, yamlfile.Join(at, field)+" is missing", "add it; "+role.Role+" takes "+strings.Join(role.Fields, ", "))
		}
	}
	r.target.Credentials[role.Role] = made
}
