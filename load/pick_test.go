package load

import (
	"encoding/json"
	"testing"
)

// wantedPointers are what the fuzz test looks for: side by side, one inside the other, at several depths.
var wantedPointers = [][]string{{"a"}, {"data", "token"}, {"data", "b", "c"}, {"error"}, {"data"}}

// FuzzPickAgreesWithADecoder holds the pick to encoding/json: where it is sure, both see the same values.
func FuzzPickAgreesWithADecoder(f *testing.F) {
	for _, body := range []string{
		`{}`, ` { "a" : "x" } `, `{"a":"x","data":{"token":"y","b":{"c":"z"}}}`, `{"data":[{"token":"no"}],"a":1.5e3}`,
		`{"a":"\"}{","data":{"token":"\\","b":null}}`, `{"a":"x","a":"y"}`, `{"a":"x"}{`, `{"a":"x"} trailing`, `{"\u0061":"x"}`, `[{"a":"x"}]`,
		`{"a":{"a":"inner"},"x":{"data":{"token":"deep"}},"error":""}`, `{"a":"x\\\\"}`, `{"a":"x\\"}`, `{"a":tru}`, `{"a":"x",}`, `{"a"}`, `{"a":"`, `{"data":{"token":"1","token":"2"}}`, "{\"a\":\"\xf3\"}",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var p pick
		var index []int
		for _, steps := range wantedPointers {
			index = append(index, p.add(steps))
		}
		found := make([][]byte, p.names)
		if !p.from(body, found) {
			return
		}
		var whole any
		if json.Unmarshal(body, &whole) != nil {
			return // a pass over a body does not look at every letter of it
		}
		for i, steps := range wantedPointers {
			value, ok := at(whole, steps)
			raw := found[index[i]]
			if ok != (raw != nil) {
				t.Fatalf("%s at %v: the decoder sees it %t, the pick %q", body, steps, ok, raw)
			}
			if !ok {
				continue
			}
			var same any
			if err := json.Unmarshal(raw, &same); err != nil {
				t.Fatalf("%s at %v: the pick found %q", body, steps, raw)
			}
			one, _ := json.Marshal(value)
			other, _ := json.Marshal(same)
			if string(one) != string(other) {
				t.Fatalf("%s at %v: %s and %s", body, steps, one, other)
			}
			if text, plain := plainText(raw); plain && value != string(text) {
				t.Fatalf("%s at %v: the text is %q, not %s", body, steps, text, one)
			}
		}
	})
}

func at(whole any, steps []string) (any, bool) {
	for _, step := range steps {
		object, ok := whole.(map[string]any)
		if !ok {
			return nil, false
		}
		if whole, ok = object[step]; !ok {
			return nil, false
		}
	}
	return whole, true
}

func TestAPickIsNotSureOfWhatTwoReadersCouldReadInTwoWays(t *testing.T) {
	var p pick
	p.add([]string{"data", "token"})
	found := make([][]byte, p.names)
	for _, body := range []string{
		`{"data":{"token":"1","token":"2"}}`, `{"data":{"token":"1"}} x`, `{"data":{"\u0074oken":"1"}}`, `[]`, ``, `"text"`, `{"data":{"token":"1"}`, `{"data":{"token":}}`,
	} {
		if p.from([]byte(body), found) {
			t.Errorf("it is sure of %s", body)
		}
	}
}

func BenchmarkPickFromATokenAnswer(b *testing.B) {
	body := []byte(`{"access_token":"Wm3bA1x_9fPp-7QqLr2Vt5Yz8Cc4Dd6Ee0Ff1Gg3Hh5","refresh_token":"Zz9Yy8Xx7Ww6Vv5Uu4Tt3Ss2Rr1Qq0Pp9Oo8Nn7Mm6","access_token_expire":60,"refresh_token_expire":1440}`)
	var p pick
	p.add([]string{"access_token"})
	p.add([]string{"refresh_token"})
	p.add([]string{"error"})
	found := make([][]byte, p.names)
	b.ReportAllocs()
	for b.Loop() {
		if !p.from(body, found) {
			b.Fatal("not sure")
		}
	}
}
