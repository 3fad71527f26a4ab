package specs

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// Every value that is looked for says the line it is expected in.
func TestPlacesOfValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ what, text string }{
		{"block style", "a:\n  b:\n    - c: line 3\n      d: line 4\n    - c: line 5\n  line 6: x\n"},
		{"flow style", "a: {b: [{c: line 1, d: line 1},\n  {c: line 2}], line 2: x}\n"},
		{"flow style over lines", "a: {\n  b: [\n    {\n      c: line 4,\n      d: line 5\n    },\n    {c: line 7}\n  ]\n}\n"},
		{"comments", "# one\na:\n  # three\n  b:\n    # five\n    - c: line 6 # and more\n      # seven\n      d: line 8\n\n    - c: line 10\n"},
		{"an anchor of the sequence", "a:\n  b: &list\n    - c: line 3\n      d: line 4\n    - c: line 5\n"},
		{"an anchor of an item", "a:\n  b:\n    - &first\n      c: line 4\n      d: line 5\n    - c: line 6\n"},
		{"an alias", "z: &item\n  c: line 2\n  d: line 3\na:\n  b:\n    - *item\n    - c: line 7\n"},
		{"a merge key", "z: &base\n  d: line 2\na:\n  b:\n    - <<: *base\n      c: line 6\n    - {<<: *base, c: line 7}\n"},
		{"a merge of two", "z: &z {d: line 1}\ny: &y {c: line 2, d: other}\na:\n  b:\n    - <<: [*z, *y]\n    - c: line 6\n"},
		{"a merge key that loses", "z: &base {c: other}\na:\n  b:\n    - c: line 4\n      <<: *base\n    - c: line 6\n"},
		{"quoted keys", "\"a\":\n  'b':\n    - \"c\": line 3\n    - 'c': line 4\n"},
		{"tags", "a: !!map\n  b: !!seq\n    - c: !!str line 3\n    - c: line 4\n"},
		{"JSON", "{\n\t\"a\": {\n\t\t\"b\": [\n\t\t\t{\"c\": \"line 4\"},\n\t\t\t{\"c\": \"line 5\"}\n\t\t]\n\t}\n}\n"},
		{"windows line ends", "a:\r\n  b:\r\n    - c: line 3\r\n    - c: line 4\r\n"},
	} {
		src, err := parseSource("file.yaml", []byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		for _, path := range []string{"a b 0 c", "a b 0 d", "a b 1 c"} {
			steps := strings.Fields(path)
			var value string
			if err := src.decode(&value, steps...); err != nil {
				t.Errorf("%s: %s: %v", c.what, path, err)
			}
			place := src.at(steps...)
			if want := fmt.Sprintf("line %d", place.Line); value != "" && value != want {
				t.Errorf("%s: %s is found in %s, want %s", c.what, path, want, value)
			}
			if value == "" && steps[3] == "c" {
				t.Errorf("%s: %s is not found", c.what, path)
			}
		}
	}
}

func TestPlaceOfWhatIsNotThere(t *testing.T) {
	t.Parallel()
	src, err := parseSource("file.yaml", []byte("a:\n  b:\n    - c: 1\n"))
	if err != nil {
		t.Fatal(err)
	}
	for path, line := range map[string]int{"x": 1, "a x": 1, "a b x": 2, "a b 1": 2, "a b -1": 2, "a b 0x": 2, "a b 0 x": 3, "a b 0 c x": 3} {
		if place := src.at(strings.Fields(path)...); place.Line != line {
			t.Errorf("%s is in line %d, want %d", path, place.Line, line)
		}
	}
}

func TestFollowGoesThroughReferences(t *testing.T) {
	t.Parallel()
	src, err := parseSource("file.yaml", []byte("a: {$ref: '#/d/e~1f'}\nring: {$ref: '#/ring'}\nd:\n  e/f:\n    g:\n      $ref: '#/h'\nh:\n  i: 1\n"))
	if err != nil {
		t.Fatal(err)
	}
	for path, line := range map[string]int{"a g": 5, "a g i": 8, "a g x": 7, "ring x": 2, "d": 3} {
		if place := src.follow(strings.Fields(path)...); place.Line != line {
			t.Errorf("%s is in line %d, want %d", path, place.Line, line)
		}
	}
}

func TestAliasesThatStandForTooMuch(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := range 9 {
		fmt.Fprintf(&text, "a%d: &a%d [%s*a%d]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*a%d, ", i), 9), i)
	}
	_, err := parseSource("file.yaml", []byte(text.String()))
	if want := "file.yaml:6: the aliases below this line stand for too much; write out what is meant"; err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}

func TestPointerIntoABody(t *testing.T) {
	t.Parallel()
	body := map[string]any{"a": map[string]any{"b/c": map[string]any{"~d": "deep"}, "null": nil}, "": "empty", "list": []any{"x"}}
	for _, c := range []struct {
		at    Pointer
		want  any
		found bool
		last  string
	}{
		{"/a/b~1c/~0d", "deep", true, "~d"},
		{"/a/null", nil, true, "null"},
		{"/", "empty", true, ""},
		{"/a/b~1c/~0d/e", nil, false, "e"},
		{"/list/0", "x", true, "0"},
		{"/list/1", nil, false, "1"},
		{"/list/-1", nil, false, "-1"},
		{"/list/00", nil, false, "00"}, // RFC 6901 section 4: an index has no leading zero
		{"/list/+0", nil, false, "+0"},
		{"/b", nil, false, "b"},
		{"a", nil, false, "a"},
		{"", nil, false, ""},
		{"location?code", nil, false, "code"},
	} {
		got, found := c.at.Body(body)
		if got != c.want || found != c.found {
			t.Errorf("%s gives %v, %v", c.at, got, found)
		}
		if last := c.at.Last(); last != c.last {
			t.Errorf("the last of %q is %q", c.at, last)
		}
	}
	if got, found := Pointer("/a").Body("text"); found {
		t.Errorf("a text has a member: %v", got)
	}
}

func TestPointerIntoALocation(t *testing.T) {
	t.Parallel()
	location, err := url.Parse("https://client.example/cb?code=a%2Fb&empty=&code=second#code=fragment")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at    Pointer
		want  string
		found bool
	}{{"location?code", "a/b", true}, {"location?empty", "", true}, {"location?state", "", false}, {"/code", "", false}} {
		if got, found := c.at.Location(location); got != c.want || found != c.found {
			t.Errorf("%s gives %q, %v", c.at, got, found)
		}
	}
}

func TestTheNounOfAToken(t *testing.T) {
	t.Parallel()
	for want, kind := range map[string]TokenKind{"access token": {Name: "access", At: "/access_token"}, "code": {Name: "code", At: "location?code"}} {
		if got := kind.Noun(); got != want {
			t.Errorf("%+v: %q", kind, got)
		}
	}
}
