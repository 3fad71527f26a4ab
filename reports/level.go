package reports

// Level says how strongly a requirement binds. It is one of the contract's
// three words.
type Level string

// The levels, strongest first.
const (
	Documented Level = "documented" // the dialect's own document says it
	Standard   Level = "standard"   // a standard that the document invokes says it
	Practice   Level = "practice"   // good practice that neither says
)

// Levels returns the levels, strongest first.
func Levels() []Level { return []Level{Documented, Standard, Practice} }

// Valid reports whether l is one of the contract's three words.
func (l Level) Valid() bool { return l.strength() > 0 }

// AtLeast reports whether l binds at least as strongly as gate: a violation of
// such a requirement fails the gate. An unknown level on either side counts as
// the strongest, so that a misspelt word never opens the gate.
func (l Level) AtLeast(gate Level) bool {
	if !l.Valid() || !gate.Valid() {
		return true
	}
	return l.strength() >= gate.strength()
}

func (l Level) strength() int {
	switch l {
	case Documented:
		return 3
	case Standard:
		return 2
	case Practice:
		return 1
	}
	return 0
}
