package load

import (
	"bytes"
	"testing"
)

// FuzzALayoutFindsWhatAPassFinds reads one body, and then another by the layout of the first if it has that: what is found
// is what a pick finds that has never seen the first.
func FuzzALayoutFindsWhatAPassFinds(f *testing.F) {
	for _, pair := range [][2]string{
		{`{"a":"x","data":{"token":"y"}}`, `{"a":"other","data":{"token":"z"}}`},
		{`{"a":1,"error":null}`, `{"a":-2.5e3,"error":false}`},
		{`{"a":1}`, `{"a":{}}`}, {`{"a":1}`, `{"a":[1]}`}, {`{"a":1}`, `{"a":"1"}`}, {`{"a":"1"}`, `{"a":1}`}, {`{"a":"1"}`, `{"a":""}`},
		{`{"a":"x"}`, `{"a":"\"}{"}`}, {`{"a":"x"}`, `{"a":"x\\"}`}, {`{"a":"x"}`, `{"a":"x"`}, {`{"a":1}`, `{"a":}`}, {`{"a":1}`, `{"a":1`},
		{`{"a":"x"}`, `{"a":"x","a":"y"}`}, {`{"a":"x"}`, `{"a":"x"}{`}, {`{"a":"x"} `, `{"a":"y"} `}, {`{"x":[1],"a":2}`, `{"x":[1],"a":3}`},
		{`{"x":[1],"a":2}`, `{"x":[2],"a":3}`}, {`{"data":{"token":"y"}}`, `{"data":{"token":"z"}}`}, {`{"x":"data","a":1}`, `{"x":"a\":","a":1}`},
	} {
		f.Add([]byte(pair[0]), []byte(pair[1]))
	}
	newPick := func() (*pick, [][]byte) {
		p := new(pick)
		for _, steps := range wantedPointers[:4] {
			p.add(steps)
		}
		return p, make([][]byte, p.names)
	}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		knows, found := newPick()
		knows.from(first, found)
		news, want := newPick()
		sure := knows.from(second, found)
		if news.from(second, want) != sure {
			t.Fatalf("%q after %q: sure %t, and not as the first", second, first, sure)
		}
		for i := range want {
			if sure && ((found[i] == nil) != (want[i] == nil) || !bytes.Equal(found[i], want[i])) {
				t.Fatalf("%q after %q: value %d is %q, and %q as the first", second, first, i, found[i], want[i])
			}
		}
	})
}

func TestALayoutIsReadWithoutAPass(t *testing.T) {
	var p pick
	p.add([]string{"data", "token"})
	found := make([][]byte, p.names)
	for _, body := range []string{`{"n":1, "data":{"token":"one"}}`, `{"n":22, "data":{"token":"another"}}`} {
		if !p.from([]byte(body), found) {
			t.Fatalf("it is not sure of %s", body)
		}
	}
	if n := p.learned.Load(); n != 1 || string(found[0]) != `"another"` {
		t.Errorf("%d layouts were learned, and the token is %s", n, found[0])
	}
	for i := range 2 * mostLayouts {
		p.from(append(bytes.Repeat([]byte(" "), i+1), `{"data":{"token":"x"}}`...), found)
	}
	if n := p.learned.Load(); n != mostLayouts {
		t.Errorf("of answers that are all written otherwise %d were learned", n)
	}
}
