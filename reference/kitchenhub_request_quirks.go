package reference

import "time"

// Defects in how a request is read that is not as the document shows it, by
// the requirement that each violates.
var (
	khSecretMissing     = defect("kitchenhub-secret-missing-accepted", "KH-ISSUE-3", "A request without client_secret gets tokens.")
	khSecretEmpty       = defect("kitchenhub-secret-empty-accepted", "KH-ISSUE-3", "An empty client_secret gets tokens.")
	khSecretNull        = defect("kitchenhub-secret-null-accepted", "KH-ISSUE-3", "A null client_secret gets tokens.")
	khSecretNumberCrash = defect("kitchenhub-secret-number-crash", "KH-ISSUE-3", "A number as client_secret is answered 500.")
	khSecretObjectCrash = defect("kitchenhub-secret-object-crash", "KH-ISSUE-3", "An object as client_secret is answered 500.")
	khSecretArrayCrash  = defect("kitchenhub-secret-array-crash", "KH-ISSUE-3", "An array as client_secret is answered 500.")
	khIDMissingCrash    = defect("kitchenhub-client-id-missing-crash", "KH-ISSUE-3", "A request without client_id is answered 500.")
	khIDEmpty           = defect("kitchenhub-client-id-empty-accepted", "KH-ISSUE-3", "An empty client_id gets tokens.")
	khIDNoString        = defect("kitchenhub-client-id-no-string-crash", "KH-ISSUE-3", "A client_id that is no string is answered 500.")
	khIssueMalformed    = defect("kitchenhub-issue-malformed-crash", "KH-ISSUE-3", "Malformed JSON at the token endpoint is answered 500.")
	khIssueEmptyBody    = defect("kitchenhub-issue-empty-body-crash", "KH-ISSUE-3", "An empty body at the token endpoint is answered 500.")
	khIssueNoObject     = defect("kitchenhub-issue-array-body-crash", "KH-ISSUE-3", "A body that is JSON but no object is answered 500 at the token endpoint.")

	khRefreshNoToken   = defect("kitchenhub-refresh-missing-crash", "KH-REFRESH-3", "A missing refresh token is answered 500.")
	khRefreshNoTokenOK = defect("kitchenhub-refresh-missing-accepted", "KH-REFRESH-3", "A missing refresh token gets a new pair.")
	khRefreshEmptyOK   = defect("kitchenhub-refresh-empty-accepted", "KH-REFRESH-3", "An empty refresh token gets a new pair.")
	khRefreshNoString  = defect("kitchenhub-refresh-no-string-crash", "KH-REFRESH-3", "A refresh_token that is no string is answered 500.")
	khRefreshEmptyBody = defect("kitchenhub-refresh-empty-body-crash", "KH-REFRESH-3", "An empty body at the refresh endpoint is answered 500.")
	khRefreshNoObject  = defect("kitchenhub-refresh-array-body-crash", "KH-REFRESH-3", "A body that is JSON but no object is answered 500 at the refresh endpoint.")

	khValidateEmpty    = defect("kitchenhub-validate-empty-true", "KH-VALIDATE-2", "An empty access_token is reported valid.")
	khValidateNoString = defect("kitchenhub-validate-no-string-true", "KH-VALIDATE-2", "An access_token that is no string is reported valid.")
	khValidateNoObject = defect("kitchenhub-validate-no-object-true", "KH-VALIDATE-2", "A validate request whose body is no JSON object is reported valid.")

	khMalformedCrash = defect("kitchenhub-crash-on-malformed", "ANY-5XX", "Malformed JSON is answered 500 by refresh and validate.")
	khMediaCrash     = defect("kitchenhub-other-media-crash", "ANY-5XX", "A body whose Content-Type is not JSON is answered 500.")
	khTrailingCrash  = defect("kitchenhub-trailing-crash", "ANY-5XX", "A body that goes on after its JSON object is answered 500.")
	khHangsOnMissing = defect("kitchenhub-hangs-on-missing-token", "ANY-5XX", "A validate request without access_token is never answered.")
)

// khTrailingOK is a liberty in how a request is read: the document is silent about
// bodies that are not as it shows them.
var khTrailingOK = liberty("kitchenhub-trailing-accepted", "KH-ISSUE-3", "A body is read to the end of its JSON object, and nobody looks at what stands after it.")

