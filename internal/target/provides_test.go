package target_test

import (
	"fmt"
	"strings"
	"testing"

	"gonogo/internal/target"
)

// provisions prints every need, one a line.
func provisions(t *target.Target, noBrowser string) string {
	words := map[target.Provision]string{target.Missing: "missing", target.Provided: "yes", target.NotConfigured: "not configured", target.DeclaredAbsent: "absent"}
	var lines []string
	for _, need := range target.Needs() {
		have, why := t.Provides(need, noBrowser)
		lines = append(lines, fmt.Sprintf("%s: %s: %s", need, words[have], why))
	}
	return strings.Join(lines, "\n")
}

func TestProvides(t *testing.T) {
	user := "  user: {username: maria@example.com, password: her-password, acts_as: 303}\n"
	for _, c := range []struct{ name, text, want string }{
		{"a bare file", with(humanFile, user, "absent: [user]\n"), `
time: yes: waits are real, up to 45s
outsider: not configured: the target file has no outsider (add outsider: {local_address: …} or {proxy: …})
consent: absent: the target declares user absent
browser: absent: the target declares user absent
second: yes: the target file has these credentials
listed: not configured: the target file has no credentials for it (add credentials.listed)
user: absent: the target declares user absent
identity: not configured: the target file does not say where an API answer names the acting user (add settings.acting_user)
operator: not configured: the target file has no operator.rotate_secret (add operator: {rotate_secret: …}, a call that makes a new secret)
revocation: not configured: the document names no revocation path (set settings.revoke_path)
public: not configured: the target file has no credentials for it (add credentials.public)`},
		{"everything", with(humanFile, `outsider: {proxy: http://elsewhere:1}
consent: {mode: browser}
clock: {advance: {url: http://h, body: '${duration}'}}
operator: {rotate_secret: {url: http://h, result: '$response.body#/s'}}
settings: {acting_user: '$response.body#/user/id', revoke_path: /logout}`), `
time: yes: the target's clock can be moved
outsider: yes: a second source address is configured
consent: yes: consent is given by browser
browser: yes: pages are shown in Chromium
second: yes: the target file has these credentials
listed: not configured: the target file has no credentials for it (add credentials.listed)
user: yes: the target file has these credentials
identity: yes: answers name the acting user at /user/id
operator: yes: the operator can regenerate a secret
revocation: yes: tokens are revoked at /logout
public: not configured: the target file has no credentials for it (add credentials.public)`},
		{"everything absent", with(plainFile, "  second: {client_id: hub-two, client_secret: other-secret}\n", "absent: [time, outsider, consent, browser, second, listed, user, identity, operator, revocation, public]\n"), `
time: absent: the target declares time absent
outsider: absent: the target declares outsider absent
consent: absent: the target declares consent absent
browser: absent: the target declares browser absent
second: absent: the target declares second absent
listed: absent: the target declares listed absent
user: absent: the target declares user absent
identity: absent: the target declares identity absent
operator: absent: the target declares operator absent
revocation: absent: the target declares revocation absent
public: absent: the target declares public absent`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := provisions(good(t, c.text), ""); got != strings.TrimSpace(c.want) {
				t.Errorf("got:\n%s\nwant:%s", got, c.want)
			}
		})
	}
}

func TestConsentDrivers(t *testing.T) {
	for _, c := range []struct{ text, mode, why string }{
		{"", "form []", "yes: consent is given by form"},
		{"consent: {approve_label: Grant}", "form []", "yes: consent is given by form"},
		{"consent: {mode: manual}", "manual []", "yes: consent is given by manual"},
		{"consent: {mode: command, command: [./consent, -v, '']}", "command [./consent -v ]", "yes: consent is given by command"},
		{"consent: {mode: {command: [./consent]}}", "command [./consent]", "yes: consent is given by command"},
		{"consent: {command: [./consent]}", "command [./consent]", "yes: consent is given by command"},
		{"absent: [consent]", " []", "absent: the target declares consent absent"},
	} {
		got := good(t, with(humanFile, c.text))
		if mode := fmt.Sprint(got.Consent.Mode, " ", got.Consent.Command); mode != c.mode {
			t.Errorf("%s means %s", c.text, mode)
		}
		if !strings.Contains(provisions(got, ""), "consent: "+c.why) {
			t.Errorf("%s:\n%s", c.text, provisions(got, ""))
		}
	}
}

// Whom an absent word excuses: a human by user or consent, another role by its own word and no other.
func TestExcusedRoles(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "mine.yaml", document(t, "kitchenhub", "second: {fields: [client_id, client_secret]}",
		"listed: {fields: [client_id, pin]}\n    partner: {fields: [code]}\n    visitor: {fields: [login], human: true}"))
	base := "dialect: mine.yaml\nbase_url: http://127.0.0.1\ncredentials:\n  primary: {client_id: abcdef, client_secret: abcdef}\n"
	if got := complaints(t, dir, base); got != `target.yaml:4: credentials.listed is missing; add listed: {client_id: …, pin: …}, or say absent: [listed]
target.yaml:4: credentials.partner is missing; add partner: {code: …}
target.yaml:4: credentials.visitor is missing; add visitor: {login: …}, or say absent: [user]` {
		t.Error(got)
	}
	for _, word := range []string{"user", "consent"} {
		got, _, err := load(t, dir, base+"  partner: {code: abcdef}\nabsent: [listed, "+word+"]")
		if err != nil {
			t.Fatal(err)
		}
		if have, _ := got.Provides(target.NeedUser, ""); have != target.DeclaredAbsent {
			t.Errorf("absent: [%s] leaves user %v", word, have)
		}
	}
	got, _, err := load(t, dir, base+"  partner: {code: abcdef}\n  visitor: {login: abcdef}\n  listed: {client_id: abcdef, pin: 123456}")
	if err != nil {
		t.Fatal(err)
	}
	for _, need := range []target.Need{target.NeedUser, target.NeedListed, target.NeedConsent} {
		if have, why := got.Provides(need, ""); have != target.Provided {
			t.Errorf("%s: %s", need, why)
		}
	}
}

func TestWhoCanBeWatchedInABrowser(t *testing.T) {
	const lacking = "there is no Chromium here (install it)"
	for _, c := range []struct {
		consent, noBrowser string
		consents, watchs   string
	}{
		{"", "", "yes: consent is given by form", "yes: pages are shown in Chromium"},
		{"", lacking, "yes: consent is given by form", "not configured: " + lacking},
		{"consent: {mode: manual}", "", "yes: consent is given by manual",
			"not configured: consent is given by manual, which cannot be watched in a browser (it takes consent: {mode: form} or {mode: browser})"},
		{"consent: {mode: browser}", lacking, "missing: consent.mode is browser, and " + lacking, "missing: consent.mode is browser, and " + lacking},
	} {
		got := provisions(good(t, with(humanFile, c.consent)), c.noBrowser)
		for need, want := range map[string]string{"consent": c.consents, "browser": c.watchs} {
			if !strings.Contains("\n"+got+"\n", "\n"+need+": "+want+"\n") {
				t.Errorf("%q: got\n%s\nwant %s: %s", c.consent, got, need, want)
			}
		}
	}
}
