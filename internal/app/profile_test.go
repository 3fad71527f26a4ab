package app_test

import (
	"strings"
	"testing"

	"gonogo/reports"
)

const (
	pragmaCase  = "oauth2/audit/promised-oa-6749-5.1-pragma"
	pragmaCases = "oauth2/audit/promised-*"
)

// TestARowOfOneProfile: what one profile asks for and the other does not is no finding under the other, wherever the profile
// was named, and the report says under which it was judged.
func TestARowOfOneProfile(t *testing.T) {
	t.Parallel()
	s := serve(t, "oauth2", "--defect", "oauth2-pragma-missing")
	file := s.file("oauth2")
	newer := edited(t, file, func(f fields) { f["profile"] = "oauth2.1" })
	for _, c := range []struct {
		args    []string
		code    int
		profile string
	}{
		{[]string{"--target", file}, 1, "rfc6749"},
		{[]string{"--target", file, "--profile", "rfc6749"}, 1, "rfc6749"},
		{[]string{"--target", file, "--profile", "oauth2.1"}, 0, "oauth2.1"},
		{[]string{"--target", newer}, 0, "oauth2.1"},
		{[]string{"--target", newer, "--profile", "rfc6749"}, 1, "rfc6749"},
	} {
		o, report := checked(t, append(c.args, "--case", pragmaCases, "--case", "oauth2/issue*")...)
		o.exits(t, c.code, "  profile      "+c.profile)
		d := report.Dialects[0]
		if d.Profile != c.profile || (d.OutcomeOf("OA-6749-5.1-PRAGMA") == reports.Fail) != (c.code == 1) {
			t.Errorf("%v: judged under %q, the row is %s", c.args, d.Profile, d.OutcomeOf("OA-6749-5.1-PRAGMA"))
		}
	}
	plan := gonogo(t, "check", "--target", newer, "--plan")
	if plan.exits(t, 0); !strings.HasPrefix(plan.stdout, "oauth2 under oauth2.1 at ") || strings.Contains(plan.stdout, pragmaCase) {
		t.Errorf("the plan has the case, or no profile:\n%s", plan)
	}
	gonogo(t, "check", "--target", edited(t, file, func(f fields) { f["profile"] = "oauth2.2" }), "--plan").complains(t, `oauth2 has no profile "oauth2.2"; did you mean oauth2.1?`)
}

// complains wants exit code 2 and a sentence on standard error.
func (o outcome) complains(t *testing.T, sentence string) {
	t.Helper()
	if o.code != 2 || !strings.Contains(o.stderr, sentence) {
		t.Errorf("exit 2 and %q are wanted, not\n%s", sentence, o)
	}
}

func TestProfilesThatThereAreNot(t *testing.T) {
	t.Parallel()
	gonogo(t, "check", "oauth2", "--profile", "oauth2").refuses(t, `--profile: oauth2 has no profile "oauth2"; did you mean oauth2.1?`)
	gonogo(t, "check", "pos", "--profile", "oauth2.1").refuses(t, `--profile: pos has no profiles, and so no profile "oauth2.1"; leave it out`)
	gonogo(t, "explain", "POS-USE-1", "--profile", "oauth2.0").complains(t, `oauth2 has no profile "oauth2.0"; did you mean oauth2.1?`)
}

func TestAProfileIsExplained(t *testing.T) {
	t.Parallel()
	all := gonogo(t, "explain", "OA-6749-5.1-PRAGMA")
	all.exits(t, 0, "  profiles: only under rfc6749")
	if one := gonogo(t, "explain", "--profile", "rfc6749", "OA-6749-5.1-PRAGMA"); !strings.Contains(one.stdout, "oauth2 under rfc6749") || !strings.Contains(one.stdout, "--profile rfc6749") {
		t.Errorf("it does not say under which profile:\n%s", one)
	}
	gonogo(t, "explain", "--profile", "oauth2.1", "OA-6749-5.1-PRAGMA").complains(t, "there is no requirement")
	show := gonogo(t, "spec", "show", "oauth2")
	show.exits(t, 0, "profiles")
	if !strings.Contains(show.stdout, "; only under rfc6749") {
		t.Errorf("the row of one profile looks like the others:\n%s", show)
	}
}
