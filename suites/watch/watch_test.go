package watch_test

import (
	"context"
	"flag"
	"fmt"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gonogo/internal/embedded"
	"gonogo/internal/target"
	"gonogo/reports"
	"gonogo/reports/prose"
	"gonogo/specs"
	"gonogo/suites/watch"
)

// workshop is where the tool is built; TestMain takes it away.
var workshop string

// built is the tool, for clients. They are not this test itself, which the race detector makes three times as slow to start:
// reference/clients has its own tests with that.
var built = sync.OnceValues(func() (string, error) {
	at := filepath.Join(workshop, "gonogo")
	out, err := exec.Command("go", "build", "-o", at, "gonogo/cmd/gonogo").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return at, err
})

func TestMain(m *testing.M) {
	flag.Parse()
	var err error
	if workshop, err = os.MkdirTemp("", "gonogo-watch"); err != nil {
		panic(err)
	}
	// A watch waits for its client nearly all the time, so many go on at once.
	if err := flag.Set("test.parallel", "20"); err != nil {
		panic(err)
	}
	code := m.Run()
	shown().Close()
	_ = os.RemoveAll(workshop)
	os.Exit(code)
}

// program is where the tool is.
func program(t *testing.T) string {
	t.Helper()
	at, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// watched is what a watch of a client of reference/clients, in front of the reference server, comes to.
func watched(t *testing.T, dialect, arguments string) *reports.Report {
	t.Helper()
	return watchedAs(t, dialect, "exec", arguments, func(*watch.Config) {})
}

func watchedAs(t *testing.T, dialect, before, arguments string, change func(*watch.Config)) *reports.Report {
	t.Helper()
	d, err := specs.Load(dialect)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	server, err := embedded.Start(ctx, d, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	target, err := server.Target()
	if err != nil {
		t.Fatal(err)
	}
	command := fmt.Sprintf("%s %s client %s --pace 50ms --store %s %s", before, program(t), dialect, filepath.Join(t.TempDir(), "store"), arguments)
	c := watch.Config{Dialect: d, Target: target, Command: command}
	change(&c)
	report, err := watch.Run(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// tryWatch is the error of a watch whose lifetimes cannot be.
func tryWatch(t *testing.T, dialect string, lifetimes map[string]time.Duration) error {
	t.Helper()
	d, err := specs.Load(dialect)
	if err != nil {
		t.Fatal(err)
	}
	_, err = watch.Run(t.Context(), watch.Config{Dialect: d, Lifetimes: lifetimes})
	return err
}

// wrong are the rows that a report says are violated, and what else keeps it from being a go.
func wrong(r *reports.Report) (rows []string) {
	d := r.Dialects[0]
	for _, row := range d.Requirements {
		if !slices.Contains([]reports.Outcome{reports.Pass, reports.NotExercised}, row.Outcome) {
			rows = append(rows, row.ID)
		}
	}
	if d.Incomplete != "" {
		rows = append(rows, d.Incomplete)
	}
	return rows
}

func findings(r *reports.Report) string {
	var out strings.Builder
	for _, c := range r.Dialects[0].Cases {
		for _, f := range c.Findings {
			fmt.Fprintf(&out, "\n%s: %s; wanted %s; got %s", c.ID, f.Sent, f.Wanted, f.Got)
		}
	}
	return out.String() + "\n" + strings.Join(r.Dialects[0].Notes, "\n")
}

func TestNoGoodClientIsAccused(t *testing.T) {
	t.Parallel()
	for dialect, styles := range map[string][]string{
		"kitchenhub": {"lazy", "eager", "shared-store", "validating"}, "pos": {"lazy"}, "b2b": {"single-flight"}, "kitchenmonki": {"lazy"}, "oauth2": {"eager"},
	} {
		for _, style := range styles {
			t.Run(dialect+"/"+style, func(t *testing.T) {
				t.Parallel()
				r := watched(t, dialect, "--style "+style)
				if rows := wrong(r); len(rows) > 0 || r.Verdict != reports.Go {
					t.Errorf("it is %s, for %v%s", r.Verdict, rows, findings(r))
				}
			})
		}
	}
}

// TestAClientThatNeverAsksForTheTime cannot know of an end that somebody brings about by moving a clock, and is not held to it.
func TestAClientThatNeverAsksForTheTime(t *testing.T) {
	t.Parallel()
	r := watchedAs(t, "b2b", "unset GONOGO_CONTROL_URL; exec", "", func(c *watch.Config) { c.For = 15 * time.Second })
	if rows := wrong(r); len(rows) > 0 {
		t.Errorf("it is %s, for %v%s", r.Verdict, rows, findings(r))
	}
}

// TestAGoThatWasCutSaysSo: a watch that its user ended early went through a part of the script only.
func TestAGoThatWasCutSaysSo(t *testing.T) {
	t.Parallel()
	r := watchedAs(t, "kitchenhub", "exec", "", func(c *watch.Config) { c.For = time.Second })
	if why := strings.Join(prose.OfRun(r).Why, "; "); r.Verdict != reports.Go || !regexp.MustCompile(`--for left out \d+ of \d+ situations$`).MatchString(why) {
		t.Errorf("it is %s: %s%s", r.Verdict, why, findings(r))
	}
}

// TestSomebodyElsesStaging is an API by https, whose clock nobody moves and whose operator nobody is: what can be judged there is, and the
// rest says why not.
func TestSomebodyElsesStaging(t *testing.T) {
	t.Parallel()
	for _, dialect := range []string{"kitchenhub", "oauth2"} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			r := watchedAs(t, dialect, "exec", "", func(c *watch.Config) {
				c.Target.TLS.Insecure, c.Target.Clock, c.Target.Operator = true, nil, target.Operator{}
				c.Target.BaseURL = staging(t, c.Target.BaseURL)
				for name, at := range c.Target.Servers {
					c.Target.Servers[name] = staging(t, at)
				}
			})
			if rows := wrong(r); len(rows) > 0 || r.Verdict != reports.Go {
				t.Errorf("it is %s, for %v%s", r.Verdict, rows, findings(r))
			}
			passed := 0
			for _, c := range r.Dialects[0].Cases {
				if c.Outcome == reports.Pass {
					passed++
				} else if c.Reason == "" {
					t.Errorf("%s is %s, and nobody says why", c.ID, c.Outcome)
				}
			}
			if passed < 15 {
				t.Errorf("%d cases passed", passed)
			}
		})
	}
}

// staging is where an API is by https.
func staging(t *testing.T, api *url.URL) *url.URL {
	t.Helper()
	server := httptest.NewTLSServer(httputil.NewSingleHostReverseProxy(api))
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestABrokenClientIsCaughtForItsRow takes a few of the faults of reference/clients.
func TestABrokenClientIsCaughtForItsRow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ dialect, fault, row string }{
		{"kitchenhub", "keeps-first-refresh", "KHW-STORE-1"},
		{"kitchenhub", "reads-seconds", "KHW-UNIT-1"},
		{"kitchenhub", "ends-with-its-token", "KHW-GRACE-1"},
		{"kitchenhub", "secret-in-url", "KHW-SECRET-1"},
		{"kitchenhub", "tries-dead-refresh-again", "ANYW-TERM-1"},
		{"kitchenhub", "takes-token-to-any-host", "ANYW-LEAK-1"},
		{"kitchenhub", "takes-token-to-any-host --style single-flight", "ANYW-LEAK-1"}, // one of its workers is redirected
		{"kitchenhub", "fleet-in-step", "ANYW-JITTER-1"},
		{"b2b", "repeats-bad-requests", "BBW-CODES-1"},
		{"oauth2", "minds-no-issuer", "OAW-9207-2.4-ISS"},
	} {
		t.Run(c.dialect+"/"+c.fault, func(t *testing.T) {
			t.Parallel()
			r := watched(t, c.dialect, "--fault "+c.fault)
			row := r.Dialects[0].Requirement(c.row)
			if rows := wrong(r); !slices.Contains(rows, c.row) || (r.Verdict == reports.Go) != (row.Level == specs.Practice) {
				t.Errorf("it is %s, for %v, and not for %s%s", r.Verdict, rows, c.row, findings(r))
			}
		})
	}
}