// secret reads client_secret; the defects see the raw value first.
func (k *kitchenhub) secret(in fields) (string, *answer) {
	f, found := in.get("client_secret")
	switch {
	case !found && k.has(khSecretMissing),
		found && string(f.raw) == "null" && k.has(khSecretNull),
		f.isEmptyText() && k.has(khSecretEmpty):
		return "", nil
	case found && (f.raw[0] == '-' || '0' <= f.raw[0] && f.raw[0] <= '9') && k.has(khSecretNumberCrash),
		found && f.raw[0] == '{' && k.has(khSecretObjectCrash),
		found && f.raw[0] == '[' && k.has(khSecretArrayCrash):
		crash("the secret is no string")
	}
	return k.text(in, "client_secret")
}

func (k *kitchenhub) clientID(in fields) (string, *answer) {
	f, found := in.get("client_id")
	switch {
	case !found && k.has(khIDMissingCrash):
		crash("the client_id is missing")
	case found && !f.isText() && k.has(khIDNoString):
		crash("the client_id is no string")
	case f.isEmptyText() && k.has(khIDEmpty):
		return "", nil
	}
	return k.text(in, "client_id")
}

// bodyQuirks reads a body; the document does not say what becomes of one that
// goes on after its object.
func (k *kitchenhub) bodyQuirks(body []byte) (fields, bodyFault) {
	in, fault := readObject(body)
	if fault != bodyMalformed || !k.any(khTrailingOK, khTrailingCrash) {
		return in, fault
	}
	first := firstValue(body)
	if in, only := readObject(first); only == "" && k.has(khTrailingOK) {
		return in, ""
	} else if only == "" {
		crash("there is something after the object")
	}
	return in, fault
}

func (k *kitchenhub) misreadIssue(fault bodyFault) answer {
	switch {
	case fault == bodyMalformed && k.has(khIssueMalformed),
		fault == bodyEmpty && k.has(khIssueEmptyBody),
		fault == bodyNoObject && k.has(khIssueNoObject):
		return crash(string(fault))
	}
	return k.misread(fault)
}

func (k *kitchenhub) mediaQuirks() {
	if k.has(khMediaCrash) {
		crash("a media type that is not JSON")
	}
}

func (k *kitchenhub) misreadRefresh(fault bodyFault) answer {
	switch {
	case fault == bodyMalformed && k.has(khMalformedCrash),
		fault == bodyEmpty && k.has(khRefreshEmptyBody),
		fault == bodyNoObject && k.has(khRefreshNoObject):
		return crash(string(fault))
	}
	return k.misread(fault)
}

func (k *kitchenhub) misreadValidate(fault bodyFault) answer {
	noObject := fault == bodyEmpty || fault == bodyMalformed || fault == bodyNoObject
	switch {
	case fault == bodyMalformed && k.has(khMalformedCrash):
		return crash(string(fault))
	case noObject && k.has(khValidateNoObject):
		return saidValid()
	}
	return k.misread(fault)
}

// noRefreshToken answers a refresh whose refresh_token is missing, empty or no
// string; a is the refusal.
func (k *kitchenhub) noRefreshToken(in fields, a answer, now time.Time) answer {
	f, found := in.get("refresh_token")
	switch {
	case !found && k.has(khRefreshNoToken):
		return crash("the refresh token is missing")
	case found && !f.isText() && k.has(khRefreshNoString):
		return crash("the refresh token is no string")
	case !found && k.has(khRefreshNoTokenOK), f.isEmptyText() && k.has(khRefreshEmptyOK):
		p, err := k.tokens.issue(account{}, k.tokens.newFamily(), now)
		if err != nil {
			return full()
		}
		return issued(k.pairAnswer(p, now))
	}
	return a
}

// noAccessToken answers a validate request likewise.
func (k *kitchenhub) noAccessToken(in fields, a answer) answer {
	f, found := in.get("access_token")
	switch {
	case !found && k.has(khHangsOnMissing):
		a.fate = hung
	case found && !f.isText() && k.has(khValidateNoString), f.isEmptyText() && k.has(khValidateEmpty):
		return saidValid()
	}
	return a
}
