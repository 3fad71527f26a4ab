package app_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const popup = "kitchenmonki-popup-navigates-itself"

func TestProve(t *testing.T) {
	t.Parallel()
	args := []string{"prove", "--verbose", "--liberty", "kitchenhub-single-session", "--liberty", "kitchenmonki-two-forms"}
	for _, id := range []string{"kitchenhub-refresh-replay", "kitchenhub-leaks-token", "kitchenhub-drops-unknown-client", "kitchenmonki-redirect-unchecked"} {
		args = append(args, "--defect", id)
	}
	o := gonogo(t, args...)
	o.exits(t, 0)
	if !hasLine(o.stdout, `^0 clean runs, 4 defects, 2 liberties in \S+: GO, no survivor and no false alarm$`) {
		t.Errorf("the last line is missing in\n%s", o)
	}
	for _, line := range []string{`defect kitchenhub-refresh-replay`, `liberty kitchenmonki-two-forms`} {
		if !hasLine(o.stdout, `^`+line+` +as it should be \(\d+ ms\)$`) {
			t.Errorf("there is no line for %s in\n%s", line, o)
		}
	}
}

func TestProveRepeats(t *testing.T) {
	t.Parallel()
	o := gonogo(t, "prove", "--repeat", "3", "--defect", "kitchenhub-refresh-replay")
	o.exits(t, 0)
	if !hasLine(o.stdout, `^0 clean runs, 3 defects, 0 liberties in \S+: GO, `) {
		t.Errorf("--repeat 3 prints\n%s", o)
	}
}

// The same cases see a defect, however many of them are at work at once.
func TestProveWhateverRunsAtOnce(t *testing.T) {
	t.Parallel()
	var caught [][]string
	for _, n := range []string{"1", "32"} {
		o, report := proved(t.Context(), t, "--case-parallel", n, "--defect", "pos-failed-login-ends-refresh", "--defect", "b2b-refresh-replay", "--liberty", "kitchenhub-single-session")
		o.exits(t, 0)
		var cases []string
		for _, p := range report.Proofs {
			cases = append(cases, p.ID+": "+strings.Join(p.CaughtBy, " "))
		}
		caught = append(caught, cases)
	}
	if !slices.Equal(caught[0], caught[1]) || len(caught[0]) != 3 {
		t.Errorf("one at a time:\n%q\n32 at once:\n%q", caught[0], caught[1])
	}
}

func TestProveSaysWhatOnlyABrowserSees(t *testing.T) {
	t.Parallel()
	o := gonogo(t, "prove", "--defect", popup, "--defect", "kitchenhub-refresh-replay")
	o.exits(t, 0)
	if !hasLine(o.stdout, `^defect `+popup+` +not provable here: needs browser \(\d+ ms\)$`) ||
		!hasLine(o.stdout, `^0 clean runs, 1 defects, 0 liberties in \S+: GO, no survivor and no false alarm; 1 not provable here$`) {
		t.Errorf("it is not counted apart in\n%s", o)
	}
	also := gonogo(t, "prove", "--defect", "kitchenmonki-popup-loses-state") // other cases of its row need none
	if also.code != 0 || !strings.Contains(also.stdout, "not provable here: needs browser") {
		t.Errorf("what no other case sees is\n%s", also)
	}
	alone := gonogo(t, "prove", "--defect", popup)
	alone.exits(t, 0)
	if !hasLine(alone.stdout, `^0 clean runs, 0 defects, 0 liberties in \S+: NOTHING PROVED; 1 not provable here$`) {
		t.Errorf("it claims to have proved something:\n%s", alone)
	}
	strict := gonogo(t, "prove", "--require", "browser", "--defect", popup)
	strict.exits(t, 3)
	if !hasLine(strict.stdout, `^defect `+popup+` +could not be proved: browser is required, but `) || !hasLine(strict.stdout, `: INCOMPLETE, 1 without a result$`) {
		t.Errorf("it does not say that it is incomplete:\n%s", strict)
	}
}

