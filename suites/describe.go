package suites

import (
	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"gonogo/specs"
	"gonogo/suites/catalog"
	"gonogo/suites/engine"
)

// Describe puts the cases of dialects into Ginkgo's tree: a container for each dialect and each flow in it, and a
// spec for each case, labelled with dialect, level, flow, requirement ids and needs. Call it at the top level, as
// one calls ginkgo.Describe. Building the tree contacts nothing.
//
// ask says what is under test. It is asked once, when the first spec runs and after BeforeSuite, and only if one
// of its specs runs: so a server may be started there. All specs that run are then checked by one engine, side
// by side as far as they may be; a spec waits for its case and says what became of it. In a parallel run of the
// Ginkgo CLI one process does that for all, and asks in its own memory.
//
// documents are the dialects: built-in ids, or paths of documents. Without any they are all the built-in ones,
// and the specs of those that the target does not speak are skipped.
func Describe(ask func() Target, documents ...string) bool {
	e := &entry{ask: ask, named: len(documents) > 0}
	if !e.named {
		documents = specs.Builtin()
	}
	for _, document := range documents {
		dialect, err := specs.Load(document)
		if err != nil {
			e.broken = err
			break
		}
		e.trees = append(e.trees, newTree(dialect.ID, catalog.Plan(dialect)))
	}
	return current.add(e)
}

// DescribeFile is Describe for target files that are there already. What is wrong with a file is told when the
// suite begins, and nothing is sent then. Two files of one dialect are told apart by their names.
func DescribeFile(files ...string) bool {
	var entries []*entry
	dialects := map[string]int{}
	for _, file := range files {
		t := FromFile(file)
		e := &entry{ask: func() Target { return t }, named: true}
		under, dialect, err := t.load()
		if err != nil {
			e.broken = err
		} else {
			dialects[dialect.ID]++
			e.trees = []tree{newTree(dialect.ID, catalog.PlanAt(dialect, under))}
		}
		entries = append(entries, e)
	}
	for i, e := range entries {
		for _, t := range e.trees {
			if dialects[t.dialect.ID] > 1 {
				t.rename(t.dialect.ID + " at " + files[i])
			}
		}
		current.add(e)
	}
	return true
}

// RunSpecs is ginkgo.RunSpecs with --fail-on-empty: a filter that leaves nothing must not look like a target that
// keeps every promise.
func RunSpecs(t ginkgo.GinkgoTestingT, description string, args ...any) bool {
	suite, reporter := ginkgo.GinkgoConfiguration()
	suite.FailOnEmpty = true
	return ginkgo.RunSpecs(t, description, append([]any{suite, reporter}, args...)...)
}

// entry is one call of Describe: the cases in the tree, and who knows their target.
type entry struct {
	index  int // among all entries
	ask    func() Target
	named  bool // the caller chose the dialects
	broken error
	trees  []tree
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
