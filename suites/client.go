package suites

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"testing"
	"time"

	"gonogo/internal/chromium"
	"gonogo/internal/embedded"
	"gonogo/internal/target"
	"gonogo/reports"
	"gonogo/reports/terminal"
	"gonogo/specs"
	"gonogo/suites/catalog"
	"gonogo/suites/watch"
)

// Client is a client to be judged, and the API that it is watched in front of. What is watched, and the environment that the command
// finds, are those of "gonogo watch" (docs/watch.md).
type Client struct {
	Target    Target                   // the API behind, such as Reference of a dialect
	Command   string                   // that starts the client, by the shell; it goes on calling until SIGTERM
	Hook      string                   // a command that is run in each situation; empty: none
	Page      string                   // URL of the client's page that sends its user off for consent, who is played in Chromium; empty: nobody comes. In CI Chromium must be there
	PageLabel string                   // the text of what is pressed there; empty: it is found
	TLS       bool                     // the client finds the API by https
	For       time.Duration            // how long the watch lasts at the most; 0: to the end of the script
	Patience  time.Duration            // how long each situation waits for the client; 0: as gonogo watch does
	Lifetimes map[string]time.Duration // that tokens are announced to live, and live, by kind; see --lifetime
	Output    io.Writer                // of the commands, as it comes, with whatever secrets they print; nil: nobody
}

// TestClient watches a client to the end of the script. Anything but go fails the test, with the report that "gonogo watch" prints.
func TestClient(t testing.TB, client Client) {
	t.Helper()
	uncacheable()
	report, err := client.check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if report.Verdict != reports.Go {
		_ = terminal.Write(t.Output(), report)
		t.Errorf("the verdict is %s", report.Verdict)
	}
}

// DescribeClient puts the cases of a watch into Ginkgo's tree as Describe does those of a check: a container for the dialect's clients, one
// for each flow, and a spec for each case, with the same labels. The first spec that runs begins the watch, and all wait for its end: a
// client is judged by everything that it did.
func DescribeClient(client Client) bool {
	e := newEntry(client.Target)
	e.client = &client
	for i, t := range e.trees {
		e.trees[i] = newTree(t.dialect.ID+" client", watch.Plan(t.dialect))
	}
	return current.add(e)
}

// Reference is the reference server of a built-in dialect, which is started when the tests run, and lasts as long as they do.
func Reference(dialect string) Target {
	return Target{file: "suites.Reference of " + dialect, documents: []string{dialect}, later: func() Target {
		d, err := specs.Load(dialect)
		if err != nil {
			return Target{broken: err}
		}
		server, err := embedded.Start(context.Background(), d, nil, nil)
		if err != nil {
			return Target{broken: err}
		}
		return FromYAML(server.YAML())
	}}
}

func (c Client) check(ctx context.Context) (*reports.Report, error) {
	under, dialect, err := c.Target.load()
	if err != nil {
		return nil, err
	}
	browser := chromium.New(os.LookupEnv)
	defer browser.Close()
	config, err := c.config(under, dialect, browser, nil)
	if err != nil {
		return nil, err
	}
	return watch.Run(ctx, config)
}

// config is the client as gonogo watch would have it, judged by the cases that only accepts.
func (c Client) config(under *target.Target, dialect *specs.Dialect, browser *chromium.Browser, only func(id string) bool) (watch.Config, error) {
	page, err := watch.ReadPage(c.Page)
	if err != nil {
		return watch.Config{}, fmt.Errorf("suites.Client: Page %w", err)
	}
	in, _ := strconv.ParseBool(os.Getenv("CI"))
	return watch.Config{
		Page: page, PageLabel: c.PageLabel, Browser: browser, Browses: in,
		Dialect: dialect, Target: under, Only: only, Planned: catalog.IDs, TLS: c.TLS, Command: c.Command, Hook: c.Hook, Output: c.Output,
		For: c.For, Patience: cmp.Or(c.Patience, watch.DefaultPatience), Lifetimes: c.Lifetimes,
	}, nil
}
