package kit

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"sync/atomic"
)

// RandomToken is 32 random bytes in base64url: 43 characters, the shape of the
// samples in the kitchenmonki document.
func RandomToken() string {
	var b [32]byte
	rand.Read(b[:])
	var text [43]byte // on the stack: EncodeToString would make it twice
	base64.RawURLEncoding.Encode(text[:], b[:])
	return string(text[:])
}

// Serial makes the guessable tokens of the entropy defects unique, which they
// must be: a repeated token would violate another requirement as well.
var Serial atomic.Int64

// timeUUID is a version 1 UUID: all of it but the clock is the same each time.
func timeUUID(clock *Clock, node string) string {
	const gregorian = 0x01b21dd213814000 // 100 ns ticks between 1582-10-15 and 1970-01-01
	ticks := uint64(clock.Now().UnixNano()/100+Serial.Add(1)) + gregorian
	return fmt.Sprintf("%08x-%04x-1%03x-a%03x-%012x", uint32(ticks), uint16(ticks>>32), (ticks>>48)&0xfff, node[0], node[1:7])
}

// TimeUUIDs makes them for one server.
func TimeUUIDs(clock *Clock) func() string {
	node := RandomToken()
	return func() string { return timeUUID(clock, node) }
}
