package target

import (
	"cmp"
	"fmt"
	"slices"

	"gonogo/specs"
)

// Need is something that a case asks of the target, a word of a closed list: what absent and --require take.
type Need string

// The needs.
const (
	NeedTime       Need = "time"       // the target's clock moved, or a real wait
	NeedOutsider   Need = "outsider"   // a second source address
	NeedConsent    Need = "consent"    // a way past the consent page
	NeedBrowser    Need = "browser"    // a real browser
	NeedSecond     Need = "second"     // a second client or account
	NeedListed     Need = "listed"     // an account with allow-list entries
	NeedUser       Need = "user"       // a human's login
	NeedIdentity   Need = "identity"   // an API answer that names the acting user
	NeedOperator   Need = "operator"   // a control action on the server
	NeedRevocation Need = "revocation" // a known revocation path
	NeedPublic     Need = "public"     // a client without a secret
)

var needs = []Need{NeedTime, NeedOutsider, NeedConsent, NeedBrowser, NeedSecond, NeedListed, NeedUser, NeedIdentity, NeedOperator, NeedRevocation, NeedPublic}

// Needs lists the needs.
func Needs() []Need { return slices.Clone(needs) }

// Provision says whether a target serves a need. The two ways of not serving one have different outcomes,
// so it is no bool.
type Provision int

// The provisions. The zero value is the one that claims nothing.
const (
	NotConfigured  Provision = iota // the file does not say how: not-exercised
	DeclaredAbsent                  // the file says that there is no such thing: not-applicable
	Provided                        // cases that need it can run
	Missing                         // the file asks for it and this machine does not have it: could-not-run
)

// Provides says whether the target serves a need of the closed list; why is a phrase for a report, and where
// the need is merely not configured it says what to add to the file. noBrowser says why this run can show no page
// in a browser, as a phrase; empty if it can. Time is always provided: without a clock it is real, and whether a
// wait fits Limits.MaxWait only the plan can say.
func (t *Target) Provides(need Need, noBrowser string) (have Provision, why string) {
	if slices.Contains(t.Absent, need) {
		return DeclaredAbsent, "the target declares " + string(need) + " absent"
	}
	switch need {
	case NeedTime:
		if t.Clock != nil {
			return Provided, "the target's clock can be moved"
		}
		return Provided, "waits are real, up to " + short(t.Limits.MaxWait)
	case NeedOutsider:
		return given(t.Outsider != nil, "a second source address is configured", cmp.Or(t.NoOutsider, "the target file has no outsider (add outsider: {local_address: …} or {proxy: …})"))
	case NeedConsent, NeedBrowser:
		return t.providesConsent(need, noBrowser)
	case NeedUser:
		if !t.hasRole(need) && slices.Contains(t.Absent, NeedConsent) {
			return DeclaredAbsent, "the target declares consent absent, so nobody signs in"
		}
		return t.providesRole(need)
	case NeedSecond, NeedListed, NeedPublic:
		return t.providesRole(need)
	case NeedIdentity:
		if t.Settings.ActingUser == "" {
			return NotConfigured, "the target file does not say where an API answer names the acting user (add settings.acting_user)"
		}
		for _, credential := range t.Credentials {
			if credential.ActsAs != "" {
				return Provided, "answers name the acting user at " + t.Settings.ActingUser.Pointer()
			}
		}
		return NotConfigured, "no credentials of the target file say which user they act for (add acts_as)"
	case NeedOperator:
		return given(t.Operator.RotateSecret != nil, "the operator can regenerate a secret", "the target file has no operator.rotate_secret (add operator: {rotate_secret: …}, a call that makes a new secret)")
	case NeedOperation:
		return DeclaredAbsent, "the target file says that there is no such operation (endpoints)"
	case NeedRevocation:
		if place := t.documentedRevocation(); place != "" && t.Settings.RevokePath == "" {
			return Provided, "tokens are revoked at " + place
		}
		return given(t.Settings.RevokePath != "", "tokens are revoked at "+t.Settings.RevokePath, "the document names no revocation path (set settings.revoke_path)")
	default:
		return NotConfigured, fmt.Sprintf("%q is no need that a target file knows", need)
	}
}

