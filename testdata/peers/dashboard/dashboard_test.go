// Package dashboard holds the queries of deploy/grafana/gonogo.json, read by Prometheus's own parser, against the metrics that
// docs/telemetry.md has; that those are the ones of a load is held there, in internal/app.
package dashboard

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

const (
	file = "../../../deploy/grafana/gonogo.json"
	docs = "../../../docs/telemetry.md"
)

type dashboard struct {
	UID           string `json:"uid"`
	Title         string `json:"title"`
	SchemaVersion int    `json:"schemaVersion"`
	Templating    struct {
		List []struct {
			Name, Type, Definition string
			Query                  json.RawMessage
		}
	}
	Panels []struct {
		ID          int
		Type, Title string
		Datasource  source
		GridPos     struct{ X, Y, W, H int }
		Targets     []struct {
			Datasource                source
			RefID, Expr, LegendFormat string
		}
	}
}

type source struct{ Type, UID string }

// metric is one as Prometheus knows it.
type metric struct {
	kind   string
	labels []string
}

// documented are the metrics of the docs' table.
func documented(t *testing.T) map[string]metric {
	t.Helper()
	text, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]metric{}
	for _, row := range regexp.MustCompile("(?m)^\\| [^|]+ \\| `(\\w+)` \\| (histogram|counter|gauge) \\|(.*)\\|$").FindAllStringSubmatch(string(text), -1) {
		m := metric{kind: row[2], labels: []string{"job", "instance"}} // which Prometheus adds
		for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[3], -1) {
			m.labels = append(m.labels, strings.ReplaceAll(name[1], ".", "_"))
		}
		all[row[1]] = m
	}
	if len(all) < 9 {
		t.Fatalf("%s has the metrics %v", docs, all)
	}
	return all
}

// of is the metric of a series, which is called by its suffix if it is a part of a histogram.
func of(all map[string]metric, series string) (m metric, ok bool) {
	if m, ok = all[series]; ok {
		return m, true
	}
	for _, suffix := range []string{"_bucket", "_count", "_sum"} {
		if whole, found := strings.CutSuffix(series, suffix); found && all[whole].kind == "histogram" {
			m = all[whole]
			if suffix == "_bucket" {
				m.labels = append(slices.Clone(m.labels), labels.BucketLabel)
			}
			return m, true
		}
	}
	return m, false
}

var (
	// macros are what Grafana puts in before it asks.
	macros = strings.NewReplacer("$__rate_interval", "1m", "$__range", "15m", "$instance", "a")

	ofALegend = regexp.MustCompile(`{{(\w+)}}`)
	values    = regexp.MustCompile(`^label_values\((\w+), (\w+)\)$`)
)

func TestTheDashboardAsksForWhatThereIs(t *testing.T) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	if d.UID == "" || d.Title == "" || d.SchemaVersion < 36 || len(d.Panels) == 0 {
		t.Errorf("Grafana takes no dashboard with uid %q, title %q, schema %d and %d panels", d.UID, d.Title, d.SchemaVersion, len(d.Panels))
	}
	all, asked := documented(t), map[string]bool{}
	sources := map[string]bool{}
	for _, v := range d.Templating.List {
		switch v.Type {
		case "datasource":
			sources["${"+v.Name+"}"] = true
		case "query":
			found := values.FindStringSubmatch(v.Definition)
			if found == nil || !slices.Contains(all[found[1]].labels, found[2]) || !strings.Contains(string(v.Query), v.Definition) {
				t.Errorf("the variable %s is %q, %s", v.Name, v.Definition, v.Query)
			}
		}
	}
	ids := map[int]bool{}
	for i, p := range d.Panels {
		if p.ID == 0 || ids[p.ID] || p.Type == "" || p.Title == "" || len(p.Targets) == 0 || p.GridPos.W == 0 || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("the panel %q is %+v", p.Title, p)
		}
		ids[p.ID] = true
		for _, other := range d.Panels[:i] {
			if a, b := p.GridPos, other.GridPos; a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H {
				t.Errorf("%s lies over %s", p.Title, other.Title)
			}
		}
		refs := map[string]bool{}
		for _, target := range p.Targets {
			if target.RefID == "" || refs[target.RefID] || target.Datasource.Type != "prometheus" || !sources[target.Datasource.UID] {
				t.Errorf("%s asks %q of %+v", p.Title, target.RefID, target.Datasource)
			}
			refs[target.RefID] = true
			for _, wrong := range wrongIn(all, asked, target.Expr, target.LegendFormat) {
				t.Errorf("%s: %s\n%s", p.Title, wrong, target.Expr)
			}
		}
	}
	for name := range all {
		if !asked[name] {
			t.Errorf("nothing asks for %s", name)
		}
	}
}

