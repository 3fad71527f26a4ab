package target

import (
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
// fields except identifiers that stand in public URLs, passwords of proxies, the TLS key, and whatever was
// inserted into control calls and request bodies. Names people sign in with are among them, for they are
// somebody's; so this is the list for hiding and not for finding leaks. Values below MinSecret bytes are left
// out.
func (t *Target) Secrets() []string {
	var found []string
	for role, credential := range t.Credentials {
		for field, value := range credential.Fields {
			if t.secretField(role, field) {
				found = append(found, value)
			}
		}
	}
	found = slices.AppendSeq(found, maps.Values(t.Headers))
	found = append(found, passwordOf(t.Proxy))
	found = append(found, t.envSecrets...)
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
	found = append(found, t.inserted...)
	if t.TLS.KeyFile != "" {
		if key, err := os.ReadFile(t.TLS.KeyFile); err == nil {
			found = append(found, strings.TrimSpace(string(key)))
		}
	}
	found = slices.DeleteFunc(found, func(s string) bool { return len(s) < MinSecret })
	slices.SortFunc(found, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(found)
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
