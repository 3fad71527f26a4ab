package app_test

import (
	"bytes"
	"io"
	"maps"
	"math"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"gonogo/internal/app"
)

// scraper is an output that does something once, when a text has been written.
type scraper struct {
	text bytes.Buffer
	when *regexp.Regexp
	get  func()
	done bool
}

func (s *scraper) Write(p []byte) (int, error) {
	s.text.Write(p)
	if !s.done && s.when.Match(p) {
		s.done = true
		s.get()
	}
	return len(p), nil
}

// The forms in which Prometheus scrapes.
const (
	asText    = "text/plain;version=0.0.4"
	asOpen    = "application/openmetrics-text;version=1.0.0"
	asMessage = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
)

// TestPrometheusScrapesALoad in each form: as protobuf there are native histograms, as text classic ones, which count the same. The
// metrics are those that the docs have, with their labels.
func TestPrometheusScrapesALoad(t *testing.T) {
	t.Parallel()
	s, address := serve(t, "kitchenhub", "--defect", "kitchenhub-refresh-replay"), closedPort(t)
	answers, types := map[string][]byte{}, map[string]http.Header{}
	scrape := &scraper{when: regexp.MustCompile(`violations [1-9]`), get: func() {
		for _, form := range []string{asText, asOpen, asMessage} {
			request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/metrics", http.NoBody)
			request.Header.Set("Accept", form)
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Error(err)
				return
			}
			answers[form], types[form] = drained(response.Body), response.Header
		}
	}}
	often := func(time.Duration) <-chan time.Time { return time.After(50 * time.Millisecond) }
	atOnce <- struct{}{}
	code := app.RunTicking(t.Context(), []string{"load", "--target", s.file("kitchenhub"), "--scenario", "refresh", "--rate", "200", "--duration", "3s", "--metrics", address}, io.Discard, scrape, time.Now, often)
	<-atOnce
	if code != 1 || len(answers) != 3 {
		t.Fatalf("exit %d, %d scrapes:\n%s", code, len(answers), scrape.text.String())
	}
	if _, err := http.Get("http://" + address + "/metrics"); err == nil {
		t.Error("the numbers are still served after the run")
	}
	documented := documentedMetrics(t)
	for _, form := range []string{asText, asMessage} {
		families, labels := familiesIn(t, answers[form], types[form]), map[string][]string{}
		for name, f := range families {
			labels[name+" "+strings.ToLower(f.GetType().String())] = labelsOf(f)
		}
		if !maps.EqualFunc(labels, documented, slices.Equal) {
			t.Errorf("as %s there are\n%v\nand in the docs\n%v", form, labels, documented)
		}
		for _, name := range []string{"http_client_request_duration_seconds", "gonogo_load_latency_seconds"} {
			counted, failed, violations := uint64(0), 0., 0.
			for _, m := range families[name].GetMetric() {
				counted += agreed(t, form, m)
				switch kind := labelOf(m, "error_type"); {
				case kind == "violation":
					violations += float64(m.GetHistogram().GetSampleCount())
					fallthrough
				case kind != "":
					failed += float64(m.GetHistogram().GetSampleCount())
				}
			}
			if requests := value(families, "gonogo_load_requests_total"); float64(counted) < requests || requests == 0 || failed != value(families, "gonogo_load_errors_total") || violations != value(families, "gonogo_load_violations_total") || violations == 0 {
				t.Errorf("%s as %s counts %d requests, %v errors and %v violations; the totals are %v, %v and %v", name, form, counted, failed, violations,
					requests, value(families, "gonogo_load_errors_total"), value(families, "gonogo_load_violations_total"))
			}
		}
	}
	if !regexp.MustCompile(`(?m)^gonogo_load_findings_total\{[^}]*\} [1-9]\S* # \{trace_id="[0-9a-f]{32}",span_id="[0-9a-f]{16}"\} 1`).Match(answers[asOpen]) ||
		!regexp.MustCompile(`(?m)^http_client_request_duration_seconds_bucket\{[^}]*\} [1-9]\S* # \{trace_id="`).Match(answers[asOpen]) {
		t.Errorf("as OpenMetrics no exemplar leads to a finding:\n%s", answers[asOpen])
	}
}

