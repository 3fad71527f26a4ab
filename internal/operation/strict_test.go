package operation

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// twice reports a member that stands twice in one object. It is a reader of its own, on a stack of its own.
func twice(body string) bool {
	var names []map[string]bool
	var expectKey []bool
	decoder := json.NewDecoder(strings.NewReader(body))
	value := func() {
		if n := len(expectKey); n > 0 && names[n-1] != nil {
			expectKey[n-1] = true
		}
	}
	for {
		token, err := decoder.Token()
		if err != nil {
			return false
		}
		n := len(names)
		switch v := token.(type) {
		case json.Delim:
			switch v {
			case '{':
				names, expectKey = append(names, map[string]bool{}), append(expectKey, true)
			case '[':
				names, expectKey = append(names, nil), append(expectKey, false)
			default:
				names, expectKey = names[:n-1], expectKey[:n-1]
				value()
			}
		case string:
			if n > 0 && expectKey[n-1] {
				if names[n-1][v] {
					return true
				}
				names[n-1][v], expectKey[n-1] = true, false
				continue
			}
			value()
		default:
			value()
		}
	}
}

func agree(t *testing.T, body string) {
	t.Helper()
	got, err := decodeStrict([]byte(body))
	var want any
	wantErr := json.Unmarshal([]byte(body), &want)
	switch {
	case err == nil && wantErr != nil:
		t.Errorf("%q is accepted, and encoding/json says %v", body, wantErr)
	case err == nil && !reflect.DeepEqual(got, want):
		t.Errorf("%q is read as %v, and by encoding/json as %v", body, got, want)
	case err == nil && twice(body):
		t.Errorf("%q has a member twice and is accepted", body)
	case err != nil && wantErr == nil && !twice(body):
		t.Errorf("%q is refused (%v), and encoding/json reads it", body, err)
	}
}

var bodies = []string{
	`{}`, `[]`, `null`, `"text"`, ` {"a":[1,{"b":null}],"c":"\u00e9\ud83d\ude00"} `, `60.0`, `6e1`, `-0`, `1e400`, `12345678901234567890`, `01`, `+1`, `.5`, `NaN`,
	`{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"a":{"b":1},"b":1}`, `[{"a":1},{"a":2}]`, `{"a":1,}`, `[1,]`, `[1 2]`, `{"a" 1}`, `{"a":1 "b":2}`, `{a:1}`, `{1:1}`, `{"a"}`, `,`, `:`, `[:]`,
	`{} {}`, `{}x`, `[]]`, `{"a":tru}`, "\"\x01\"", "\"\xff\"", `"\ud800"`, "", " ", "\ufeff{}", `{"":1,"":2}`, `'a'`, `// c`, `[`, `{"a":`,
}

func TestDecodeStrict(t *testing.T) {
	t.Parallel()
	for _, body := range bodies {
		agree(t, body)
	}
	for depth, fits := range map[int]bool{maxDepth: true, maxDepth + 1: false, 5_000_000: false} {
		for _, pair := range []string{"[]", "{}"} {
			open, end := pair[:1], pair[1:]
			if open == "{" {
				open = `{"a":`
			}
			body := strings.Repeat(open, depth-1) + pair + strings.Repeat(end, depth-1)
			if _, err := decodeStrict([]byte(body)); (err == nil) != fits {
				t.Errorf("%d levels of %s: %v", depth, pair, err)
			}
		}
	}
}

func FuzzDecodeStrict(f *testing.F) {
	for _, body := range bodies {
		f.Add(body)
	}
	f.Fuzz(agree)
}
