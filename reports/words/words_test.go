package words

import "testing"

func TestAnArticle(t *testing.T) {
	t.Parallel()
	for noun, want := range map[string]string{
		"access token": "an access token", "refresh token": "a refresh token", "code": "a code", "id token": "an id token", "Email": "an Email",
		"username": "a username", "unknown token": "an unknown token", "": "a ",
	} {
		if got := A(noun); got != want {
			t.Errorf("%q: %q", noun, got)
		}
	}
}
