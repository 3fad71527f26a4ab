package watch

import (
	"encoding/json"
	"testing"

	"gonogo/specs"
)

// TestATokenIsRefusedAsTheDocumentSays, so that a client that goes by the error knows it.
func TestATokenIsRefusedAsTheDocumentSays(t *testing.T) {
	for dialect, want := range map[string]string{
		"oauth2": `{"error":"invalid_grant"}`,
		"b2b":    `{"error":{"code":"UNAUTHORIZED","message":"refused","name":"UnauthorizedError"}}`,
	} {
		d, err := specs.Load(dialect)
		if err != nil {
			t.Fatal(err)
		}
		said := d.Refusal(d.ByRole(specs.RoleRefresh)[0], specs.WrongToken).Answers
		got := sample(said[0].Schema)
		if text, _ := json.Marshal(got); string(text) != want {
			t.Errorf("%s: %s", dialect, text)
		}
		if err := said[0].Schema.VisitJSON(got); err != nil {
			t.Errorf("%s: %v", dialect, err)
		}
	}
}
