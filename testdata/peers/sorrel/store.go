package sorrel

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"time"
)

// newToken makes an opaque token of 256 bits, 43 characters long like those
// the Kitchen Monki document shows.
func newToken() string {
	var b [32]byte
	rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// newUUID makes a random (version 4) UUID.
func newUUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// same compares two secrets in a time that does not tell how they differ.
func same(a, b string) bool {
	x, y := hash(a), hash(b)
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// key stands for a token in a vault, which keeps no token itself.
type key [sha256.Size]byte

func hash(token string) key { return sha256.Sum256([]byte(token)) }

const sweepEvery = time.Minute

// vault holds what tokens stand for until they expire. Its owner locks it.
type vault[T any] struct {
	entries map[key]entry[T]
	swept   time.Time
}

type entry[T any] struct {
	value   T
	expires time.Time
}

func newVault[T any]() *vault[T] { return &vault[T]{entries: map[key]entry[T]{}} }

func (v *vault[T]) put(k key, value T, now time.Time, lifetime time.Duration) {
	if now.Sub(v.swept) > sweepEvery {
		for k, e := range v.entries {
			if !now.Before(e.expires) {
				delete(v.entries, k)
			}
		}
		v.swept = now
	}
	v.entries[k] = entry[T]{value, now.Add(lifetime)}
}

func (v *vault[T]) get(k key, now time.Time) (value T, ok bool) {
	e, ok := v.entries[k]
	if !ok || !now.Before(e.expires) {
		return value, false
	}
	return e.value, true
}

func (v *vault[T]) drop(k key) { delete(v.entries, k) }
