package reports

import (
	"fmt"
	"strings"
)

// htmlLoad is the section of one load run.
type htmlLoad struct {
	*LoadRun
	Verdict    Verdict // in whose colour it is shown
	Key, Label string
	Words      string
	Reasons    []string
	Facts      []htmlFact
	Trouble    []htmlTrouble
	Faults     []htmlFault
	Plots      []*plot
	Times      table
	ByPart     table
	ByAnswer   table
}

// htmlFact is a name and what it is.
type htmlFact struct{ Name, Value string }

// htmlTrouble is a kind of violation, with the exchange of the first.
type htmlTrouble struct {
	LoadViolation
	Times    string
	Curl     string
	Exchange *htmlExchange
}

// htmlFault is an answer that was an error and no violation.
type htmlFault struct {
	LoadExample
	Curl     string
	Exchange *htmlExchange
}

func htmlLoadOf(i int, r *LoadRun, room *evidenceRoom) *htmlLoad {
	h := &htmlLoad{LoadRun: r, Key: fmt.Sprintf("load-%d", i+1), Label: r.label(i), Verdict: r.Verdict}
	if r.Step != nil {
		h.Verdict = r.Step.Outcome.look()
	}
	h.Words, h.Reasons = r.verdictWords()
	if r.Scenario == "" {
		return h
	}
	h.facts()
	for _, v := range r.Violations {
		t := htmlTrouble{LoadViolation: v, Times: many(v.Count, "time")}
		t.Curl, t.Exchange = room.evidence(v.Exchange)
		h.Trouble = append(h.Trouble, t)
	}
	for _, e := range r.Examples {
		f := htmlFault{LoadExample: e}
		f.Curl, f.Exchange = room.evidence(e.Exchange)
		h.Faults = append(h.Faults, f)
	}
	for _, p := range []*plot{r.latencyPlot(h.Key), r.curvePlot(h.Key), r.ratePlot(h.Key)} {
		if p != nil {
			h.Plots = append(h.Plots, p)
		}
	}
	h.tables()
	return h
}

// evidence is an exchange and the line that sends its request again, which is shown even if there is no room for more.
func (room *evidenceRoom) evidence(x *Exchange) (curl string, shown *htmlExchange) {
	if x == nil {
		return "", nil
	}
	if room.takes(*x) {
		shown = htmlExchangeOf(x.tidied())
	}
	return x.Curl, shown
}

// label names a load run.
func (r *LoadRun) label(i int) string {
	if r.Scenario == "" {
		return fmt.Sprintf("load run %d", i+1)
	}
	if r.Step != nil {
		return fmt.Sprintf("step %d: %s", r.Step.Number, PerSecond(r.Step.Rate))
	}
	if r.Dialect == "" {
		return "load " + r.Scenario
	}
	return fmt.Sprintf("load %s of %s", r.Scenario, r.Dialect)
}

// verdictWords are a load run's verdict in capitals, and what it rests on.
func (r *LoadRun) verdictWords() (words string, why []string) {
	if r.Step != nil {
		why = []string{fmt.Sprintf("%s, %s", many(r.Requests, "request"), many(r.Errors, "error"))}
		if r.Step.Why != "" {
			why = []string{r.Step.Why}
		}
		return strings.ToUpper(strings.ReplaceAll(string(r.Step.Outcome), "-", " ")), why
	}
	holds := r.Because
	if len(holds) == 0 {
		holds = []string{fmt.Sprintf("%s, %s", many(r.Requests, "request"), many(r.Errors, "error"))}
		if n := len(r.Objectives); n > 0 {
			holds = append(holds, count(n, "objective")+" held")
		}
	}
	if !r.Verdict.Valid() {
		return "INCOMPLETE", []string{"it gives no verdict"}
	}
	if r.Verdict == NoGo { // its reasons are among the same sentences
		return verdictWords(r.Verdict, r.Complete, r.Because, nil, nil)
	}
	return verdictWords(r.Verdict, r.Complete, nil, r.Because, holds)
}

// many is count for numbers that need grouping.
func many(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + noun + "s"
}

// grouped prints 1234567 as 1,234,567.
func grouped(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func (h *htmlLoad) facts() {
	r := h.LoadRun
	add := func(name, value string) {
		if value != "" {
			h.Facts = append(h.Facts, htmlFact{name, value})
		}
	}
	for _, note := range r.Notes {
		add("note", note)
	}
	add("target", r.Target.BaseURL)
	add("document", r.Document.named())
	add("shape", r.Shape)
	if r.Asked > 0 {
		add("asked", rate(r.Asked))
	} else {
		add("asked", "as fast as possible")
	}
	add("achieved", rate(r.Achieved))
	add("requests", fmt.Sprintf("%s, and %s in the warm-up, which counts nowhere", grouped(r.Requests), grouped(r.WarmUp)))
	add("errors", grouped(r.Errors))
	if r.Starved > 0 {
		add("starved", many(r.Starved, "request")+", for want of a token to spend")
	}
	add("took", milliseconds(r.DurationMS))
	add("connections", fmt.Sprintf("%d, %s", r.Connections, r.Protocol))
	if !r.Started.IsZero() {
		add("started", r.Started.UTC().Format(utc))
	}
	for _, span := range r.Frozen {
		add("frozen", span.String())
	}
}

func (h *htmlLoad) tables() {
	r := h.LoadRun
	head := []string{"mean", "p50", "p90", "p95", "p99", "p99.9", "longest"}
	cells := func(d Distribution) []string {
		var row []string
		for _, us := range []int64{d.Mean, d.P50, d.P90, d.P95, d.P99, d.P999, d.Max} {
			row = append(row, duration(us))
		}
		return row
	}
	h.Times = table{Caption: "Times", Head: append([]string{""}, head...), Rows: [][]string{
		append([]string{"latency, from the intended send time"}, cells(r.Latency)...),
		append([]string{"service, from the real send time"}, cells(r.Service)...),
		append([]string{"lag, the harness's own"}, cells(r.Lag)...),
	}}
	if len(r.Parts) > 1 {
		h.ByPart = table{Caption: "By request", Head: append([]string{"request", "requests", "errors"}, head...)}
		for _, part := range r.Parts {
			h.ByPart.Rows = append(h.ByPart.Rows, append([]string{plain(part.Name), grouped(part.Requests), grouped(part.Errors)}, cells(part.Latency)...))
		}
	}
	if len(r.Answers) > 0 {
		h.ByAnswer = table{Caption: "Answers", Head: []string{"answer", "count"}}
		for _, answer := range r.Answers {
			h.ByAnswer.Rows = append(h.ByAnswer.Rows, []string{plain(answer.What), grouped(answer.Count)})
		}
	}
}

// named is the document in words, its hash included.
func (d Document) named() string {
	text := d.Title
	for _, more := range []struct{ before, text string }{{" ", d.Version}, {", SHA-256 ", d.SHA256}} {
		if more.text != "" {
			text += more.before + more.text
		}
	}
	return text
}
