package load

import "slices"

// mix is what of a scenario comes how often, and which kinds of requests are counted apart.
type mix struct {
	scenario
	only   part       // its only kind of request; -1: it has several
	weight int        // of all
	index  [parts]int // of each kind among the names
	names  []string
}

// counts reports whether a kind of request is counted, be it one of the scenario's own or one that is tried beside it.
func (m mix) counts(p part) bool { return slices.Contains(m.names, partNames[p]) }

// newMix also counts what is tried beside a scenario's own requests, as far as the document has it.
func newMix(sc scenario, o *offer) mix {
	counted := sc
	if sc.name == sessionScenario { // its own requests try what it is handed
		if sc.has(logoutPart) && o.live != nil {
			counted.weights[checkPart] = 1
		}
		if sc.has(refreshPart) && o.rotates {
			counted.weights[replayPart] = 1
		}
	}
	granting := sc.name != stormScenario && sc.name != sessionScenario && (sc.has(issuePart) || sc.has(refreshPart))
	if granting && o.live != nil {
		counted.weights[checkPart] = 1
	}
	if granting && sc.has(refreshPart) && o.rotates {
		counted.weights[replayPart] = 1
	}
	return mixOf(sc, counted)
}

// mixOf is what a scenario is made of, and which kinds of requests are counted.
func mixOf(sc, counted scenario) mix {
	m := mix{scenario: sc, only: -1}
	for p := range checkPart {
		m.weight += sc.weights[p]
	}
	if p := slices.Index(sc.weights[:], m.weight); p >= 0 { // all of the weight is its
		m.only = part(p)
	}
	for p := range parts {
		if counted.has(p) {
			m.index[p] = len(m.names)
			m.names = append(m.names, partNames[p])
		}
	}
	return m
}
