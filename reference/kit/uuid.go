package kit

import (
	"crypto/rand"
	"encoding/hex"
	"time"
)

// RandomUUID is a UUID of version 4 (RFC 9562 5.4): 122 random bits.
func RandomUUID() string {
	var b [16]byte
	rand.Read(b[:])
	return uuidText(b, 4)
}

// OrderedUUID is a UUID of version 7 (RFC 9562 5.7): 48 bits of the time in
// milliseconds, and 74 random ones.
func OrderedUUID(now time.Time) string {
	var b [16]byte
	rand.Read(b[:])
	for i, ms := 5, now.UnixMilli(); i >= 0; i, ms = i-1, ms>>8 {
		b[i] = byte(ms)
	}
	return uuidText(b, 7)
}

func uuidText(b [16]byte, version byte) string {
	b[6] = b[6]&0x0f | version<<4
	b[8] = b[8]&0x3f | 0x80
	var text [36]byte
	at := 0
	for i, group := range [5]int{4, 2, 2, 2, 6} {
		if i > 0 {
			text[at] = '-'
			at++
		}
		first := [5]int{0, 4, 6, 8, 10}[i]
		at += hex.Encode(text[at:], b[first:first+group])
	}
	return string(text[:])
}
