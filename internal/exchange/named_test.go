package exchange_test

import (
	"strings"
	"testing"

	"gonogo/internal/exchange"
)

// TestATokenInWhatCannotBeReadIsHidden: nobody took it out of there, and it need not look like one.
func TestATokenInWhatCannotBeReadIsHidden(t *testing.T) {
	t.Parallel()
	const token = "short-sorrel"
	for _, text := range []string{
		`{"access_token":"` + token, `{"access_token" : "` + token + `",}`, `{'refresh_token':'` + token + `'}`, `[{"accessToken":"` + token + `"}] and more`,
		`"{\"access_token\":\"` + token + `\"}"`, `"{\\\"access_token\\\":\\\"` + token + `\\\"}"`, `&quot;token&quot;:&quot;` + token + `&quot;`, `{"client_secret":"` + token + `\u0021"`,
	} {
		if shown := exchange.NewRedactor().Answer(text); strings.Contains(shown, token) {
			t.Errorf("%s is shown as %s", text, shown)
		}
	}
	for _, text := range []string{`{"token_type":"bearer"}`, `{"error":"invalid_token","message":"password: too short"}`, `{"access_token":"‹access 1a2b3c›"}`, `{"access_token":null,"access_token_expire":60}`} {
		if shown := exchange.NewRedactor().Answer(text); shown != text {
			t.Errorf("%s is shown as %s", text, shown)
		}
	}
}
