package terminal

import (
	"strings"
	"testing"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		line  string
		width int
		want  string
	}{
		{"", 20, ""},
		{"it fits into twenty.", 20, "it fits into twenty."},
		{"it does not fit into twenty", 20, "it does not fit into\n    twenty"},
		{"  indented lines go on deeper than they began", 20, "  indented lines go\n      on deeper than\n      they began"},
		{"a-word-that-is-too-long for it", 10, "a-word-that-is-too-long\n    for it"},
		{"  a-word-that-is-too-long", 10, "  a-word-that-is-too-long"},
		{"\x1b[31mred\x1b[0m has no width", 16, "\x1b[31mred\x1b[0m has no width"},
		{"zwölf Käfer äßen süß", 20, "zwölf Käfer äßen süß"},
	} {
		if got := Fold(c.line, c.width); got != c.want {
			t.Errorf("%q in %d is\n%q, wanted\n%q", c.line, c.width, got, c.want)
		}
	}
}

func TestACommandGoesOnWhereAShellReadsOn(t *testing.T) {
	t.Parallel()
	const command = `printf 'a b\n' | curl -sS -H 'A: it'\''s \' --data-raw '{"a": "b c d e f g h"}' 'http://a/b?c=d' x\ y`
	want := []string{`printf 'a b\n' | curl \`, `-sS -H 'A: it'\''s \' \`, `--data-raw \`, `'{"a": "b c d e f g h"}' \`, `'http://a/b?c=d' x\ y`}
	if got := continued(command, 25); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("it is\n%s\nwanted\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
