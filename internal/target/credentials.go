package target

import (
	"fmt"
	"slices"
	"strings"

	"gonogo/internal/spell"
	"gonogo/specs"
)

const actsAs = "acts_as"

// credentials reads the roles that the document names, with exactly the fields that it names.
func (r *reader) credentials(given map[string]map[string]string) {
	if r.dialect == nil {
		return // the problem is already told, and any role could be right
	}
	r.target.Credentials = map[string]Credential{}
	var roles []string
	for _, role := range r.dialect.Credentials {
		roles = append(roles, role.Role)
		if at := []string{"credentials", role.Role}; r.usable(at...) {
			r.credential(at, given[role.Role], role)
		} else if !r.given(at...) && !r.wrong(at) && !r.excused(role) {
			r.fail(at, fmt.Sprintf("credentials.%s is missing", role.Role), r.missingFix(role))
		}
	}
	if r.usable("credentials") {
		for _, name := range r.node("credentials").Keys() {
			if at := []string{"credentials", name}; !slices.Contains(roles, name) {
				r.fail(at, named(at)+" is no role of this dialect", spell.Hint(name, roles, "its roles are "))
			}
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
	return role.Registered || role.Optional || slices.Contains(absent, need(role)) || role.Human && slices.Contains(absent, NeedConsent)
}

func (r *reader) missingFix(role specs.Credential) string {
	fix := fmt.Sprintf("add %s: {%s: …}", role.Role, strings.Join(role.Fields, ": …, "))
	if need := need(role); need != "" {
		fix += fmt.Sprintf(", or say absent: [%s]", need)
	}
	return fix
}

func (r *reader) credential(at []string, given map[string]string, role specs.Credential) {
	known := slices.Clone(role.Fields)
	if role.ActsAs {
		known = append(known, actsAs)
	}
	made := Credential{Fields: map[string]string{}}
	for _, field := range r.node(at...).Keys() {
		at := slices.Concat(at, []string{field})
		value := given[field]
		switch {
		case field == actsAs && !role.ActsAs:
			r.fail(at, named(at)+" means nothing here: no answer of this dialect names the user that this role acts for", "remove it")
		case !slices.Contains(known, field):
			r.fail(at, named(at)+" is no field of this role", spell.Hint(field, known, "its fields are "))
		case r.wrong(at):
		case field == actsAs:
			made.ActsAs = value
		default:
			made.Fields[field] = value
			if r.target.secretField(role.Role, field) && len(value) < MinSecret {
				r.note(at, fmt.Sprintf("%s has fewer than %d bytes, too short to be found and hidden by its value; keep reports of this target to yourselves or use a longer one", named(at), MinSecret))
			}
		}
	}
	for _, field := range role.Fields {
		if at := slices.Concat(at, []string{field}); !r.given(at...) && !slices.Contains(role.MayBeLeft, field) {
			r.fail(at, named(at)+" is missing", "add it; "+role.Role+" takes "+strings.Join(role.Fields, ", "))
		}
	}
	r.target.Credentials[role.Role] = made
}
