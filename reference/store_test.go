package reference

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"
)

func TestTakeAndSpendHaveOneWinner(t *testing.T) {
	s := newMemory[int](1000)
	for name, once := range map[string]func(key) bool{
		"take":  func(k key) bool { _, ok := s.take(k); return ok },
		"spend": func(k key) bool { _, first := s.spend(k); return first },
	} {
		for i := range 200 {
			k := keyOf(fmt.Sprint(name, i))
			if err := s.put(k, i, never); err != nil {
				t.Fatal(err)
			}
			var wins atomic.Int32
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					if once(k) {
						wins.Add(1)
					}
				})
			}
			wg.Wait()
			if wins.Load() != 1 {
				t.Fatalf("%s: %d of 8 won", name, wins.Load())
			}
		}
	}
	if s.len() != 200 {
		t.Errorf("%d entries are left, want the 200 that were only spent", s.len())
	}
}

func TestStoreIsBounded(t *testing.T) {
	s := newMemory[int](3)
	now := time.Now()
	for i := range 3 {
		if err := s.put(keyOf(fmt.Sprint(i)), i, now.Add(time.Duration(i)*time.Hour).UnixNano()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.put(keyOf("x"), 0, never); err != errFull {
		t.Errorf("the fourth of three: %v", err)
	}
	s.sweep(now.Add(90 * time.Minute))
	if s.len() != 1 {
		t.Errorf("%d entries outlived the sweep", s.len())
	}
	if e, ok := s.get(keyOf("2")); !ok || e.value != 2 {
		t.Error("the sweep took a live entry")
	}
	s.dropIf(func(v int) bool { return v == 2 })
	if s.len() != 0 {
		t.Error("not dropped")
	}
}

func TestSweepFreesExpiredTokens(t *testing.T) {
	c := kitchenhubServer(t)
	for range 50 {
		c.khIssue()
	}
	c.advance(25 * time.Hour)
	c.khIssue()
	c.s.sweep()
	if n := c.s.desks["kitchenhub"].tokens.tokens.len(); n != 2 {
		t.Errorf("%d tokens are kept, want the last two", n)
	}
}

func TestNeverDoesNotWrap(t *testing.T) {
	if e := (entry[int]{expires: never}); !e.aliveAt(time.Now(), time.Hour) {
		t.Error("what never expires has expired")
	}
}

func TestReadObject(t *testing.T) {
	for body, want := range map[string]bodyFault{
		`{}`: "", ` { "a" : "b" , "c":{"d":[1,"}"]} } `: "", `{"a":1e5,"b":true,"c":null,"d":"\"\\"}`: "",
		`{"a":"b"} x`: bodyMalformed, `{"a":"b",}`: bodyMalformed, `{"a":"b"`: bodyMalformed, `{"a":"b`: bodyMalformed,
		`{"a" "b"}`: bodyMalformed, `{"a":"b" "c":"d"}`: bodyMalformed, `{"a":"b","a":"c"}`: bodyDuplicate, "{\"a\":\"\n\"}": bodyMalformed,
		``: bodyEmpty, " \n": bodyEmpty, `{`: bodyMalformed, `{"a"}`: bodyMalformed, `{'a':1}`: bodyMalformed,
		`{} x`: bodyMalformed, "{\"a\":\"\xc3\"}": bodyMalformed, `[]`: bodyNoObject, `3`: bodyNoObject, `"{}"`: bodyNoObject,
		`{"a":1,"a":2}`: bodyDuplicate, `{"a":1,"\u0061":2}`: bodyDuplicate,
		`{` + manyMembers(200) + `}`: bodyCrowded,
	} {
		if _, got := readObject([]byte(body)); got != want {
			t.Errorf("%.60s: %q, want %q", body, got, want)
		}
	}
	in, _ := readObject([]byte(`{"first":"a\u00e9\n","second":[1,{"x":"]"}],"third":-1.5,"fourth":"plain"}`))
	for name, want := range map[string]string{"first": "\"a\\u00e9\\n\"", "second": `[1,{"x":"]"}]`, "third": "-1.5", "fourth": `"plain"`} {
		if f, ok := in.get(name); !ok || string(f.raw) != want {
			t.Errorf("%s is %s, want %s", name, f.raw, want)
		}
	}
	if f, _ := in.get("first"); f.text() != "aé\n" {
		t.Errorf("decoded: %q", f.text())
	}
}

func manyMembers(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`"m%d":%d`, i, i))
	}
	return strings.Join(all, ",")
}

func FuzzReadObject(f *testing.F) {
	f.Add([]byte(`{"a":"b","c":[1,{"d":"\"}"}],"e":null}`))
	f.Add([]byte(`{"a":1,"a":2}`))
	f.Add([]byte(`{ "a" : "b" , "c":"d" }`))
	f.Fuzz(func(t *testing.T, body []byte) {
		in, fault := readObject(body)
		if long, short := json.Valid(body) && utf8.Valid(body), fault != bodyMalformed && fault != bodyEmpty; long != short {
			t.Errorf("%q: %q, and well-formed is %v", body, fault, long)
		}
		if fault == "" && !reflect.DeepEqual(append(fields{}, in...), append(fields{}, wellFormedObject(body)...)) {
			t.Errorf("%q is read as %v", body, in)
		}
		for _, one := range in {
			if one.isText() {
				_ = one.text()
			}
		}
	})
}
