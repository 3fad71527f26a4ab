package reports_test

import (
	"slices"
	"testing"

	"gonogo/reports"
	"gonogo/reports/testdata/samples"
)

func TestThinnedLivesKeepWhatIsAccused(t *testing.T) {
	l := samples.ManyLives(2000, 50).Dialects[0].Lives
	thin := l.Thinned(120, 1500)
	events := 0
	accused, successor := false, false
	for _, life := range thin.Tokens {
		events += len(life.Events)
		accused = accused || life.Name == "refresh a1" && slices.ContainsFunc(life.Events, reports.TokenEvent.IsAccused)
		successor = successor || life.Name == "access 1001"
	}
	if len(thin.Tokens) != 120 || events != 1500 {
		t.Errorf("%d tokens, %d events", len(thin.Tokens), events)
	}
	if !accused || !successor {
		t.Errorf("the accused token is there: %v, its successor: %v", accused, successor)
	}
	all := 0
	for _, life := range l.Tokens {
		all += len(life.Events)
	}
	if thin.LeftOut.Tokens != 2000-120 || thin.LeftOut.Events != all-1500 {
		t.Errorf("left out: %+v of %d", thin.LeftOut, all)
	}
	if len(l.Tokens) != 2000 || len(l.Tokens[0].Events) != 50 {
		t.Error("what was thinned was changed itself")
	}
}

func TestThinnedLivesKeepEveryAccusationAboveTheBound(t *testing.T) {
	l := samples.Watched().Dialects[0].Lives
	if thin := l.Thinned(0, 0); len(thin.Tokens) != 3 || !thin.Tokens[0].IsAccused() {
		t.Errorf("%+v", thin.Tokens)
	}
	if whole := l.Thinned(100, 1000); whole.LeftOut != (reports.LeftOut{}) || len(whole.Tokens) != len(l.Tokens) {
		t.Errorf("%+v of what has room", whole.LeftOut)
	}
}
