package reports

import "time"

// LoadGenerator is one of several that made a run together. In the report of its own it is alone, in that of the whole there are all.
type LoadGenerator struct {
	Number  int    `json:"number"` // from 1
	Of      int    `json:"of"`     // so many
	Host    string `json:"host,omitempty"`
	TraceID string `json:"trace_id,omitempty"` // as of a LoadRun

	Requests int64   `json:"requests"`
	Errors   int64   `json:"errors"`
	Achieved float64 `json:"achieved"`
	P50      int64   `json:"p50_us"`
	P99      int64   `json:"p99_us"`

	Late   int64 `json:"late_us"`   // how much later it began than they had agreed upon
	Ahead  int64 `json:"ahead_us"`  // how far its clock was ahead of the lead's
	Drift  int64 `json:"drift_us"`  // and how much farther when the run was over
	Within int64 `json:"within_us"` // by how much that may be wrong: half of the quickest way there and back

	Lost string `json:"lost,omitempty"` // why there is nothing of it
}

// Skew is how far apart the generators of a run may have begun, as far as their clocks can be trusted; 0 of fewer than two.
func (r *LoadRun) Skew() time.Duration {
	var first, last int64
	began := 0
	for _, g := range r.Generators {
		if g.Lost != "" || g.Requests == 0 {
			continue
		}
		wrong := g.Within + max(g.Drift, -g.Drift)
		earliest, latest := g.Late-wrong, g.Late+wrong
		if began++; began == 1 {
			first, last = earliest, latest
		}
		first, last = min(first, earliest), max(last, latest)
	}
	if began < 2 {
		return 0
	}
	return time.Duration(last-first) * time.Microsecond
}
