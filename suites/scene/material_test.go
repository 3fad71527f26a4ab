package scene

import (
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
