package reports

import (
	"fmt"
	"unicode/utf8"
)

// load is a load run: a table of its numbers, its objectives, and what went wrong.
func (m *markdown) load(i int, r *LoadRun) {
	words, why := r.verdictWords()
	m.line("**%s: %s**%s", mdText(r.label(i)), words, mdText(because(why)))
	m.blank()
	if r.Scenario == "" {
		return
	}
	asked := "as fast as possible"
	if r.Asked > 0 {
		asked = rate(r.Asked)
	}
	m.line("| target | asked | achieved | requests | errors | p50 | p99 | p99.9 | longest |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|")
	m.line("| %s | %s | %s | %s | %s | %s | %s | %s | %s |", mdCell(r.Target.BaseURL), asked, rate(r.Achieved), grouped(r.Requests), grouped(r.Errors),
		duration(r.Latency.P50), duration(r.Latency.P99), duration(r.Latency.P999), duration(r.Latency.Max))
	m.blank()
	m.byRequest(r)
	for _, o := range r.Objectives {
		m.objective(o)
	}
	if len(r.Answers) > 0 && r.Errors > 0 {
		m.line("- answers: %s", mdText(join(r.answers(grouped))))
	}
	for _, note := range r.Notes {
		m.line("- note: %s", mdText(short(note, markdownText)))
	}
	for _, span := range r.Frozen {
		m.line("- %s", mdText(span.String()))
	}
	m.blank()
	for _, e := range r.Examples {
		m.example(e)
	}
	for _, v := range r.Violations {
		m.line("<details><summary>✗ %s: %s</summary>", many(v.Count, "time"), mdHTML(short(v.Kind, markdownText)))
		m.blank()
		said := fmt.Sprintf("requirement %s\nsent        %s\nwanted      %s\ngot         %s\nwhere       %s", plain(v.Requirement),
			short(v.Finding.Sent, markdownText), short(v.Finding.Wanted, markdownText), short(v.Finding.Got, markdownText), plain(v.Finding.Where))
		m.fenced("", said)
		if v.Exchange != nil && utf8.RuneCountInString(v.Exchange.Curl) <= markdownCurl {
			m.fenced("sh", plain(v.Exchange.Curl))
		}
		m.line("</details>")
		m.blank()
	}
}

// byRequest is a table of the kinds of requests of a run that has several.
func (m *markdown) byRequest(r *LoadRun) {
	if len(r.Parts) < 2 {
		return
	}
	m.line("| request | requests | errors | p50 | p99 | longest |\n|---|--:|--:|--:|--:|--:|")
	for _, p := range r.Parts {
		m.line("| %s | %s | %s | %s | %s | %s |", mdCell(p.Name), grouped(p.Requests), grouped(p.Errors), duration(p.Latency.P50), duration(p.Latency.P99), duration(p.Latency.Max))
	}
	m.blank()
}

// example is an answer that was an error, folded away.
func (m *markdown) example(e LoadExample) {
	m.line("<details><summary>%s is answered %s</summary>", mdHTML(short(e.Request, markdownText)), mdHTML(short(e.Answer, markdownText)))
	m.blank()
	if e.Exchange != nil {
		if body := short(e.Exchange.Response.Body, markdownText); body != "" {
			m.fenced("", body)
		}
		if utf8.RuneCountInString(e.Exchange.Curl) <= markdownCurl {
			m.fenced("sh", plain(e.Exchange.Curl))
		}
	}
	m.line("</details>")
	m.blank()
}
