package target

import (
	"cmp"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"

	"gonogo/specs"
)

// MinSecret is the length in bytes from which a secret can be hidden by its value. Shorter ones, such as
// "demo" or "1234", also occur where they mean nothing, and hiding those would make evidence unreadable
// while the gaps gave the value away. Notes names each one that is too short.
const MinSecret = 6

// publicFields are the identifiers that RFC 6749 shows to everyone (sections 2.2 and 3.1.2): a person's
// browser has them in its address line.
var publicFields = []string{"client_id", "redirect_uri"}

// Secrets are the values of the file that must never be printed, longest first: header values, credential
// fields except identifiers that stand in public URLs and names, passwords of proxies, the TLS key, and whatever was
// inserted into control calls and request bodies. Values below MinSecret bytes are left out.
func (t *Target) Secrets() []string {
	var found []string
	for role, credential := range t.Credentials {
		for field, value := range credential.Fields {
			if t.Proves(role, field) {
				found = append(found, value)
			}
		}
	}
	found = slices.AppendSeq(found, maps.Values(t.Headers))
	found = append(found, passwordOf(t.Proxy))
	if t.Outsider != nil {
		found = append(found, passwordOf(t.Outsider.Proxy))
	}
	if t.Clock != nil {
		found = append(found, t.Clock.Advance.secrets()...)
	}
	for _, call := range []*Call{t.Operator.RotateSecret, t.Operator.RestoreSecret} {
		if call != nil {
			found = append(found, call.secrets()...)
		}
	}
	names := t.Names()
	for _, value := range slices.Concat(t.envSecrets, t.inserted) {
		if !slices.Contains(names, value) {
			found = append(found, value)
		}
	}
	if t.TLS.KeyFile != "" {
		if key, err := os.ReadFile(t.TLS.KeyFile); err == nil {
			found = append(found, strings.TrimSpace(string(key)))
		}
	}
	return longest(found)
}

// Proves reports a field with which a role proves who it is: neither a name nor an identifier that stands in public URLs.
func (t *Target) Proves(role, field string) bool {
	return t.secretField(role, field) && !t.nameField(role, field)
}

// Names are what people sign in with, longest first. They are somebody's, so reports do not show them, but no secrets: a part of a
// longer word that reads like one is none.
func (t *Target) Names() []string {
	var found []string
	for role, credential := range t.Credentials {
		for field, value := range credential.Fields {
			if t.secretField(role, field) && t.nameField(role, field) {
				found = append(found, value)
			}
		}
	}
	return longest(found)
}

// Fixed are the texts in which requests carry the values that the document fixes, and the names of its inputs: no secret is in them,
// though one may be the same word.
func (t *Target) Fixed() []string {
	if t.dialect == nil {
		return nil
	}
	var texts []string
	for _, operation := range t.dialect.Operations {
		for _, in := range operation.Inputs {
			texts = append(texts, in.Name+"=", `"`+in.Name+`":`, `"`+in.Name+`" :`)
			if in.Fixed != "" {
				texts = append(texts, in.Name+"="+in.Fixed, `"`+in.Name+`":"`+in.Fixed+`"`, `"`+in.Name+`": "`+in.Fixed+`"`)
			}
		}
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// nameField is the field that says who a role is, beside one that proves it.
func (t *Target) nameField(role, field string) bool {
	if t.dialect == nil {
		return false
	}
	credential, ok := t.dialect.Credential(role)
	return ok && len(credential.Fields) > 1 && credential.Fields[0] == field
}

// longest sorts values, the longest first, each once and without those that are too short.
func longest(values []string) []string {
	values = slices.DeleteFunc(values, func(s string) bool { return len(s) < MinSecret })
	slices.SortFunc(values, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return slices.Compact(values)
}

// secretField is every field but the standard's identifiers and those that the document itself puts into
// the URL of a page for people.
func (t *Target) secretField(role, field string) bool {
	if slices.Contains(publicFields, field) {
		return false
	}
	if t.dialect == nil {
		return true
	}
	for _, operation := range t.dialect.ByRole(specs.RoleAuthorize) {
		for _, in := range operation.Inputs {
			if in.In == specs.InQuery && in.From.Field == field && (in.From.Role == "" || in.From.Role == role) {
				return false
			}
		}
	}
	return true
}

func passwordOf(u *url.URL) string {
	if u == nil || u.User == nil {
		return ""
	}
	password, _ := u.User.Password()
	return password
}
