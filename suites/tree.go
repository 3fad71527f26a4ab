package suites

import (
	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"gonogo/specs"
	"gonogo/suites/catalog"
	"gonogo/suites/engine"
)

// entry is one target of the suite: its cases in the tree.
type entry struct {
	index  int // among all entries
	target Target
	client *Client // that is watched in front of the target; nil: the target itself is checked
	at     string  // its name among others; empty: it has none yet
	broken error
	trees  []tree
}

// newEntry makes the trees of a target, of every dialect that it may turn out to speak.
func newEntry(t Target) *entry {
	e := &entry{target: t}
	if t.later == nil {
		under, dialect, err := t.load()
		if err != nil {
			e.broken = err
			return e
		}
		e.at, e.trees = t.String(), []tree{newTree(dialect.ID, catalog.PlanAt(dialect, under))}
		return e
	}
	for _, document := range t.documents {
		dialect, err := specs.Load(document)
		if err != nil {
			e.broken = err
			return e
		}
		e.trees = append(e.trees, newTree(dialect.ID, catalog.Plan(dialect)))
	}
	return e
}

// tree is one dialect in Ginkgo's tree.
type tree struct {
	dialect *specs.Dialect
	leaves  []leaf
}

// leaf is one spec: what Ginkgo selects it by, and its case.
type leaf struct {
	id     string
	texts  []string // of its containers and its own
	labels []string
	places []types.CodeLocation // of its containers and its own: lines of the document
}

func newTree(name string, plan *engine.Plan) tree {
	t := tree{dialect: plan.Dialect}
	top := location(specs.Place{File: plan.Dialect.File, Line: 1})
	flows := map[string]types.CodeLocation{}
	for _, c := range plan.Cases {
		if _, known := flows[c.Flow()]; !known {
			flows[c.Flow()] = location(c.At)
		}
		t.leaves = append(t.leaves, leaf{
			id: c.ID, texts: []string{name, c.Flow(), c.Name() + ": " + c.Title}, labels: plan.Labels(c),
			places: []types.CodeLocation{top, flows[c.Flow()], location(c.At)},
		})
	}
	return t
}

// rename changes the text of the dialect's container.
func (t tree) rename(name string) {
	for _, l := range t.leaves {
		l.texts[0] = name
	}
}

func location(at specs.Place) types.CodeLocation {
	return types.CodeLocation{FileName: at.File, LineNumber: at.Line}
}

// grow makes Ginkgo's nodes. Cases of a flow stay together, in the plan's order.
func (e *entry) grow() {
	for _, t := range e.trees {
		var flows []string
		byFlow := map[string][]leaf{}
		for _, l := range t.leaves {
			flow := l.texts[1]
			if byFlow[flow] == nil {
				flows = append(flows, flow)
			}
			byFlow[flow] = append(byFlow[flow], l)
		}
		if len(t.leaves) == 0 {
			continue
		}
		ginkgo.Describe(t.leaves[0].texts[0], t.leaves[0].places[0], func() {
			for _, flow := range flows {
				ginkgo.Context(flow, byFlow[flow][0].places[1], func() {
					for _, l := range byFlow[flow] {
						ginkgo.It(l.texts[2], ginkgo.Label(l.labels...), l.places[2], func(ctx ginkgo.SpecContext) { e.judge(ctx, l) })
					}
				})
			}
		})
	}
}

// judge waits for a spec's case and says what became of it.
func (e *entry) judge(ctx ginkgo.SpecContext, l leaf) {
	dialect, result, err := current.await(ctx, e, l.id)
	if err != nil {
		ginkgo.AbortSuite(err.Error()) // nothing was sent, and nothing can be said about any spec
	}
	tell(dialect, result, l)
}
