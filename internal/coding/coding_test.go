package coding

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"testing"
)

func packed(text string) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return out.Bytes()
}

func TestDecode(t *testing.T) {
	var deflated bytes.Buffer
	w := zlib.NewWriter(&deflated)
	_, _ = w.Write([]byte("text"))
	_ = w.Close()
	whole := packed("text")
	for _, c := range []struct {
		name string
		body []byte
		want string
		bad  bool
	}{
		{"", []byte("text"), "text", false},
		{"identity", []byte("text"), "text", false},
		{"gzip", whole, "text", false},
		{"X-GZIP", whole, "text", false},
		{"gzip, gzip", packed(string(whole)), "text", false},
		{"deflate", deflated.Bytes(), "text", false},
		{"gzip", nil, "", false},
		{"gzip", []byte("text"), "text", true},
		{"gzip", whole[:len(whole)-4], string(whole[:len(whole)-4]), true},
		{"br", []byte("text"), "text", true},
		{"gzip", packed("a longer text than there is room for, or for anything else that is as long as this"), "a longer text than there is room for, or for anything else that i", false},
	} {
		got, err := Decode(c.name, c.body, 64)
		if string(got) != c.want || (err != nil) != c.bad {
			t.Errorf("%s of %q: %q, %v", c.name, c.body, got, err)
		}
	}
	if _, err := Decode("br", []byte("text"), 8); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
	if !Packed(whole) || Packed([]byte("{}")) {
		t.Error("what begins as a gzip")
	}
}
