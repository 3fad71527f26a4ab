package scene

import (
	"net/url"
	"strings"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
)

// mistaken is a way in which a target may read a secret that is right.
type mistaken struct{ secret, means string }

// misreadings are what a secret becomes where credentials are cut at their last colon but one, and where they are decoded
// as forms are. A secret that means the same to everybody has none.
func misreadings(secret string) []mistaken {
	var all []mistaken
	if cut, _, found := strings.Cut(secret, ":"); found && cut != "" {
		all = append(all, mistaken{cut, "cut at its colon: the target reads credentials up to their second colon only, and a colon may stand in a password (RFC 7617 section 2)"})
	}
	if encoded := url.QueryEscape(secret); encoded != secret {
		all = append(all, mistaken{encoded, "form-encoded: the target decodes credentials as forms are (RFC 6749 section 2.3.1)"})
	}
	return all
}

// BasicInForm is the scheme by which an operation with a form takes a client's credentials in a Basic header; nil if it does not.
func (t *Trial) BasicInForm(op *operation.Op) *specs.Auth {
	for _, auth := range op.Auth {
		if auth.Kind == specs.AuthBasic && op.Sends(specs.InForm) {
			return &auth
		}
	}
	return nil
}

// MostMisreadings is how many logins with something else than the target file's secret SignOn sends.
const MostMisreadings = 3

// whyRefused says what is known of a refusal of the primary credentials, and else where to look.
func (t *Trial) whyRefused(op *operation.Op) string {
	said, found := t.misread(op)
	if found {
		return said
	}
	said += "; check credentials." + operation.Primary + " in the target file"
	if op.Variant && t.First(specs.RoleExchange) != nil && t.First(specs.RoleMetadata) != nil { // metadata tell what the server has, not what this client may
		said += ", or say endpoints: {" + op.ID + ": none} there if this client has codes alone"
	}
	return said
}

// misread tries what a target may have made of a secret that it refuses, and says what was found out; "" if the secret
// means the same to everybody. found: one of them is taken.
func (t *Trial) misread(op *operation.Op) (said string, found bool) {
	role, field, secret := operation.Primary, "", ""
	for _, credential := range t.Dialect.Credentials {
		if credential.Role == role && len(credential.Fields) > 1 {
			field = credential.Fields[1]
			secret = t.Credential(role, field)
		}
	}
	if basic := t.BasicInForm(op); basic != nil && basic.Encoded && url.QueryEscape(secret) != secret && t.WrongLogins() < t.Target.Limits.FailedLogins {
		t.FailedLogin()
		if t.Call(op, operation.Args{Plain: true}, "with the "+field+" as it is").Succeeded() {
			return "; it takes the " + field + " as it is, and not form-encoded as in RFC 6749 section 2.3.1", true
		}
	}
	for _, m := range misreadings(secret) {
		if t.WrongLogins() >= t.Target.Limits.FailedLogins {
			break
		}
		t.FailedLogin()
		t.Secret("misread "+field, m.secret)
		fields := map[string]string{}
		if op.Role == specs.RoleRegister {
			fields = t.NewAccount()
		}
		fields[field] = m.secret
		reply, err := t.Client.Call(t.ctx, op, operation.Args{Fields: fields}, "with the "+field+" as it may be misread")
		if err == nil && reply.Succeeded() && (op.Role == specs.RoleRegister || reply.Tokens[client.Access] != "") {
			return "; it takes the " + field + " " + m.means, true
		}
		what, _, _ := strings.Cut(m.means, ":")
		said += ", nor " + what
	}
	if said != "" {
		said = "; it does not take the " + field + " as it is" + said
	}
	return said, false
}
