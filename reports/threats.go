package reports

// Threat is a threat that the document's rows answer, or do not. Decide fills in State.
type Threat struct {
	ID    string      `json:"id"` // document and section: RFC6819-4.6.3
	Text  string      `json:"text"`
	Rows  []string    `json:"rows"`            // the requirements that answer it, selected or not
	State ThreatState `json:"state,omitempty"` // left out only in a JSONL header
}

// ThreatState is what a run says of a threat.
type ThreatState string

// The states.
const (
	Mitigated       ThreatState = "mitigated"        // every row that answers it passed
	PartlyMitigated ThreatState = "partly-mitigated" // some passed, others were not looked at
	NotLookedAt     ThreatState = "not-looked-at"    // no row answers it, or none that was looked at
	NotMitigated    ThreatState = "not-mitigated"    // a row that answers it was violated
)

// ThreatStates lists the states, the worst first.
func ThreatStates() []ThreatState {
	return []ThreatState{NotMitigated, NotLookedAt, PartlyMitigated, Mitigated}
}

func (d *Dialect) decideThreats() {
	for i := range d.Threats {
		d.Threats[i].State = d.stateOf(d.Threats[i])
	}
}

// stateOf follows from the outcomes of the rows. A violation is one whatever its level, and a waiver mitigates nothing.
func (d *Dialect) stateOf(t Threat) ThreatState {
	passed, open := false, false
	for _, id := range t.Rows {
		switch d.OutcomeOf(id) {
		case Fail, Warn, Waived:
			return NotMitigated
		case Pass:
			passed = true
		case NotApplicable:
		default:
			open = true
		}
	}
	switch {
	case passed && open:
		return PartlyMitigated
	case passed:
		return Mitigated
	}
	return NotLookedAt
}
