package har_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/har"

	"gonogo/reports"
	form "gonogo/reports/har"
	"gonogo/reports/testdata/samples"
)

// archive is a har report, read with the types that are generated from Chromium's own description of the format.
func archive(t *testing.T, r *reports.Report) (*har.Log, string) {
	t.Helper()
	var b strings.Builder
	if err := form.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	var file har.HAR
	d := json.NewDecoder(strings.NewReader(b.String()))
	if err := d.Decode(&file); err != nil || file.Log == nil {
		t.Fatalf("%v in\n%s", err, b.String())
	}
	return file.Log, b.String()
}

func TestHARHasEveryExchange(t *testing.T) {
	for name, r := range samples.Variety() {
		log, text := archive(t, r)
		if log.Version != "1.2" || log.Creator == nil || log.Comment == "" || !strings.Contains(text, `"entries": [`) {
			t.Errorf("%s: the archive begins with %.300s", name, text)
		}
		if strings.Contains(log.Comment, "incomplete") == r.Complete && !strings.HasPrefix(log.Comment, "INCOMPLETE") {
			t.Errorf("%s: the comment is %q", name, log.Comment)
		}
		pages := map[string]string{}
		for _, page := range log.Pages {
			if pages[page.ID] != "" || page.PageTimings == nil {
				t.Errorf("%s: two pages are %s, or one has no timings", name, page.ID)
			}
			pages[page.ID] = page.Title
		}
		want := 0
		for _, d := range r.Dialects {
			for _, c := range d.Cases {
				want += len(c.Exchanges)
				for _, x := range c.Exchanges {
					if !slices.ContainsFunc(log.Entries, func(e *har.Entry) bool { return isEntryOf(e, r, c, x) }) {
						t.Errorf("%s: an exchange of %s is missing", name, c.ID)
					}
					if !strings.HasPrefix(pages[c.ID], c.ID+" (") {
						t.Errorf("%s: %s has the page %q", name, c.ID, pages[c.ID])
					}
				}
			}
		}
		if len(log.Entries) != want {
			t.Errorf("%s: %d entries of %d exchanges", name, len(log.Entries), want)
		}
	}
}

func isEntryOf(e *har.Entry, r *reports.Report, c reports.Case, x reports.Exchange) bool {
	at, err := time.Parse(time.RFC3339, e.StartedDateTime)
	sent := e.Request.PostData == nil && x.Request.Body == "" || e.Request.PostData != nil && e.Request.PostData.Text == x.Request.Body
	return err == nil && sent && e.Pageref == c.ID && strings.HasPrefix(e.Comment, c.ID) && at.Equal(r.Started.Add(time.Duration(x.AtMS)*time.Millisecond)) &&
		e.Time == float64(x.DurationMS) && e.Timings.Wait == e.Time && e.Request.Method == x.Request.Method && e.Request.URL == x.Request.URL && int(e.Response.Status) == x.Response.Status &&
		strings.HasPrefix(x.Response.Body, strings.Split(string(e.Response.Content.Text), "… [cut")[0]) && e.Cache != nil
}

func TestHAROfFormsQueriesAndSilence(t *testing.T) {
	r := samples.Of(reports.Fail)
	r.Started = samples.Started
	c := &r.Dialects[0].Cases[0]
	c.Findings = []reports.Finding{{Requirement: "KH-A-1", Wanted: "a refusal", Got: "nothing", Exchange: new(1)}}
	c.Exchanges = []reports.Exchange{
		{AtMS: 20, Error: "connection reset", Request: reports.Request{Method: "GET", URL: "http://h/?a=1%202&b&c=%zz#d=5"}},
		{AtMS: 10, Request: reports.Request{Method: "POST", URL: "http://h/", Headers: map[string][]string{"content-type": {"application/x-www-form-urlencoded"}, "X": {"1", "2"}}, Body: "code=‹code 1›&x=%26"},
			Response: reports.Response{Status: 302, Headers: map[string][]string{"Location": {"/next"}}}},
	}
	reports.Decide(r, reports.Policy{})
	log, text := archive(t, r)
	form, silent := log.Entries[0], log.Entries[1] // by time
	if silent.Response.Status != 0 || silent.Response.Comment != "connection reset" || !strings.Contains(text, `"_error": "connection reset"`) {
		t.Errorf("no answer is %+v", silent.Response)
	}
	if q := silent.Request.QueryString; len(q) != 2 || q[0].Name != "a" || q[0].Value != "1 2" || q[1].Name != "b" {
		t.Errorf("the query is %+v", q)
	}
	if p := form.Request.PostData.Params; len(p) != 2 || p[0].Value != "‹code 1›" || p[1].Value != "&" || len(form.Request.Headers) != 3 {
		t.Errorf("the form is %+v", p)
	}
	if form.Response.RedirectURL != "/next" || form.Comment != "kh/a/a; fail: KH-A-1: wanted a refusal; got nothing" {
		t.Errorf("the form's entry is %+v", form)
	}
}

func TestHAROfLoad(t *testing.T) {
	run := samples.Load()
	log, _ := archive(t, samples.Loads(run))
	if len(log.Entries) != 2 || log.Entries[0].Request.URL != run.Violations[0].Exchange.Request.URL || log.Entries[0].Pageref != log.Pages[0].ID {
		t.Errorf("the entries are %+v", log.Entries)
	}
	if e := log.Entries[1]; e.Response.Status != 503 || e.Comment != "load mix of kitchenhub: issue is answered 503 Service Unavailable" || e.Pageref != log.Pages[1].ID {
		t.Errorf("the entry of the error is %+v", e)
	}
}
