package attack

import "gonogo/reports"

// mostOutcomes of a part are told apart. A target that answers with a thousand statuses is not to take a thousand series in
// somebody's database.
const mostOutcomes = 24

// Meter counts every request of an attack's run, or of several one after another, while they go on. The collector counts,
// so the connections do not pay for it; Series is for Watch.Progress, and for after an attack.
type Meter struct {
	parts    []string
	requests []Request
	series   [][]*outcome // of each part
}

// outcome is a series, and what it is known by.
type outcome struct {
	reports.LoadSeries
	why     Why
	verdict Verdict
}

// NewMeter makes a meter for attacks that have these parts.
func NewMeter(parts []string, requests []Request) *Meter {
	return &Meter{parts, requests, make([][]*outcome, len(parts))}
}

func (m *Meter) add(one *record) {
	if m == nil {
		return
	}
	s := m.of(one)
	s.Latency.Add(one.answered - one.intended)
	s.Service.Add(one.answered - one.sent)
}

func (m *Meter) of(one *record) *outcome {
	of := m.series[one.part]
	for _, s := range of {
		if s.Rest || s.Status == int(one.status) && s.why == one.why && s.verdict == one.verdict {
			return s
		}
	}
	s := &outcome{reports.LoadSeries{Part: m.parts[one.part], Method: m.requests[one.part].Method, URL: m.requests[one.part].URL}, one.why, one.verdict}
	if s.Rest = len(of) == mostOutcomes-1; !s.Rest {
		s.Status, s.Error, s.Violation = int(one.status), one.verdict != Good, one.verdict == Violation
		if one.why != Answered {
			s.Why = one.why.String()
		}
	}
	m.series[one.part] = append(of, s)
	return s
}

// Series are those that have something in them, as they stand.
func (m *Meter) Series() (all []reports.LoadSeries) {
	for _, of := range m.series {
		for _, s := range of {
			all = append(all, s.LoadSeries)
		}
	}
	return all
}
