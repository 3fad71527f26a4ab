// Package trend is what kept reports come to over time, in the format gonogo/trend/1: runs of one thing in the order in which
// they began, and where one cannot be held against the one before. It judges nothing, and must never know how it is drawn.
package trend

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"gonogo/reports"
)

// SchemaID is the value of a trend's "schema" field.
const SchemaID = "gonogo/trend/1"

// Trend is what kept reports come to.
type Trend struct {
	Schema  string       `json:"schema"`
	Tool    reports.Tool `json:"tool"`
	Read    int          `json:"read"`    // how many reports are in it
	Skipped []Skipped    `json:"skipped"` // files that are not
	Groups  []*Group     `json:"groups"`
}

// Skipped is a file that is no part of a trend.
type Skipped struct {
	File string `json:"file"`
	Why  string `json:"why"`
}

// Kind is what a group is of.
type Kind string

// The kinds.
const (
	Load       Kind = "load"
	Capacity   Kind = "capacity"
	Comparison Kind = "comparison"
	Check      Kind = "check"
	Watch      Kind = "watch"
)

// Group are the runs of one thing at one place, the latest last.
type Group struct {
	About
	// Host is the machine that all were made on, where machines took turns; else it is empty, and each run has its own.
	Host string `json:"host,omitempty"`
	// Labels are those that all have alike.
	Labels map[string]string `json:"labels,omitempty"`
	Runs   []*Run            `json:"runs"`
}

// About is what a group is of.
type About struct {
	Kind     Kind   `json:"kind"`
	Dialect  string `json:"dialect"`
	Profile  string `json:"profile,omitempty"`
	Scenario string `json:"scenario,omitempty"`
	Shape    string `json:"shape,omitempty"`
	Metric   string `json:"metric,omitempty"` // of a comparison
	At       string `json:"at"`               // the target's address, without the port where it is this machine's
}

// Run is one run of a group. What it has beside the first members goes by the kind.
type Run struct {
	File     string            `json:"file"`
	Started  time.Time         `json:"started"`
	Revision string            `json:"revision,omitempty"` // of what was run: a label, or the work tree's commit
	Labels   map[string]string `json:"labels,omitempty"`
	Host     string            `json:"host,omitempty"`
	Verdict  reports.Verdict   `json:"verdict"`
	Complete bool              `json:"complete"`
	Because  []string          `json:"because"`
	// Break says why it cannot be held against the run before; empty where it can.
	Break string `json:"break,omitempty"`

	Asked    float64               `json:"asked,omitempty"`    // of a load, in a second
	Achieved float64               `json:"achieved,omitempty"` // of a load; of a search, the rate that it found
	Requests int64                 `json:"requests,omitempty"`
	Errors   int64                 `json:"errors,omitempty"`
	Latency  *reports.Distribution `json:"latency,omitempty"` // of a load
	Shown    *reports.Shown        `json:"shown,omitempty"`   // of a comparison
	Counts   *reports.Counts       `json:"counts,omitempty"`  // of a check or a watch

	of Kept
}

// Kept is one thing of a kept report.
type Kept struct {
	File   string
	Report *reports.Report
	Load   *reports.LoadRun // of a load, else nil
	About  About
}

// Of puts the runs of reports in order. unlike says why two of one group cannot be held against each other.
func Of(files []string, all []*reports.Report, unlike func(a, b Kept) string) []*Group {
	var groups []*Group
	for i, r := range all {
		for _, run := range runsOf(files[i], r) {
			at := slices.IndexFunc(groups, func(g *Group) bool { return g.About == run.of.About })
			if at < 0 {
				at = len(groups)
				groups = append(groups, &Group{About: run.of.About})
			}
			groups[at].Runs = append(groups[at].Runs, run)
		}
	}
	var whole []*Group
	for _, g := range groups {
		slices.SortStableFunc(g.Runs, func(a, b *Run) int { return a.Started.Compare(b.Started) })
		whole = append(whole, g.byHost()...)
	}
	slices.SortStableFunc(whole, func(a, b *Group) int {
		return cmp.Or(cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)), cmp.Compare(a.Dialect, b.Dialect), cmp.Compare(a.Scenario, b.Scenario))
	})
	for _, g := range whole {
		g.Labels = maps.Clone(g.Runs[0].Labels)
		for i, run := range g.Runs {
			maps.DeleteFunc(g.Labels, func(name, value string) bool { return run.Labels[name] != value })
			if i > 0 {
				run.Break = unlike(g.Runs[i-1].of, run.of)
			}
		}
	}
	return whole
}

