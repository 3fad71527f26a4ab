// Package har writes the exchanges of a report as an HTTP Archive 1.2, which
// browsers' developer tools read. It must never know how a verdict comes about.
package har

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/url"
	"slices"
	"strings"
	"time"

	"gonogo/reports"
	"gonogo/reports/prose"
)

// Write writes the exchanges of a decided report: a page for each case that sent something, an entry for each exchange.
func Write(w io.Writer, r *reports.Report) error {
	h := &archive{Log: log{Version: "1.2", Creator: creator{r.Tool.Name, strings.TrimSpace(r.Tool.Version + " " + r.Tool.Commit)}, Pages: []page{}, Entries: []entry{}}}
	verdict := prose.OfRun(r)
	h.Log.Comment = verdict.Words + verdict.Because()
	keys := prose.Keys(r)
	for i, d := range r.Dialects {
		comment := ""
		if r.Label(i) != d.ID {
			comment = r.Label(i)
		}
		for _, c := range d.Cases {
			if len(c.Exchanges) == 0 {
				continue
			}
			p := h.page(r.Started, c.Exchanges[0].AtMS, keys[i]+strings.TrimPrefix(c.ID, d.ID), fmt.Sprintf("%s (%s): %s", c.ID, c.Outcome, c.Title), comment)
			for at, x := range c.Exchanges {
				comment := shownBy(c, at)
				if x.Together != nil {
					comment += "; " + prose.Together(x.Together)
				}
				h.add(r.Started, p, x, comment)
			}
		}
	}
	for i, run := range r.Load {
		if !r.IsStep(run) { // what a run was, and what of it was the generator's own doing, stands nowhere else
			said := prose.OfLoadItself(run)
			h.Log.Comment += fmt.Sprintf("; %s: %s%s", prose.Load(i, run), said.Words, said.Because())
			if own := prose.Generator(run); own != "" {
				h.Log.Comment += "; the generator " + own
			}
		}
		for j, kept := range keptOf(run) {
			name := prose.Load(i, run)
			p := h.page(run.Started, kept.exchange.AtMS, fmt.Sprintf("load-%d-%d", i+1, j+1), name+": "+kept.title, "")
			h.add(run.Started, p, *kept.exchange, name+": "+kept.comment)
		}
	}
	// Readers may expect them in the order of their beginnings; those of one moment keep the order of their case.
	slices.SortStableFunc(h.Log.Entries, func(a, b entry) int { return cmp.Compare(a.Started, b.Started) })
	slices.SortStableFunc(h.Log.Pages, func(a, b page) int { return cmp.Compare(a.Started, b.Started) })
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	return e.Encode(h)
}

// page adds a page, and returns its id.
func (h *archive) page(began time.Time, at int64, id, title, comment string) string {
	h.Log.Pages = append(h.Log.Pages, page{Started: moment(began, at), ID: id, Title: title, Comment: comment})
	return id
}

// kept is an exchange of a load run, and what it is kept for.
type kept struct {
	title, comment string
	exchange       *reports.Exchange
}

// keptOf are the exchanges that a load run keeps: of its violations, and of its errors.
func keptOf(r *reports.LoadRun) []kept {
	var all []kept
	for _, v := range r.Violations {
		all = append(all, kept{v.Kind, prose.Finding(v.Finding, v.Requirement), v.Exchange})
	}
	for _, e := range r.Examples {
		all = append(all, kept{prose.Example(e), prose.Example(e), e.Exchange})
	}
	return slices.DeleteFunc(all, func(k kept) bool { return k.exchange == nil })
}

// shownBy is the case's id, and what the exchange shows.
func shownBy(c reports.Case, exchange int) string {
	text := c.ID
	for _, f := range c.Findings {
		if f.Exchange != nil && *f.Exchange == exchange {
			text += fmt.Sprintf("; %s: %s", c.Outcome, prose.Finding(f, ""))
		}
	}
	return text
}

// moment is a moment of the run, with its milliseconds: as text, moments are in the order of time.
func moment(began time.Time, ms int64) string {
	return began.UTC().Add(time.Duration(ms) * time.Millisecond).Format("2006-01-02T15:04:05.000Z07:00")
}

// What nobody recorded: sizes on the wire (bodies are redacted and cut, so theirs are others), protocol version.
const (
	unknownSize     = -1
	unknownProtocol = "unknown"
)

func (h *archive) add(began time.Time, page string, x reports.Exchange, comment string) {
	e := entry{
		Pageref: page, Started: moment(began, x.AtMS), Time: x.DurationMS, Timings: timings{Wait: x.DurationMS}, Comment: comment,
		Request: request{
			Method: x.Request.Method, URL: x.Request.URL, Version: unknownProtocol, Cookies: []pair{}, Headers: headersOf(x.Request.Headers),
			Query: queryOf(x.Request.URL), HeadersSize: unknownSize, BodySize: unknownSize,
		},
		Response: response{
			Status: x.Response.Status, Version: unknownProtocol, Cookies: []pair{}, Headers: headersOf(x.Response.Headers),
			RedirectURL: header(x.Response.Headers, "Location"), HeadersSize: unknownSize, BodySize: unknownSize,
			Content: content{Size: len(x.Response.Body), Type: cmp.Or(header(x.Response.Headers, "Content-Type"), "x-unknown"), Text: x.Response.Body},
		},
	}
	if x.Request.Body != "" {
		e.Request.PostData = &postData{Type: cmp.Or(header(x.Request.Headers, "Content-Type"), "x-unknown"), Text: x.Request.Body, Params: paramsOf(x.Request)}
	}
	if x.Error != "" {
		e.Response.StatusText, e.Response.Comment = "no answer", x.Error
		e.Response.Error = x.Error
	}
	h.Log.Entries = append(h.Log.Entries, e)
}

func header(headers map[string][]string, name string) string {
	for key, values := range headers {
		if strings.EqualFold(key, name) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

func headersOf(headers map[string][]string) []pair {
	pairs := []pair{}
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		for _, value := range headers[name] {
			pairs = append(pairs, pair{name, value})
		}
	}
	return pairs
}

// queryOf are the parameters of a URL. What cannot be taken apart stands in the URL all the same.
func queryOf(address string) []pair {
	_, query, _ := strings.Cut(address, "?")
	query, _, _ = strings.Cut(query, "#")
	return pairsOf(query)
}

// paramsOf are those of a form.
func paramsOf(r reports.Request) []pair {
	kind, _, err := mime.ParseMediaType(header(r.Headers, "Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return []pair{}
	}
	return pairsOf(r.Body)
}

func pairsOf(query string) []pair {
	pairs := []pair{}
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		unescapedName, err1 := url.QueryUnescape(name)
		unescapedValue, err2 := url.QueryUnescape(value)
		if part != "" && err1 == nil && err2 == nil {
			pairs = append(pairs, pair{unescapedName, unescapedValue})
		}
	}
	return pairs
}
