package reference

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"sync/atomic"
)

// randomToken is 32 random bytes in base64url: 43 characters, the shape of the
// samples in the kitchenmonki document.
func randomToken() string {
	var b [32]byte
	rand.Read(b[:])
	var text [43]byte // on the stack: EncodeToString would make it twice
	base64.RawURLEncoding.Encode(text[:], b[:])
	return string(text[:])
}

// serial makes the guessable tokens of the entropy defects unique, which they
// must be: a repeated token would violate another requirement as well.
var serial atomic.Int64

// minter is how one dialect makes its tokens: random ones, unless a defect of
// ANY-ENTROPY says otherwise.
func minter(sw switches, c commonQuirks, clock *Clock) func() string {
	switch {
	case sw.has(c.counterTokens):
		return func() string { return fmt.Sprintf("tk%041d", serial.Add(1)) }
	case sw.has(c.timestampTokens):
		return func() string { return fmt.Sprint(clock.Now().UnixNano() + serial.Add(1)) }
	case sw.has(c.prefixTokens):
		prefix := randomToken()[:35]
		return func() string { return prefix + randomToken()[:8] }
	case sw.has(c.timeUUIDs):
		node := randomToken()
		return func() string { return timeUUID(clock, node) }
	}
	return randomToken
}

// timeUUID is a version 1 UUID: all of it but the clock is the same each time.
func timeUUID(clock *Clock, node string) string {
	const gregorian = 0x01b21dd213814000 // 100 ns ticks between 1582-10-15 and 1970-01-01
	ticks := uint64(clock.Now().UnixNano()/100+serial.Add(1)) + gregorian
	return fmt.Sprintf("%08x-%04x-1%03x-a%03x-%012x", uint32(ticks), uint16(ticks>>32), (ticks>>48)&0xfff, node[0], node[1:7])
}
