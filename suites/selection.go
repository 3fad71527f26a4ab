package suites

import (
	"regexp"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2/types"
)

// selection is what Ginkgo's flags choose, as far as it can be known before a spec runs: the engine is to run
// those cases and no others. Ginkgo tells nobody its choice in advance, so this repeats it (ApplyFocusToSpecs in
// its internal/focus.go). What it lets through too much is only run in vain; too little would show as an error of
// the spec.
type selection struct {
	suite  string   // the suite's description: part of the text that is matched
	labels []string // of the whole suite
	accept types.LabelFilter
	focus  *regexp.Regexp
	skip   *regexp.Regexp
	files  types.FileFilters
	not    types.FileFilters
}

// newSelection trusts the flags, which Ginkgo has vetted by now.
func newSelection(suite string, labels []string, config types.SuiteConfig) (selection, error) {
	s := selection{suite: suite, labels: labels}
	var err error
	if s.accept, err = types.ParseLabelFilter(config.LabelFilter); err != nil {
		return s, err
	}
	if s.focus, err = anyOf(config.FocusStrings); err != nil {
		return s, err
	}
	if s.skip, err = anyOf(config.SkipStrings); err != nil {
		return s, err
	}
	if s.files, err = types.ParseFileFilters(config.FocusFiles); err != nil {
		return s, err
	}
	s.not, err = types.ParseFileFilters(config.SkipFiles)
	return s, err
}

// anyOf is nil without expressions.
func anyOf(expressions []string) (*regexp.Regexp, error) {
	if joined := strings.Join(expressions, "|"); joined != "" {
		return regexp.Compile(joined)
	}
	return nil, nil
}

func (s selection) picks(l leaf) bool {
	text := s.suite + " " + strings.Join(l.texts, " ")
	switch {
	case !s.accept(append(slices.Clone(s.labels), l.labels...)):
		return false
	case len(s.files) > 0 && !s.files.Matches(l.places), len(s.not) > 0 && s.not.Matches(l.places):
		return false
	case s.focus != nil && !s.focus.MatchString(text), s.skip != nil && s.skip.MatchString(text):
		return false
	}
	return true
}

// of lists the cases of an entry that run.
func (s selection) of(e *entry) map[string]bool {
	ids := map[string]bool{}
	for _, t := range e.trees {
		for _, l := range t.leaves {
			if s.picks(l) {
				ids[l.id] = true
			}
		}
	}
	return ids
}
