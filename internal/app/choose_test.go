package app_test

import (
	"slices"
	"strings"
	"testing"
)

func TestLabelsChooseCases(t *testing.T) {
	t.Parallel()
	s := serve(t)
	hub, monki := s.file("kitchenhub"), s.file("kitchenmonki")
	o, report := checked(t, "--target", hub, "--target", monki, "--label-filter", "kitchenhub && KH-REFRESH-2 && !practice", "--case", "*/race")
	o.exits(t, 0, "GO: 1 case passed")
	if len(report.Dialects) != 1 || report.Dialects[0].Cases[0].ID != "kitchenhub/refresh-rotation/race" {
		t.Errorf("the report holds %v", verdicts(report))
	}
	for filter, want := range map[string]func(id, line string) bool{
		"":             func(string, string) bool { return true },
		"kitchenmonki": func(id, _ string) bool { return strings.HasPrefix(id, "kitchenmonki/") },
		"time || browser": func(_, line string) bool {
			return strings.Contains(line, " time") || strings.Contains(line, " browser")
		},
		"/^KH-REFRESH-/":                 func(_, line string) bool { return strings.Contains(line, "KH-REFRESH-") },
		"refresh-rotation && documented": func(id, _ string) bool { return strings.Contains(id, "/refresh-rotation/") },
	} {
		all := gonogo(t, "check", "--plan", "--target", hub, "--target", monki)
		chosen := gonogo(t, "check", "--plan", "--target", hub, "--target", monki, "--label-filter", filter)
		chosen.exits(t, 0)
		var expected []string
		for _, line := range planLines(all.stdout) {
			if want(strings.Fields(line)[0], line) {
				expected = append(expected, line)
			}
		}
		if got := planLines(chosen.stdout); len(expected) == 0 || !slices.Equal(got, expected) {
			t.Errorf("%q chooses %d cases, not %d:\n%s", filter, len(got), len(expected), chosen.stdout)
		}
	}
}

// planLines are the lines of cases.
func planLines(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "  ") {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestALabelFilterThatChoosesNothingIsRefused(t *testing.T) {
	t.Parallel()
	s := serve(t)
	target := s.file("kitchenhub")
	for _, c := range []struct {
		sentence string
		args     []string
	}{
		{`--label-filter "documented && (": Mismatched '(' - could not find matching ')', at character 15`, []string{"--label-filter", "documented && ("}},
		{`--label-filter "documented & time": Invalid token '&'.  Did you mean '&&'?, at character 12`, []string{"--label-filter", "documented & time"}},
		{`--label-filter "documented &&": Unexpected EOF`, []string{"--label-filter", "documented &&"}},
		{`no case matches --label-filter "kitchenmonki"; labels are dialects, levels, flows, requirement ids and needs, and --plan without --label-filter lists the cases`, []string{"--label-filter", "kitchenmonki"}},
		{`no case matches ["*/issue/*"] and --label-filter "refresh-rotation" both; --plan without the two lists them`, []string{"--label-filter", "refresh-rotation", "--case", "*/issue/*"}},
	} {
		gonogo(t, append([]string{"check", "--target", target}, c.args...)...).refuses(t, c.sentence)
	}
	if n := s.requests(t); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
	help := gonogo(t, "check", "--help")
	if !hasLine(help.stdout, `--label-filter EXPR +only cases whose labels EXPR accepts`) {
		t.Errorf("--help says\n%s", help)
	}
}
