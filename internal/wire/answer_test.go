package wire

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"
)

// TestUnpack: a gzip that says so is read, and anything else stays as it came.
func TestUnpack(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write([]byte(`{"a":1}`))
	_ = w.Close()
	for header, want := range map[string]string{"Content-encoding: gzip": `{"a":1}`, "Content-Encoding: br": packed.String(), "Vary: Accept": packed.String()} {
		raw := fmt.Sprintf("HTTP/1.1 200 OK\r\n%s\r\nContent-Length: %d\r\n\r\n%s", header, packed.Len(), packed.String())
		var answer Answer
		if err := NewReader(strings.NewReader(raw)).Read(&answer, "GET"); err != nil {
			t.Fatal(err)
		}
		if answer.Unpack(); string(answer.Body) != want {
			t.Errorf("%s: %q", header, answer.Body)
		}
	}
}
