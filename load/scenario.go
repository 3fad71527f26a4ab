package load

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// scenario is what a run asks of a target: kinds of requests, each with its weight.
type scenario struct {
	name    string
	weights [parts]int
}

// part is a kind of request, as a run counts them.
type part int

const (
	issuePart part = iota
	validatePart
	usePart
	refreshPart
	checkPart  // a token that was handed out a moment ago is tried
	replayPart // a refresh token that was used is presented again
	logoutPart // a session is ended
	parts
)

var partNames = [parts]string{"issue", "validate", "use", "refresh", "check", "replay", "logout"}

// The scenarios that are more than one kind of request.
const (
	mixScenario     = "mix"
	stormScenario   = "storm"
	sessionScenario = "session"
)

// DefaultMix is what a mix is of unless it says so: what a service does whose clients keep their tokens for a while.
const DefaultMix = "issue:1,validate:8,refresh:1"

// Scenarios are the words that a scenario can have.
func Scenarios() []string {
	return append(slices.Clone(partNames[:checkPart]), mixScenario, stormScenario, sessionScenario)
}

// parseScenario reads a scenario: a word, or mix=issue:1,validate:8,refresh:1.
func parseScenario(text string) (scenario, error) {
	name, mix, weighted := strings.Cut(text, "=")
	s := scenario{name: name}
	if !slices.Contains(Scenarios(), name) {
		return s, fmt.Errorf("there is no scenario %q; choose from %s", name, strings.Join(Scenarios(), ", "))
	}
	switch {
	case name == mixScenario:
		if !weighted {
			mix = DefaultMix
		}
		return s, s.weigh(mix)
	case weighted:
		return s, fmt.Errorf("only mix has weights; write --scenario %s", name)
	case name == stormScenario:
		s.weights[usePart], s.weights[refreshPart] = 1, 1
	case name == sessionScenario:
		for _, p := range journeyParts { // as far as the document has them
			s.weights[p] = 1
		}
	default:
		s.weights[slices.Index(partNames[:], name)] = 1
	}
	return s, nil
}

// mostWeight keeps the sum of the weights far from any overflow.
const mostWeight = 1_000_000

func (s *scenario) weigh(mix string) error {
	sum := 0
	for _, each := range strings.Split(mix, ",") {
		name, number, _ := strings.Cut(strings.TrimSpace(each), ":")
		at := slices.Index(partNames[:checkPart], name)
		if at < 0 {
			return fmt.Errorf("a mix has no %q; choose from %s, such as mix=%s", name, strings.Join(partNames[:checkPart], ", "), DefaultMix)
		}
		weight, err := strconv.Atoi(number)
		if err != nil || weight < 0 || weight > mostWeight {
			return fmt.Errorf("%q is not a weight of %s; write a whole number, such as mix=%s", number, name, DefaultMix)
		}
		if s.weights[at] != 0 {
			return fmt.Errorf("the mix names %s twice", name)
		}
		s.weights[at] = weight
		sum += weight
	}
	if sum == 0 {
		return fmt.Errorf("a mix of nothing sends nothing; give a weight above 0, such as mix=%s", DefaultMix)
	}
	return nil
}

// has reports whether the scenario sends requests of a kind.
func (s scenario) has(p part) bool { return s.weights[p] > 0 }

// String is the scenario as it could have been asked for.
func (s scenario) String() string {
	if s.name != mixScenario {
		return s.name
	}
	var of []string
	for p, weight := range s.weights {
		if weight > 0 {
			of = append(of, partNames[p]+":"+strconv.Itoa(weight))
		}
	}
	return s.name + "=" + strings.Join(of, ",")
}

// ahead reports why the scenario's requests cannot all be written before their answers are there, and judged by themselves; nil if
// they can.
func (s scenario) ahead() error {
	alone := slices.Contains(partNames[:checkPart], s.name)
	switch {
	case s.name == mixScenario && s.has(refreshPart):
		return fmt.Errorf("--scenario %s: a mix that refreshes goes on with the tokens of its own answers, which vegeta does not hand back; leave refresh out, such as mix=issue:1,validate:8, or give --scenario refresh", s)
	case !alone && s.name != mixScenario:
		return fmt.Errorf("--scenario %s: what it asks follows from what was answered before, and vegeta sends each request by itself; choose issue, validate, use, refresh, or a mix without refresh", s)
	}
	return nil
}