// documentedRevocation is where the document itself has tokens revoked; empty: it leaves that to the target file.
func (t *Target) documentedRevocation() string {
	if t.dialect == nil {
		return ""
	}
	for _, op := range t.dialect.Operations {
		if op.Role == specs.RoleRevoke && op.Setting == "" {
			return op.Path
		}
	}
	return ""
}

func (t *Target) providesConsent(need Need, noBrowser string) (Provision, string) {
	for _, word := range []Need{NeedConsent, NeedUser} {
		if t.Consent.Mode == "" && slices.Contains(t.Absent, word) {
			return DeclaredAbsent, "the target declares " + string(word) + " absent"
		}
	}
	if field := t.unregistered(); field != "" {
		return NotConfigured, "the target file does not say where users are sent back to (add credentials.primary." + field + ")"
	}
	switch {
	case t.Consent.Mode == "":
		return NotConfigured, "the target file does not say how to consent (add consent: {mode: form})"
	case t.Consent.Mode == ConsentBrowser && noBrowser != "":
		return Missing, "consent.mode is browser, and " + noBrowser
	case need == NeedConsent:
		return Provided, "consent is given by " + string(t.Consent.Mode)
	case t.Consent.Mode != ConsentForm && t.Consent.Mode != ConsentBrowser:
		return NotConfigured, "consent is given by " + string(t.Consent.Mode) + ", which cannot be watched in a browser (it takes consent: {mode: form} or {mode: browser})"
	default:
		return given(noBrowser == "", "pages are shown in Chromium", noBrowser)
	}
}

// unregistered is the field of the client's redirect URI, where a consent takes one and the file does not give it.
func (t *Target) unregistered() string {
	if t.dialect == nil {
		return ""
	}
	for _, op := range t.dialect.ByRole(specs.RoleAuthorize) {
		if input, ok := op.RedirectInput(); ok && t.Credentials["primary"].Fields[input.From.Field] == "" {
			return input.From.Field
		}
	}
	return ""
}

func (t *Target) providesRole(need Need) (Provision, string) {
	return given(t.hasRole(need), "the target file has these credentials", "the target file has no credentials for it (add credentials."+string(need)+")")
}

// hasRole reports whether there are credentials whose lack would leave the need unserved.
func (t *Target) hasRole(wanted Need) bool {
	for name := range t.Credentials {
		if Need(name) == wanted {
			return true
		}
		if t.dialect != nil {
			if role, ok := t.dialect.Credential(name); ok && need(role) == wanted {
				return true
			}
		}
	}
	return false
}

func given(have bool, yes, no string) (Provision, string) {
	if have {
		return Provided, yes
	}
	return NotConfigured, no
}

// contradictions finds what is declared absent and yet configured. Believing either half silently could turn
// a violation into "not applicable".
func (r *reader) contradictions() {
	t := r.target
	configured := map[Need]string{}
	set := func(need Need, is bool, key string) {
		if is {
			configured[need] = key
		}
	}
	set(NeedTime, r.given("clock"), "clock")
	set(NeedOutsider, r.given("outsider"), "outsider")
	set(NeedConsent, r.given("consent"), "consent")
	set(NeedBrowser, t.Consent.Mode == ConsentBrowser, "consent.mode browser")
	set(NeedIdentity, t.Settings.ActingUser != "", "settings.acting_user")
	set(NeedOperator, t.Operator.RotateSecret != nil || t.Operator.RestoreSecret != nil, "operator")
	set(NeedRevocation, t.Settings.RevokePath != "", "settings.revoke_path")
	if r.dialect != nil {
		for _, role := range r.dialect.Credentials {
			_, given := t.Credentials[role.Role]
			set(need(role), given, "credentials."+role.Role)
		}
	}
	for _, word := range t.Absent {
		if key, ok := configured[word]; ok {
			r.fail([]string{"absent"}, fmt.Sprintf("absent declares %s, but the file has %s", word, key), "remove one of the two")
		}
	}
}
