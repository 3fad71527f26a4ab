package reports

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"gonogo/reports/words"
)

// readJSONL rebuilds the report from a jsonl stream. A whole stream gives the
// report that was written. One without its footer, or with fewer cases than its
// footer expects, gives what there is, cut short: never go.
func readJSONL(from io.Reader) (*Report, error) {
	s := stream{cases: map[caseKey]Case{}}
	in := bufio.NewReader(from)
	for number := 1; ; number++ {
		line, err := in.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("the report cannot be read: %w", err)
		}
		ended := err != nil
		if len(bytes.TrimSpace(line)) > 0 {
			// The last line of a process that was killed may be half a line.
			if err := s.take(line); err != nil && !(ended && s.header != nil && !json.Valid(line)) {
				return nil, fmt.Errorf("line %d: %w", number, err)
			}
		}
		if ended {
			break
		}
	}
	if s.footer == nil {
		return s.cutShort(), nil
	}
	r := s.whole()
	return r, r.checkWords()
}

// stream is what the lines read so far have said.
type stream struct {
	header *headerLine
	footer *footerLine
	cases  map[caseKey]Case
	order  []caseKey // in which the cases ended
}

func (s *stream) take(line []byte) error {
	var kind struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(line, &kind); err != nil {
		return notAReport(err)
	}
	switch {
	case s.header == nil && kind.Type != lineHeader:
		return errors.New("the stream does not begin with its header line; give a file that gonogo wrote with --report jsonl=FILE")
	case s.header != nil && kind.Type == lineHeader:
		return errors.New("a second header begins here; split the file before it, for each run is a report of its own")
	case s.footer != nil:
		return errors.New("the stream goes on after its footer; delete what follows the footer")
	case kind.Type == lineHeader:
		return s.takeHeader(line)
	case kind.Type == lineCase:
		return s.takeCase(line)
	case kind.Type == lineFooter:
		return s.takeFooter(line)
	}
	return nil // an addition of a later version
}

func (s *stream) takeHeader(line []byte) error {
	var h headerLine
	if err := json.Unmarshal(line, &h); err != nil {
		return notAReport(err)
	}
	if h.Schema != SchemaID {
		return wrongSchema(h.Schema)
	}
	s.header = &h
	return nil
}

func (s *stream) takeCase(line []byte) error {
	var c caseLine
	if err := json.Unmarshal(line, &c); err != nil {
		return notAReport(err)
	}
	if c.Index < 0 || c.Index >= len(s.header.Dialects) {
		return fmt.Errorf("case %s belongs to dialect %d, but the header names %d", c.Case.ID, c.Index, len(s.header.Dialects))
	}
	if err := c.Case.checkWords(); err != nil {
		return err
	}
	key := caseKey{c.Index, c.Case.ID}
	if _, again := s.cases[key]; !again {
		s.order = append(s.order, key)
	}
	s.cases[key] = c.Case
	return nil
}

func (s *stream) takeFooter(line []byte) error {
	var f footerLine
	if err := json.Unmarshal(line, &f); err != nil {
		return notAReport(err)
	}
	if len(f.Dialects) != len(s.header.Dialects) {
		return fmt.Errorf("the footer has %d dialects and the header %d; the lines are of different runs", len(f.Dialects), len(s.header.Dialects))
	}
	s.footer = &f
	return nil
}

// whole puts the cases into the footer's report.
func (s *stream) whole() *Report {
	r := s.footer.Report
	r.Dialects = nil
	for i, f := range s.footer.Dialects {
		d := f.Dialect
		d.Cases = nil
		for _, id := range f.Cases {
			if c, ok := s.cases[caseKey{i, id}]; ok {
				d.Cases = append(d.Cases, c)
			}
		}
		r.Dialects = append(r.Dialects, &d)
	}
	stray := s.addStrays(&r, func(key caseKey) bool { return !slices.Contains(s.footer.Dialects[key.dialect].Cases, key.id) })
	r.tidy()
	if found := len(s.order); found != s.footer.Expected || stray {
		r.Interrupted = fmt.Sprintf("the stream carries %s where its footer expects %d", words.Cases(found), s.footer.Expected)
		Decide(&r, r.Policy)
	}
	return &r
}

// cutShort makes the report of a stream that has no footer. How much was sent
// and how long it took is what the cases that ended show.
func (s *stream) cutShort() *Report {
	h := s.header
	r := h.begun()
	planned := 0
	for _, d := range h.Dialects {
		planned += d.Planned
	}
	s.addStrays(r, func(caseKey) bool { return true })
	for _, d := range r.Dialects {
		for _, c := range d.Cases {
			d.Requests += len(c.Exchanges)
			for _, x := range c.Exchanges {
				r.DurationMS = max(r.DurationMS, x.AtMS+x.DurationMS)
			}
		}
	}
	r.Interrupted = fmt.Sprintf("the stream ends without its footer: %d of %s had ended", len(s.order), words.Cases(planned))
	Decide(r, h.Policy)
	return r
}

// addStrays appends the cases that the predicate picks, in the order in which
// they ended, and reports whether there were any.
func (s *stream) addStrays(r *Report, pick func(caseKey) bool) bool {
	found := false
	for _, key := range s.order {
		if pick(key) {
			d := r.Dialects[key.dialect]
			d.Cases = append(d.Cases, s.cases[key])
			found = true
		}
	}
	return found
}
