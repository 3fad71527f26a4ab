package kit

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
	s := NewStore[int](1000)
	for name, once := range map[string]func(Key) bool{
		"take":  func(k Key) bool { _, ok := s.Take(k); return ok },
		"spend": func(k Key) bool { _, first := s.Spend(k); return first },
	} {
		for i := range 200 {
			k := KeyOf(fmt.Sprint(name, i))
			if err := s.Put(k, i, Never); err != nil {
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
	if s.Len() != 200 {
		t.Errorf("%d entries are left, want the 200 that were only spent", s.Len())
	}
}

func TestStoreIsBounded(t *testing.T) {
	s := NewStore[int](3)
	now := time.Now()
	for i := range 3 {
		if err := s.Put(KeyOf(fmt.Sprint(i)), i, now.Add(time.Duration(i)*time.Hour).UnixNano()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Put(KeyOf("x"), 0, Never); err != ErrFull {
		t.Errorf("the fourth of three: %v", err)
	}
	s.Sweep(now.Add(90 * time.Minute))
	if s.Len() != 1 {
		t.Errorf("%d entries outlived the sweep", s.Len())
	}
	if e, ok := s.Get(KeyOf("2")); !ok || e.Value != 2 {
		t.Error("the sweep took a live entry")
	}
	s.DropIf(func(v int) bool { return v == 2 })
	if s.Len() != 0 {
		t.Error("not dropped")
	}
}

func TestNeverDoesNotWrap(t *testing.T) {
	if e := (Entry[int]{Expires: Never}); !e.AliveAt(time.Now(), time.Hour) {
		t.Error("what never expires has expired")
	}
}

func TestReadObject(t *testing.T) {
	for body, want := range map[string]*BodyFault{
		`{}`: nil, ` { "a" : "b" , "c":{"d":[1,"}"]} } `: nil, `{"a":1e5,"b":true,"c":null,"d":"\"\\"}`: nil,
		`{"a":"b"} x`: BodyMalformed, `{"a":"b",}`: BodyMalformed, `{"a":"b"`: BodyMalformed, `{"a":"b`: BodyMalformed,
		`{"a" "b"}`: BodyMalformed, `{"a":"b" "c":"d"}`: BodyMalformed, `{"a":"b","a":"c"}`: BodyDuplicate, "{\"a\":\"\n\"}": BodyMalformed,
		``: BodyEmpty, " \n": BodyEmpty, `{`: BodyMalformed, `{"a"}`: BodyMalformed, `{'a':1}`: BodyMalformed,
		`{} x`: BodyMalformed, "{\"a\":\"\xc3\"}": BodyMalformed, `[]`: BodyNoObject, `3`: BodyNoObject, `"{}"`: BodyNoObject,
		`{"a":1,"a":2}`: BodyDuplicate, `{"a":1,"\u0061":2}`: BodyDuplicate,
		`{` + manyMembers(200) + `}`: BodyCrowded,
	} {
		if _, got := ReadObject([]byte(body)); got != want {
			t.Errorf("%.60s: %v, want %v", body, got, want)
		}
	}
	in, _ := ReadObject([]byte(`{"first":"a\u00e9\n","second":[1,{"x":"]"}],"third":-1.5,"fourth":"plain"}`))
	for name, want := range map[string]string{"first": "\"a\\u00e9\\n\"", "second": `[1,{"x":"]"}]`, "third": "-1.5", "fourth": `"plain"`} {
		if f, ok := in.Get(name); !ok || string(f.Raw) != want {
			t.Errorf("%s is %s, want %s", name, f.Raw, want)
		}
	}
	if f, _ := in.Get("first"); f.Text() != "aé\n" {
		t.Errorf("decoded: %q", f.Text())
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
		in, fault := ReadObject(body)
		if long, short := json.Valid(body) && utf8.Valid(body), fault != BodyMalformed && fault != BodyEmpty; long != short {
			t.Errorf("%q: %v, and well-formed is %v", body, fault, long)
		}
		if fault == nil && !reflect.DeepEqual(append(Fields{}, in...), append(Fields{}, wellFormedObject(body)...)) {
			t.Errorf("%q is read as %v", body, in)
		}
		for _, one := range in {
			if one.IsText() {
				_ = one.Text()
			}
		}
	})
}