// wrongIn is what in a query is not there: metrics, labels of theirs, and labels that are left for the legend. Those that are
// asked for are noted.
func wrongIn(all map[string]metric, asked map[string]bool, query, legend string) (wrong []string) {
	tree, err := parser.NewParser(parser.Options{}).ParseExpr(macros.Replace(query))
	if err != nil {
		return []string{err.Error()}
	}
	wrong = append(wrong, selectorsIn(all, asked, tree)...)
	parser.Inspect(tree, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.AggregateExpr:
			within := labelsIn(all, n.Expr)
			for _, name := range n.Grouping {
				if n.Without || !slices.Contains(within, name) {
					wrong = append(wrong, "what is grouped has no "+name)
				}
			}
		case *parser.Call:
			for _, selector := range selectors(n) {
				m, _ := of(all, selector.Name)
				whole := all[selector.Name].kind == "histogram"
				buckets := strings.HasSuffix(selector.Name, "_bucket")
				switch {
				case n.Func.Name == "histogram_quantile" && !whole && !buckets, n.Func.Name == "histogram_count" && !whole:
					wrong = append(wrong, n.Func.Name+" of "+selector.Name+", which has no buckets")
				case n.Func.Name == "rate" && m.kind == "gauge":
					wrong = append(wrong, "the rate of a gauge, "+selector.Name)
				case n.Func.Name == "histogram_quantile" && buckets && !slices.Contains(groupedBy(n), labels.BucketLabel):
					wrong = append(wrong, "buckets are added up without "+labels.BucketLabel)
				}
			}
		}
		return nil
	})
	for _, name := range ofALegend.FindAllStringSubmatch(legend, -1) {
		if !slices.Contains(groupedBy(tree), name[1]) {
			wrong = append(wrong, "the legend has "+name[1]+", and no result has")
		}
	}
	return wrong
}

func selectors(in parser.Node) (all []*parser.VectorSelector) {
	parser.Inspect(in, func(node parser.Node, _ []parser.Node) error {
		if s, ok := node.(*parser.VectorSelector); ok {
			all = append(all, s)
		}
		return nil
	})
	return all
}

func selectorsIn(all map[string]metric, asked map[string]bool, tree parser.Node) (wrong []string) {
	for _, s := range selectors(tree) {
		m, ok := of(all, s.Name)
		if !ok {
			wrong = append(wrong, "there is no metric "+s.Name)
			continue
		}
		asked[s.Name] = true
		for _, matcher := range s.LabelMatchers {
			if matcher.Name != model.MetricNameLabel && !slices.Contains(m.labels, matcher.Name) {
				wrong = append(wrong, s.Name+" has no label "+matcher.Name)
			}
		}
	}
	return wrong
}

// labelsIn are those that every series of an expression may have.
func labelsIn(all map[string]metric, in parser.Node) (names []string) {
	for i, s := range selectors(in) {
		m, _ := of(all, s.Name)
		if i == 0 {
			names = m.labels
			continue
		}
		names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !slices.Contains(m.labels, name) })
	}
	return names
}

// groupedBy are the labels by which an expression is added up, on every side of it.
func groupedBy(tree parser.Node) (names []string) {
	parser.Inspect(tree, func(node parser.Node, _ []parser.Node) error {
		if n, ok := node.(*parser.AggregateExpr); ok {
			names = append(names, n.Grouping...)
		}
		return nil
	})
	return names
}

// TestWhatIsNotThereIsNotAskedFor: the rules above see what they are to see.
func TestWhatIsNotThereIsNotAskedFor(t *testing.T) {
	all := documented(t)
	for query, want := range map[string]string{
		`sum(rate(gonogo_load_request_total[$__rate_interval]))`:                     "there is no metric gonogo_load_request_total",
		`sum(rate(gonogo_load_requests_total{part="issue"}[1m]))`:                    "gonogo_load_requests_total has no label part",
		`sum by (part) (rate(gonogo_load_latency_seconds_count[1m]))`:                "what is grouped has no part",
		`sum by (le) (rate(gonogo_load_latency_seconds_count[1m]))`:                  "what is grouped has no le",
		`histogram_quantile(0.9, sum(rate(gonogo_load_latency_seconds_bucket[1m])))`: "buckets are added up without le",
		`histogram_quantile(0.9, sum(rate(gonogo_load_requests_total[1m])))`:         "histogram_quantile of gonogo_load_requests_total, which has no buckets",
		`rate(gonogo_load_left_seconds[1m])`:                                         "the rate of a gauge, gonogo_load_left_seconds",
		`sum(rate(gonogo_load_requests_total[1m])`:                                   "unclosed left parenthesis",
		`sum(gonogo_load_left_seconds_count)`:                                        "there is no metric gonogo_load_left_seconds_count",
		`sum(gonogo_load_requests_total)`:                                            "the legend has gonogo_load_part, and no result has",
	} {
		legend := ""
		if strings.Contains(want, "legend") {
			legend = "{{gonogo_load_part}}"
		}
		if got := strings.Join(wrongIn(all, map[string]bool{}, query, legend), "; "); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}
