package app_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"gonogo/internal/traceparent"
	"gonogo/reports"
)

// traced is an API in front of which the headers traceparent are written down, as its own logs would.
type traced struct {
	file string // the target's

	mu    sync.Mutex
	seen  map[string]string // method and path, by trace and span
	twice []string
	none  int // requests without one
}

func newTraced(t *testing.T, dialect string, change func(fields), args ...string) *traced {
	t.Helper()
	s := serve(t, append([]string{dialect}, args...)...)
	logged, proxy := &traced{seen: map[string]string{}}, proxyTo(t, s.api, "")
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		logged.note(r)
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	logged.file = edited(t, s.file(dialect), func(f fields) {
		f["base_url"] = front.URL
		if change != nil {
			change(f)
		}
	})
	return logged
}

func (l *traced) note(r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	trace, span, ok := traceparent.Read(r.Header.Get("traceparent"))
	if !ok {
		l.none++
		return
	}
	if l.seen[trace+" "+span] != "" {
		l.twice = append(l.twice, trace+" "+span)
	}
	l.seen[trace+" "+span] = r.Method + " " + r.URL.EscapedPath()
}

// logs wants a request in the API's logs by what an exchange of a report says of it.
func (l *traced) logs(t *testing.T, x *reports.Exchange) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if x == nil {
		t.Fatal("there is no exchange")
	}
	logged := l.seen[x.TraceID+" "+x.SpanID]
	if method, path, _ := strings.Cut(logged, " "); logged == "" || method != x.Request.Method || !strings.Contains(x.Request.URL, path) {
		t.Errorf("the report has %s %s with trace %q span %q, the API's log %q", x.Request.Method, x.Request.URL, x.TraceID, x.SpanID, logged)
	}
	if strings.Contains(strings.ToLower(x.Curl), "traceparent") {
		t.Errorf("the line that sends it again says that it is the same request: %s", x.Curl)
	}
}

// TestAFindingIsFoundInTheLogsOfTheTarget: what a report says of its exchanges is what the server was told.
func TestAFindingIsFoundInTheLogsOfTheTarget(t *testing.T) {
	t.Parallel()
	log := newTraced(t, "kitchenhub", nil, "--defect", "kitchenhub-validate-live-false")
	page, file := filepath.Join(t.TempDir(), "r.html"), filepath.Join(t.TempDir(), "r.json")
	o := gonogo(t, "check", "--target", log.file, "--report", "json="+file, "--report", "html="+page)
	o.exits(t, 1)
	report, shown := reportIn(t, file), 0
	if log.none > 0 || len(log.twice) > 0 {
		t.Errorf("%d requests had no traceparent, and these came twice: %q", log.none, log.twice)
	}
	for _, c := range report.Dialects[0].Cases {
		for i := range c.Exchanges {
			log.logs(t, &c.Exchanges[i])
			if c.Exchanges[i].TraceID != report.TraceID {
				t.Errorf("the run's trace is %s, that of a request of %s %s", report.TraceID, c.ID, c.Exchanges[i].TraceID)
			}
		}
		for _, f := range c.Findings {
			if x := c.Shown(f); x != nil {
				shown++
				if !strings.Contains(o.stdout, "  the same in  "+c.ID+" (") { // what is told once has the trace of the first
					o.exits(t, 1, "  trace        "+x.TraceID+" span "+x.SpanID)
				}
				if !strings.Contains(contents(t, page), "<dd><code>"+x.TraceID+" span "+x.SpanID+"</code></dd>") {
					t.Errorf("the page does not show the trace of %s", c.ID)
				}
			}
		}
	}
	if shown == 0 || report.TraceID == "" {
		t.Errorf("%d findings have an exchange, in a run of trace %q", shown, report.TraceID)
	}
	if again := gonogo(t, "check", "--target", log.file, "--reproduce", "kitchenhub/validate/live-token"); strings.Contains(strings.ToLower(again.stdout), "traceparent") {
		t.Errorf("the script says that its requests are those of this run:\n%s", again.stdout)
	}
}

// TestATargetThatTakesNoTraceparent: the header can be left out, or be the user's own.
func TestATargetThatTakesNoTraceparent(t *testing.T) {
	t.Parallel()
	only := []string{"--case", "kitchenhub/issue/*"}
	off := newTraced(t, "kitchenhub", func(f fields) { f["traceparent"] = false })
	_, report := checked(t, append(only, "--target", off.file)...)
	if len(off.seen) > 0 || off.none == 0 {
		t.Errorf("%d requests had the header, %d none", len(off.seen), off.none)
	}
	for _, c := range report.Dialects[0].Cases {
		for _, x := range c.Exchanges {
			if x.TraceID != "" || x.SpanID != "" {
				t.Errorf("%s has an exchange of trace %s", c.ID, x.TraceID)
			}
		}
	}
	if _, _, run := loaded(t, append(short, "--target", off.file, "--scenario", "issue")...); run.TraceID != "" || len(off.seen) > 0 {
		t.Errorf("a load told of %d traces, beginning with %q", len(off.seen), run.TraceID)
	}
	const own = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
	mine := newTraced(t, "kitchenhub", func(f fields) { f["headers"] = fields{"traceparent": own} })
	gonogo(t, append(only, "check", "--target", mine.file)...).exits(t, 0)
	if len(mine.seen) != 1 || mine.seen["0af7651916cd43dd8448eb211c80319c b7ad6b7169203331"] == "" {
		t.Errorf("the target was told of %v", mine.seen)
	}
}

// TestAViolationUnderLoadIsFoundInTheLogsOfTheTarget: every request of an attack is a trace of its own.
func TestAViolationUnderLoadIsFoundInTheLogsOfTheTarget(t *testing.T) {
	t.Parallel()
	log := newTraced(t, "kitchenhub", nil, "--defect", "kitchenhub-refresh-replay")
	o, _, run := loaded(t, append(short, "--target", log.file, "--scenario", "refresh")...)
	o.exits(t, 1)
	if log.none > 0 || len(log.twice) > 0 {
		t.Errorf("%d requests had no traceparent, and these came twice: %q", log.none, log.twice)
	}
	traces := map[string]bool{}
	for id := range log.seen {
		trace, _, _ := strings.Cut(id, " ")
		if traces[trace] = true; len(run.TraceID) != 32 || trace[:16] != run.TraceID[:16] {
			t.Fatalf("the run's trace is %q, and %s one of its requests", run.TraceID, trace)
		}
	}
	if int64(len(traces)) < run.Requests {
		t.Errorf("%d requests had %d traces", run.Requests, len(traces))
	}
	if len(run.Violations) == 0 {
		t.Fatalf("nothing was found:\n%s", o)
	}
	for _, v := range run.Violations {
		log.logs(t, v.Exchange)
		o.exits(t, 1, "  trace        "+v.Exchange.TraceID+" span "+v.Exchange.SpanID)
	}
}
