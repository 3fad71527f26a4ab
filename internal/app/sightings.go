package app

import (
	"slices"
	"sync"

	"gonogo/reports"
)

// sightings remember which cases have been seen to fail under some defect: a check that nobody has seen fail
// proves nothing.
type sightings struct {
	mu     sync.Mutex
	failed map[string]bool // every case that ran, by id: whether it failed under a defect
}

func newSightings() *sightings { return &sightings{failed: map[string]bool{}} }

func (s *sightings) add(p proof, d *reports.Dialect) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range d.Cases {
		if c.Outcome.Ran() {
			s.failed[c.ID] = s.failed[c.ID] || p.kind == "defect" && c.Outcome == reports.Fail
		}
	}
}

// neverFailed are the cases that ran and that no defect has tripped.
func (s *sightings) neverFailed() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for id, failed := range s.failed {
		if !failed {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}
