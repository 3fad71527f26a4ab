package prove

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gonogo/internal/chromium"
	"gonogo/internal/embedded"
	"gonogo/internal/reserve"
	"gonogo/internal/spell"
	"gonogo/reference/clients"
	"gonogo/reports"
	"gonogo/reports/proofs"
	"gonogo/specs"
	"gonogo/suites/watch"
)

// ChooseClients lists which clients are watched: of these dialects, or of all, each good style and each fault, or just
// the styles and faults that are named. A fault goes by its id, or by its name in whatever dialect.
func ChooseClients(dialects, styles, faults []string) ([]proofs.Proof, error) {
	wants := among(dialects)
	some := len(styles)+len(faults) > 0
	known := clients.Styles()
	for _, dialect := range clients.Dialects() {
		known = append(known, clients.Sites(dialect)...)
	}
	slices.Sort(known)
	known = slices.Compact(known)
	for _, style := range styles {
		if !slices.Contains(known, style) {
			return nil, fmt.Errorf("there is no style %q; %s", style, spell.Hint(style, known, "it is one of "))
		}
	}
	var all []proofs.Proof
	for _, dialect := range clients.Dialects() {
		if !wants(dialect) {
			continue
		}
		profiles, err := profilesOf(dialect)
		if err != nil {
			return nil, err
		}
		for _, style := range append(clients.Styles(), clients.Sites(dialect)...) {
			for _, profile := range profiles {
				if !some || slices.Contains(styles, style) {
					all = append(all, proofs.Proof{Kind: Client, ID: style, Dialect: dialect, Profile: profile, Text: "The client does as its document asks."})
				}
			}
		}
	}
	ids, named := []string{}, map[string]bool{}
	for _, f := range clients.Faults() {
		ids = append(ids, f.ID(), f.Name)
		id := slices.Contains(faults, f.ID())
		name := slices.Contains(faults, f.Name)
		named[f.ID()], named[f.Name] = named[f.ID()] || id, named[f.Name] || name
		if wants(f.Dialect) && (!some || id || name) {
			all = append(all, proofs.Proof{Kind: Fault, ID: f.ID(), Dialect: f.Dialect, Requirement: f.Row, Text: f.Text()})
		}
	}
	for _, fault := range faults {
		if !named[fault] {
			if meant, ok := spell.Guess(fault, ids); ok {
				return nil, fmt.Errorf("there is no fault %q; did you mean %s?", fault, meant)
			}
			return nil, fmt.Errorf("there is no fault %q; gonogo client --faults prints them", fault)
		}
	}
	return unlessNone(all, dialects)
}

// hidden is why no watch shows what is broken, as a sentence; empty: one may.
func (p proof) hidden() string {
	d, err := p.document()
	if err != nil {
		return "" // the watch says it
	}
	return watch.Hidden(d, p.requirement)
}

// watch watches one client in front of a reference server of its own. A broken one is watched until what it breaks is
// seen.
func (p proof) watch(ctx context.Context, browser *chromium.Browser) (*reports.Dialect, error) {
	d, err := p.document()
	if err != nil {
		return nil, err
	}
	server, err := embedded.Start(ctx, d, nil, nil)
	if err != nil {
		return nil, err
	}
	defer server.Kill()
	t, err := server.Target()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "prove")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	command := fmt.Sprintf("exec %s client %s --pace %s --store %s", quoted(self), p.dialect, pace, quoted(filepath.Join(dir, "tokens.json")))
	config := watch.Config{Dialect: d, Target: t, Until: p.requirement}
	if p.kind == Fault {
		command += " --fault " + p.id
		config.Policy.Gate = specs.Practice // as a defect of a practice row must show
	} else {
		command += " --style " + p.id
	}
	if p.hasPage() {
		address, release, err := reserve.Address()
		if err != nil {
			return nil, err
		}
		defer release()
		command += " --page " + address
		config.Browser, config.Browses, config.Page = browser, true, &url.URL{Scheme: "http", Host: address, Path: "/login"}
	}
	config.Command = command
	report, err := watch.Run(ctx, config)
	if err != nil {
		return nil, err
	}
	return report.Dialects[0], nil
}

// pace is from call to call of a client: a situation waits for some calls, and a machine that has many clients to run for the processor.
const pace = 200 * time.Millisecond

// hasPage reports whether users come to a page of the client's.
func (p proof) hasPage() bool {
	o := clients.Options{Dialect: p.dialect, Style: p.id}
	if p.kind == Fault {
		o.Style, o.Fault = "lazy", p.id[strings.LastIndex(p.id, "/")+1:]
	}
	return o.HasPage()
}

// quoted is a word for the shell.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
