package flows

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"testing"
)

func sample(n int, one func(i int) string) []string {
	values := make([]string, n)
	for i := range values {
		values[i] = one(i)
	}
	return values
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

func TestGuessable(t *testing.T) {
	for _, c := range []struct {
		name string
		one  func(i int) string
		want bool
	}{
		{"32 random bytes", func(int) string { return base64.RawURLEncoding.EncodeToString(random(32)) }, false},
		{"16 random bytes in hex", func(int) string { return hex.EncodeToString(random(16)) }, false},
		{"10 random bytes in hex", func(int) string { return hex.EncodeToString(random(10)) }, false},
		{"random behind a label", func(int) string { return "tok_live_" + hex.EncodeToString(random(16)) }, false},
		{"random UUIDs", func(int) string { return uuid(4) }, false},
		{"signed tokens that begin alike", func(int) string {
			return "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0." + base64.RawURLEncoding.EncodeToString(random(32))
		}, false},
		{"a counter", func(i int) string { return fmt.Sprintf("token-%08d", i) }, true},
		{"a counter behind a long constant", func(i int) string { return "d41d8cd98f00b204e9800998ecf8427e" + fmt.Sprintf("%08d", i) }, true},
		{"nanoseconds", func(i int) string { return fmt.Sprint(1_790_000_000_000_000_000 + i*1_234_567) }, true},
		{"a long shared beginning", func(int) string { return "d41d8cd98f00b204e9800998" + hex.EncodeToString(random(10)) }, true},
		{"UUIDs from the time", func(int) string { return uuid(1) }, true},
		{"UUIDs that sort by time", func(int) string { return uuid(7) }, true},
		{"the time, from answers that overtook each other", func(i int) string { return fmt.Sprintf("%04d", i^1) + hex.EncodeToString(random(16)) }, true},
		{"random, but going up", func(i int) string { return fmt.Sprintf("%04d", i) + hex.EncodeToString(random(16)) }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			for range 200 { // random values must never look guessable
				if why := guessable(sample(sampleSize, c.one)); (why != "") != c.want {
					t.Fatalf("guessable says %q", why)
				}
			}
		})
	}
}

func uuid(version byte) string {
	b := random(16)
	b[6] = b[6]&0x0f | version<<4
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
