package specs

import (
	_ "embed" // the guide
	"sync"
)

//go:embed common/watches.yaml
var watchGuide []byte

// Watch is what people are told of a row that binds clients.
type Watch struct {
	Row   string `json:"row"` // of every dialect; empty: a flow's parameter names it
	Flow  string `json:"flow"`
	Key   string `json:"parameter"`
	Looks string `json:"looks"` // what a watch looks for
	May   string `json:"may"`   // what a client may do all the same
	Mend  string `json:"mend"`  // how to mend a client that does not keep it
}

// Watches is the guide to all rows that bind clients, in its order.
var Watches = sync.OnceValue(func() []Watch {
	var guide struct {
		Watches []Watch `json:"watches"`
	}
	src, err := parseSource("specs/common/watches.yaml", watchGuide)
	if err == nil {
		err = src.decode(&guide)
	}
	if err != nil {
		panic("specs: the embedded guide to watches is broken: " + err.Error()) // a broken build, never input
	}
	return guide.Watches
})

// Watched are the flows by which the document has a row of clients watched, each with what people are told of it. One of
// every dialect follows from the roles of operations: its flow has no name.
func (d *Dialect) Watched(row string) (flows []Flow, told []Watch) {
	for _, watch := range Watches() {
		if watch.Row == row {
			return []Flow{{}}, []Watch{watch}
		}
	}
	for _, flow := range d.ClientFlows {
		for _, watch := range Watches() {
			if watch.Flow == flow.Name && flow.Params[watch.Key] == row {
				flows, told = append(flows, flow), append(told, watch)
			}
		}
	}
	return flows, told
}
