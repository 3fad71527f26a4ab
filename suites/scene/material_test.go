package scene

import (
	"encoding/base64"
	"strings"
	"testing"
)

var secrets = []string{
	"pn1dEItKs1L5jDLWg4snzYfxx0PNqprElZol-YEyZMe", "s3cret", "AB", "0", "----", "ünïcödé",
	"0b6f3c1e-91d7-4a4e-8f2b-6f1f0a1b2c3d", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
}

func TestNearMissIsAnotherValueOfTheSameShape(t *testing.T) {
	for _, secret := range secrets {
		near := NearMiss(secret)
		if near == secret || strings.EqualFold(near, secret) {
			t.Errorf("NearMiss(%q) = %q, which some servers hold for the same", secret, near)
		}
		if secret != "----" && len(near) != len(secret) {
			t.Errorf("NearMiss(%q) = %q has another length", secret, near)
		}
		if n := len(secret); n > 8 && near[n-1] != secret[n-1] {
			t.Errorf("NearMiss(%q) = %q differs in its last letter, which can carry unused bits", secret, near)
		}
	}
}

// jwe is five parts of base64url (RFC 7516 section 3.1), its tag 16 bytes in 22 letters.
const jwe = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..aXZpdml2aXZpdg.Y2lwaGVydGV4dA.dGFndGFndGFndGFndGFnAA"

// A decoder that is not strict drops the bits that a last letter has too many.
func TestNearValuesMeanAnotherToADecoder(t *testing.T) {
	meaning := func(token string) string {
		var all []string
		for _, part := range strings.Split(token, ".") {
			raw, err := base64.RawURLEncoding.DecodeString(part)
			if err != nil {
				raw, _ = base64.RawURLEncoding.DecodeString(part[:len(part)-1]) // one letter alone is no byte
			}
			all = append(all, string(raw))
		}
		return strings.Join(all, ".")
	}
	tokens := []string{jwe, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"}
	for n := 2; n < 60; n++ {
		tokens = append(tokens, base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("ab0", n))[:n]), base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("\x00", n)))+".c2ln")
	}
	for _, token := range tokens {
		for what, change := range map[string]func(string) string{"NearMiss": NearMiss, "Unknown": Unknown, "Longer": Longer} {
			other := change(token)
			if meaning(other) == meaning(token) {
				t.Errorf("%s(%q) = %q means the same to a decoder", what, token, other)
			}
			if at := strings.LastIndexByte(token, '.'); strings.Count(token, ".") > 1 && other[:at] != token[:at] {
				t.Errorf("%s(%q) = %q says something else", what, token, other)
			}
		}
	}
}

func TestCaseOfTokens(t *testing.T) {
	for token, want := range map[string]bool{
		"pn1dEItKs1L5jDLWg4snzYfxx0PNqprElZol-YEyZMe": true, "0B6F3C1E-91d7-4a4e-8f2b-6f1f0a1b2c3d": false, "tok_01HXYZ8K3QWERTY": false, "0123456789abcdefABCDEF": false,
	} {
		if _, ok := TokenInOtherCase(token); ok != want {
			t.Errorf("TokenInOtherCase(%q): another token %t, want %t", token, ok, want)
		}
	}
}

func TestUnknownKeepsTheShape(t *testing.T) {
	for _, secret := range secrets {
		unknown := Unknown(secret)
		if unknown == secret {
			t.Errorf("Unknown(%q) is the secret itself", secret)
		}
		for i := range min(len(secret), len(unknown)) {
			if strings.ContainsRune("-._", rune(secret[i])) && secret != "----" && unknown[i] != secret[i] {
				t.Errorf("Unknown(%q) = %q loses its separators", secret, unknown)
			}
		}
	}
}

func TestOtherCase(t *testing.T) {
	if turned, ok := OtherCase("aBc1"); turned != "AbC1" || !ok {
		t.Errorf("OtherCase(aBc1) = %q, %t", turned, ok)
	}
	if _, ok := OtherCase("123-456"); ok {
		t.Error("OtherCase finds letters in 123-456")
	}
}

func TestKebab(t *testing.T) {
	for name, want := range map[string]string{"client_secret": "client-secret", "getQueue": "get-queue", "issue": "issue", "alive-for-use": "alive-for-use"} {
		if got := Kebab(name); got != want {
			t.Errorf("Kebab(%q) = %q, want %q", name, got, want)
		}
	}
}
