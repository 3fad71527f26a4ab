package yamlfile_test

import (
	"reflect"
	"strings"
	"testing"

	"gonogo/internal/yamlfile"
)

func TestWhatIsWrongIsSaidWithItsLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"a: 1\nb: 2\na: 3\n", "f:3: a is given twice, first on line 1; keep one"},
		{"a: {b: 1, 'odd key': 2,\n  'odd key': 3, b: 4}\n", "f:2: a.\"odd key\" is given twice, first on line 1; keep one\nf:2: a.b is given twice, first on line 1; keep one"},
		{"a: *b\nc: *d\n", "f:1: there is no anchor &b above this line; write the value out, or put the anchor before its first use; a text that begins with * is written in quotes\nf:2: there is no anchor &d above this line; write the value out, or put the anchor before its first use; a text that begins with * is written in quotes"},
		{"a: &a [*a]\n", "f:1: there is no anchor &a above this line; write the value out, or put the anchor before its first use; a text that begins with * is written in quotes"},
		{"a: !!int 1\n", `f:1: tags are not understood here; write the value without "!!int"`},
		{"? [a]\n: b\n", "f:2: this is not YAML: found an invalid key for this map; correct the syntax of this line"},
		{"a: 1\n---\nb: 2\n", "f:3: a second YAML document begins here; keep one document in a file"},
		{"a: \"secret value\nb: 2", "f:1: this is not YAML: could not find end character of double-quoted text; correct the syntax of this line"},
		{"a:\n\tb: 1\n", "f:2: this is not YAML: a tab stands where YAML has spaces; indent this line with spaces"},
		{"\ufeffa: 1\r\nb: 2\r\na: 3\r\n", "f:3: a is given twice, first on line 1; keep one"},
		{"a: 1\nb: caf\xe9\n", "f:2: this is not UTF-8; save the file as UTF-8"},
		{"\xff\xfea\x00:\x001\x00", "f:1: this is not UTF-8; save the file as UTF-8"},
		{"a: " + strings.Repeat("[", 500), "f:1: values are nested more than 100 levels deep; write them flatter"},
		{strings.Repeat("#", 2<<10), "f:1: the file has more than 1 KiB; make it smaller, or name another file"},
	} {
		_, problems := yamlfile.Read("f", []byte(c.text), yamlfile.Rules{Bytes: 1 << 10})
		if got := problems.Error(); got != c.want {
			t.Errorf("%.40q:\n%s\nwant\n%s", c.text, got, c.want)
		}
	}
}

// A key that comes twice leaves a tree, so that what else is wrong with the file can be told too.
func TestOnlyAKeyTwiceLeavesATree(t *testing.T) {
	t.Parallel()
	root, problems := yamlfile.Read("f", []byte("a: 1\na: 2\n"), yamlfile.Rules{})
	if len(problems) != 1 || !reflect.DeepEqual(root.Any(), map[string]any{"a": uint64(1)}) {
		t.Errorf("%v %v", root, problems)
	}
	for _, text := range []string{"", "# nothing\n", "a: *b\n", "a: [\n"} {
		if root, problems := yamlfile.Read("f", []byte(text), yamlfile.Rules{}); root != nil || (len(problems) == 0) != !strings.Contains(text, "a") {
			t.Errorf("%q: %v %v", text, root, problems)
		}
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	type inner struct {
		Texts []string       `json:"texts"`
		Count int            `json:"count"`
		Any   map[string]any `json:"any"`
	}
	var got struct {
		Inner inner `json:"inner"`
	}
	want := inner{Texts: []string{"30s", "two\nlines\n", "", "1", "true", "${X}: 'y'"}, Count: 7, Any: map[string]any{"list": []any{"a", true, nil}}}
	root, problems := yamlfile.Read("f", []byte("base: &base {count: 7}\ninner:\n  <<: *base\n  texts:\n  - 30s\n  - |\n    two\n    lines\n  - ''\n  - !!str 1\n  - 'true'\n  - \"${X}: 'y'\"\n  any: {list: [a, true, null]}\n"), yamlfile.Rules{Extended: true})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if err := root.Decode(&got); err != nil || !reflect.DeepEqual(got.Inner, want) {
		t.Errorf("%v\n%#v\n%#v", err, got.Inner, want)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("- *x\n- <<: {a: 1}\n- ? [a]\n  : b\n- !!str x\n- &a {b: *a}")
	f.Add("a: {b: [1, 2.5, .nan, ~, true]}\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, extended := range []bool{false, true} {
			root, problems := yamlfile.Read("f", []byte(text), yamlfile.Rules{Extended: extended})
			if root != nil {
				root.Any()
				root.Walk(func(string, *yamlfile.Node, int) {})
			}
			_ = problems.Error()
		}
	})
}
