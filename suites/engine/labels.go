package engine

import (
	"slices"
	"strings"
)

// Labels are the words that a case is chosen by, the same whether gonogo or Ginkgo chooses: its dialect, its
// level, its flow, the requirements it serves, and what it needs.
func (p *Plan) Labels(c Case) []string {
	labels := []string{p.Dialect.ID, string(p.Level(c))}
	if flow := c.Flow(); flow != "" {
		labels = append(labels, flow)
	}
	labels = append(labels, c.Requirements...)
	for _, need := range c.Needs {
		labels = append(labels, string(need))
	}
	var once []string
	for _, label := range labels {
		if !slices.Contains(once, label) { // a flow may be named as what it needs is
			once = append(once, label)
		}
	}
	return once
}

// Flow is the middle part of the case's id.
func (c Case) Flow() string {
	_, rest, _ := strings.Cut(c.ID, "/")
	flow, _, _ := strings.Cut(rest, "/")
	return flow
}

// Name is the last part of the case's id, which tells it from the others of its flow.
func (c Case) Name() string { return c.ID[strings.LastIndexByte(c.ID, '/')+1:] }
