package reports

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/url"
	"slices"
	"strings"
	"time"
)

// WriteHAR writes the exchanges of a decided report as an HTTP Archive 1.2, the format har, which browsers' developer
// tools read: a page for each case that sent something, an entry for each exchange.
func WriteHAR(w io.Writer, r *Report) error {
	r = r.clone()
	r.tidy()
	h := &har{Log: harLog{Version: "1.2", Creator: harCreator{r.Tool.Name, strings.TrimSpace(r.Tool.Version + " " + r.Tool.Commit)}, Pages: []harPage{}, Entries: []harEntry{}}}
	words, why := r.verdictWords()
	h.Log.Comment = words + because(why)
	seen := map[string]int{}
	for i, d := range r.Dialects {
		key := anchorKey(seen, d.ID)
		for _, c := range d.Cases {
			if len(c.Exchanges) == 0 {
				continue
			}
			page := harPage{ID: key + strings.TrimPrefix(c.ID, d.ID), Title: fmt.Sprintf("%s (%s): %s", c.ID, c.Outcome, c.Title), PageTimings: struct{}{}}
			if r.label(i) != d.ID {
				page.Comment = r.label(i)
			}
			page.Started = harMoment(r.Started, c.Exchanges[0].AtMS)
			h.Log.Pages = append(h.Log.Pages, page)
			for at, x := range c.Exchanges {
				h.add(r.Started, page.ID, x, c.harComment(at))
			}
		}
	}
	for i, run := range r.Load {
		for j, shown := range run.shown() {
			page := harPage{ID: fmt.Sprintf("load-%d-%d", i+1, j+1), Title: run.label(i) + ": " + shown.title, PageTimings: struct{}{}}
			page.Started = harMoment(run.Started, shown.exchange.AtMS)
			h.Log.Pages = append(h.Log.Pages, page)
			h.add(run.Started, page.ID, shown.exchange.tidied(), fmt.Sprintf("%s: %s", run.label(i), shown.comment))
		}
	}
	// Readers may expect them in the order of their beginnings; those of one moment keep the order of their case.
	slices.SortStableFunc(h.Log.Entries, func(a, b harEntry) int { return cmp.Compare(a.Started, b.Started) })
	slices.SortStableFunc(h.Log.Pages, func(a, b harPage) int { return cmp.Compare(a.Started, b.Started) })
	e := encoder(w)
	e.SetIndent("", " ")
	return e.Encode(h)
}

// harShown is an exchange of a load run, and what it is kept for.
type harShown struct {
	title, comment string
	exchange       *Exchange
}

// shown are the exchanges that a load run keeps: of its violations, and of its errors.
func (r *LoadRun) shown() []harShown {
	var all []harShown
	for _, v := range r.Violations {
		all = append(all, harShown{v.Kind, v.Finding.gist(v.Requirement), v.Exchange})
	}
	for _, e := range r.Examples {
		text := fmt.Sprintf("%s is answered %s", e.Request, e.Answer)
		all = append(all, harShown{text, text, e.Exchange})
	}
	return slices.DeleteFunc(all, func(s harShown) bool { return s.exchange == nil })
}

// harComment is the case's id, and what the exchange shows.
func (c Case) harComment(exchange int) string {
	text := c.ID
	for _, f := range c.Findings {
		if f.Exchange != nil && *f.Exchange == exchange {
			text += fmt.Sprintf("; %s: %s", c.Outcome, f.gist(f.Requirement))
		}
	}
	return text
}

// harMoment is a moment of the run, with its milliseconds: as text, moments are in the order of time.
func harMoment(began time.Time, ms int64) string {
	return began.UTC().Add(time.Duration(ms) * time.Millisecond).Format("2006-01-02T15:04:05.000Z07:00")
}

// What nobody recorded: sizes on the wire (bodies are redacted and cut, so theirs are others), protocol version.
const (
	harUnknownSize     = -1
	harUnknownProtocol = "unknown"
)

func (h *har) add(began time.Time, page string, x Exchange, comment string) {
	entry := harEntry{
		Pageref: page, Started: harMoment(began, x.AtMS), Time: x.DurationMS, Timings: harTimings{Wait: x.DurationMS}, Comment: comment,
		Request: harRequest{
			Method: x.Request.Method, URL: x.Request.URL, Version: harUnknownProtocol, Cookies: []harPair{}, Headers: harHeaders(x.Request.Headers),
			Query: harQuery(x.Request.URL), HeadersSize: harUnknownSize, BodySize: harUnknownSize,
		},
		Response: harResponse{
			Status: x.Response.Status, Version: harUnknownProtocol, Cookies: []harPair{}, Headers: harHeaders(x.Response.Headers),
			RedirectURL: header(x.Response.Headers, "Location"), HeadersSize: harUnknownSize, BodySize: harUnknownSize,
			Content: harContent{Size: len(x.Response.Body), Type: cmp.Or(header(x.Response.Headers, "Content-Type"), "x-unknown"), Text: x.Response.Body},
		},
	}
	if x.Request.Body != "" {
		entry.Request.PostData = &harPostData{Type: cmp.Or(header(x.Request.Headers, "Content-Type"), "x-unknown"), Text: x.Request.Body, Params: harParams(x.Request)}
	}
	if x.Error != "" {
		entry.Response.StatusText, entry.Response.Comment = "no answer", x.Error
		entry.Response.Error = x.Error
	}
	h.Log.Entries = append(h.Log.Entries, entry)
}

func header(headers map[string][]string, name string) string {
	for key, values := range headers {
		if strings.EqualFold(key, name) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

func harHeaders(headers map[string][]string) []harPair {
	pairs := []harPair{}
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		for _, value := range headers[name] {
			pairs = append(pairs, harPair{name, value})
		}
	}
	return pairs
}

// harQuery are the parameters of a URL. What cannot be taken apart stands in the URL all the same.
func harQuery(address string) []harPair {
	_, query, _ := strings.Cut(address, "?")
	query, _, _ = strings.Cut(query, "#")
	return harPairs(query)
}

// harParams are those of a form.
func harParams(r Request) []harPair {
	kind, _, err := mime.ParseMediaType(header(r.Headers, "Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return []harPair{}
	}
	return harPairs(r.Body)
}

func harPairs(query string) []harPair {
	pairs := []harPair{}
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		unescapedName, err1 := url.QueryUnescape(name)
		unescapedValue, err2 := url.QueryUnescape(value)
		if part != "" && err1 == nil && err2 == nil {
			pairs = append(pairs, harPair{unescapedName, unescapedValue})
		}
	}
	return pairs
}