// TestProvePopups: the command finds the browser; .ci/run has it prove all popups.
func TestProvePopups(t *testing.T) {
	t.Parallel()
	args := []string{"prove", "--verbose", "--defect", popup, "--liberty", "kitchenmonki-popup-message-url"}
	o := gonogoIn(t.Context(), withBrowser(t, map[string]string{"CI": "true"}), args...)
	o.exits(t, 0)
	if !hasLine(o.stdout, `^0 clean runs, 1 defects, 1 liberties in \S+: GO, no survivor and no false alarm$`) {
		t.Errorf("it prints\n%s", o)
	}
	gonogoIn(t.Context(), map[string]string{"CI": "true"}, "prove", "--defect", popup).exits(t, 3)
}

func TestProveRefuses(t *testing.T) {
	t.Parallel()
	for sentence, args := range map[string][]string{
		`there is no defect "kitchenhub-none"; gonogo serve --defect list prints them`:                                                {"--defect", "kitchenhub-none"},
		`there is no liberty "kitchenhub-refresh-replay"; gonogo serve --liberty list prints them`:                                    {"--liberty", "kitchenhub-refresh-replay"},
		`the reference server does not speak "kitchenhab"; it speaks kitchenhub, kitchenmonki, b2b, pos, oauth2`:                      {"kitchenhab"},
		`nothing of what is named belongs to kitchenmonki`:                                                                            {"kitchenmonki", "--defect", "kitchenhub-refresh-replay"},
		`--repeat, --parallel and --case-parallel must be at least 1`:                                                                 {"--repeat", "0"},
		`--require phone: choose from time, outsider, consent, browser, second, listed, user, identity, operator, revocation, public`: {"--require", "phone"},
	} {
		gonogo(t, append([]string{"prove"}, args...)...).refuses(t, sentence)
	}
}

func TestProveInterruptedIsIncompleteAndNoSurvivor(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := gonogoIn(ctx, nil, "prove", "kitchenhub")
	o.exits(t, 3)
	if !hasLine(o.stdout, `^0 clean runs, 0 defects, 0 liberties in \S+: INCOMPLETE, interrupted$`) {
		t.Errorf("it prints\n%s", o)
	}
	real := interrupt(t, "as it should be", "prove", "--verbose", "--repeat", "50")
	real.exits(t, 3)
	if !hasLine(real.stdout, `: INCOMPLETE, interrupted`) || hasLine(real.stdout, `SURVIVED`) {
		t.Errorf("it prints\n%s", real)
	}
}

// TestProveOfClients watches a good client and a broken one; all of them are for make prove-clients.
func TestProveOfClients(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "proof.json")
	code, stdout, stderr := says("prove", "--clients", "kitchenhub", "--fault", "secret-in-url", "--verbose", "--report", "json="+file)
	if code != 0 || !strings.Contains(stdout, "fault kitchenhub/KHW-SECRET-1/secret-in-url") || !strings.Contains(stdout, "0 good clients, 1 broken ones in ") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	if !strings.Contains(contents(t, file), `"kind": "fault"`) {
		t.Error("the report has no fault")
	}
	code, stdout, stderr = says("prove", "--clients", "--fault", "calls-for-user-with-own-token")
	if code != 0 || !strings.Contains(stdout, "not provable here: no request says for whom it is made") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	for _, c := range []struct{ args, says string }{
		{"--clients --defect kitchenhub-refresh-race", "about servers"},
		{"--fault secret-in-url", "goes with --clients"},
		{"--clients --fault secret-in-ur", "did you mean secret-in-url?"},
	} {
		if code, _, stderr := says(append([]string{"prove"}, strings.Fields(c.args)...)...); code != 2 || !strings.Contains(stderr, c.says) {
			t.Errorf("prove %s: exit %d, %s", c.args, code, stderr)
		}
	}
}
