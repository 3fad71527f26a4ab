package consent

import "testing"

func TestLeanOfLabels(t *testing.T) {
	for label, want := range map[string]lean{
		"Allow": assents, "Allow access": assents, "APPROVE": assents, "Authorise": assents, "Authorize Soup App": assents, "Grant": assents,
		"Accept": assents, "I agree": assents, "Yes": assents, "Yes, continue": assents, "Submit consent": assents, "Sign in and allow": assents,
		"Allow. You may cancel at any time": assents,
		"Continue":                          weakAssent, "OK": weakAssent, "Confirm": weakAssent,
		"Deny": denies, "Cancel": denies, "Decline": denies, "Refuse": denies, "Reject": denies, "No": denies, "No, thanks": denies, "no thank you": denies,
		"Disallow": denies, "Don't allow": denies, "Don’t Allow": denies, "Do not authorize": denies, "I do not agree": denies, "Not now": denies,
		"Continue without granting": denies, "No, deny access": denies, "Cancel authorization": denies, "Never allow": denies,
		"Back": weakDeny,
		"":     neutral, "Log out": neutral, "Not you? Switch account": neutral, "No account? Register": neutral, "Forgot password?": neutral, "Don't cancel": neutral,
		"Sign in": neutral, "Zulassen": neutral, "Unauthorized": neutral, "Terms you agree to": neutral, "No account? Continue as guest": weakAssent,
	} {
		if got := leanOf(label); got != want {
			t.Errorf("%q: %d, wanted %d", label, got, want)
		}
	}
}

func TestLeanOfNames(t *testing.T) {
	for name, want := range map[string]lean{
		"allow": assents, "btnAllow": assents, "approve_request": assents, "authorize": assents, "yes": assents,
		"deny": denies, "cancel_authorization": denies, "btn-cancel": denies, "doNotAllow": denies, "no": denies, "disallow": denies,
		"authorization": neutral, "grant_type": neutral, "consent_form": neutral, "submit": neutral, "": neutral,
	} {
		if got := leanOfName(name); got != want {
			t.Errorf("%q: %d, wanted %d", name, got, want)
		}
	}
}

func TestSignInLabels(t *testing.T) {
	for label, want := range map[string]int{
		"Sign in": 2, "LOG IN": 2, "Login": 2, "SignIn": 2, "Log on to Soup": 2, "Continue": 1, "Next": 1,
		"Sign in with Google": 0, "Register": 0, "Forgot login?": 0, "Sign up": 0, "": 0,
	} {
		if got := signsIn(label); got != want {
			t.Errorf("%q: %d, wanted %d", label, got, want)
		}
	}
}