func familiesIn(t *testing.T, data []byte, header http.Header) map[string]*dto.MetricFamily {
	t.Helper()
	all := map[string]*dto.MetricFamily{}
	decoder := expfmt.NewDecoder(bytes.NewReader(data), expfmt.ResponseFormat(header))
	for {
		var f dto.MetricFamily
		switch err := decoder.Decode(&f); {
		case err == io.EOF:
			return all
		case err != nil:
			t.Fatalf("%v in\n%s", err, data)
		}
		all[f.GetName()] = &f
	}
}

// agreed is how many times a histogram has counted. As protobuf it has both kinds of buckets, which must agree.
func agreed(t *testing.T, form string, m *dto.Metric) uint64 {
	t.Helper()
	h := m.GetHistogram()
	if len(h.GetBucket()) < 20 || h.GetSampleSum() <= 0 {
		t.Errorf("as %s %v has %d classic buckets, and the sum %v", form, m.GetLabel(), len(h.GetBucket()), h.GetSampleSum())
	}
	if form != asMessage {
		if h.Schema != nil {
			t.Errorf("text cannot carry %v", h)
		}
		return h.GetSampleCount()
	}
	if h.Schema == nil || h.GetSchema() != 3 {
		t.Fatalf("%v is no native histogram", h)
	}
	native, index, count, next := map[int32]uint64{}, int32(0), int64(0), 0
	for _, span := range h.GetPositiveSpan() {
		index += span.GetOffset()
		for range span.GetLength() {
			count += h.GetPositiveDelta()[next]
			native[index] = uint64(count)
			next++
			index++
		}
	}
	for _, bucket := range h.GetBucket() {
		if math.IsInf(bucket.GetUpperBound(), 1) {
			continue
		}
		n := h.GetZeroCount()
		for i, count := range native {
			if float64(i) <= 8*math.Log2(bucket.GetUpperBound()) {
				n += count
			}
		}
		if n != bucket.GetCumulativeCount() {
			t.Errorf("up to %v s are %d by the classic buckets, %d by the native ones", bucket.GetUpperBound(), bucket.GetCumulativeCount(), n)
		}
	}
	total := h.GetZeroCount()
	for _, n := range native {
		total += n
	}
	if total != h.GetSampleCount() {
		t.Errorf("the native buckets hold %d of %d", total, h.GetSampleCount())
	}
	return total
}

// value is that of a counter without labels.
func value(families map[string]*dto.MetricFamily, name string) float64 {
	if f := families[name]; len(f.GetMetric()) == 1 {
		return f.GetMetric()[0].GetCounter().GetValue()
	}
	return -1
}

func labelOf(m *dto.Metric, name string) string {
	for _, l := range m.GetLabel() {
		if l.GetName() == name {
			return l.GetValue()
		}
	}
	return ""
}

func labelsOf(f *dto.MetricFamily) []string {
	all := map[string]bool{}
	for _, m := range f.GetMetric() {
		for _, l := range m.GetLabel() {
			all[l.GetName()] = true
		}
	}
	return append([]string{}, slices.Sorted(maps.Keys(all))...)
}

// documentedMetrics are those of the table in docs/telemetry.md, which testdata/peers/dashboard holds the dashboard to: the labels by name
// and kind.
func documentedMetrics(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../../docs/telemetry.md")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| [^|]+ \\| `(\\w+)` \\| (histogram|counter|gauge) \\|(.*)\\|$").FindAllStringSubmatch(string(text), -1) {
		labels := []string{}
		for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[3], -1) {
			labels = append(labels, strings.ReplaceAll(name[1], ".", "_"))
		}
		slices.Sort(labels)
		all[row[1]+" "+row[2]] = labels
	}
	return all
}