var kinds = []Kind{Load, Capacity, Comparison, Check, Watch}

// byHost are groups for each machine, where one ran again after another did: a line that changes machines with every run is none.
func (g *Group) byHost() []*Group {
	var hosts []string
	turns := 0
	for i, run := range g.Runs {
		if !slices.Contains(hosts, run.Host) {
			hosts = append(hosts, run.Host)
		}
		if i > 0 && run.Host != g.Runs[i-1].Host {
			turns++
		}
	}
	if turns < len(hosts) {
		return []*Group{g}
	}
	var all []*Group
	for _, host := range hosts {
		of := &Group{About: g.About, Host: host}
		for _, run := range g.Runs {
			if run.Host == host {
				of.Runs = append(of.Runs, run)
			}
		}
		all = append(all, of)
	}
	return all
}

// runsOf are the runs that a report is of.
func runsOf(file string, r *reports.Report) (all []*Run) {
	add := func(about About, started time.Time, verdict reports.Verdict, complete bool, because []string, load *reports.LoadRun) *Run {
		run := &Run{
			File: file, Started: started, Revision: r.Revision(), Labels: r.Labels, Verdict: verdict, Complete: complete, Because: because,
			of: Kept{file, r, load, about},
		}
		if r.Environment != nil {
			run.Host = r.Environment.Host
		}
		all = append(all, run)
		return run
	}
	for _, of := range r.Load {
		if r.IsStep(of) || of.Scenario == "" {
			continue
		}
		about := About{Kind: Load, Dialect: of.Dialect, Profile: of.Profile, Scenario: of.Scenario, Shape: of.Shape, At: of.Target.Place()}
		run := add(about, of.Started, of.Verdict, of.Complete, of.Because, of)
		run.Asked, run.Achieved, run.Requests, run.Errors, run.Latency = of.Asked, of.Achieved, of.Requests, of.Errors, numbers(of.Latency)
	}
	for _, of := range r.Capacity {
		about := About{Kind: Capacity, Dialect: of.Dialect, Profile: of.Profile, Scenario: of.Scenario, At: of.Target.Place()}
		add(about, r.Started, of.Verdict, of.Complete, of.Because, nil).Achieved = of.Found
	}
	for _, of := range r.Comparisons {
		about := About{Kind: Comparison, Dialect: of.Dialect, Profile: of.Profile, Scenario: of.Scenario, Shape: of.Shape, Metric: of.Metric, At: of.B.Target.Place()}
		add(about, r.Started, of.Verdict, of.Complete, of.Because, nil).Shown = &of.Shown
	}
	for _, of := range r.Dialects {
		kind := Check
		if of.Subject == reports.SubjectClient {
			kind = Watch
		}
		add(About{Kind: kind, Dialect: of.ID, Profile: of.Profile, At: of.Target.Place()}, r.Started, of.Verdict, of.Complete, of.IncompleteBecause, nil).Counts = &of.Counts
	}
	return all
}

// numbers are those of a distribution, without its curve and its histogram.
func numbers(d reports.Distribution) *reports.Distribution {
	d.Curve, d.Binary = nil, nil
	return &d
}

// Last leaves the latest so many runs of each group.
func Last(groups []*Group, n int) {
	for _, g := range groups {
		if len(g.Runs) > n {
			g.Runs = g.Runs[len(g.Runs)-n:]
			g.Runs[0].Break = "" // nothing is before it any more
		}
	}
}
