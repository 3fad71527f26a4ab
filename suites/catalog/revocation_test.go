package catalog

import (
	"os"
	"strings"
	"testing"

	"gonogo/specs"
)

// TestADocumentWithARevocationHasItsCases adds to a dialect that nobody knows an operation that revokes, as RFC 7009 has
// it: the client proves itself, the token is only named, and another operation says whether it is valid.
func TestADocumentWithARevocationHasItsCases(t *testing.T) {
	text, err := os.ReadFile("../../testdata/fifth/pantry.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const path, flows = "\n  /oauth2/look:\n", "\n  flows:\n"
	added := strings.Replace(string(text), path, `
  /oauth2/close:
    post:
      operationId: close
      security:
        - client: []
      x-gonogo: {role: revoke, takes: {token: access}, success: PA-USE-1, refused: PA-USE-2, authenticated: PA-CLIENT-1}
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema: {type: object, required: [token], properties: {token: {type: string, minLength: 1}}}
            example: {token: an-access-token}
      responses:
        2XX: {description: over}
        4XX: {description: refused}
`+path[1:], 1)
	added = strings.Replace(added, flows, flows+"    - {flow: revocation, requirement: PA-USE-2}\n", 1)
	d, err := specs.Parse("pantry.yaml", []byte(added))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, c := range Plan(d).Cases {
		found[strings.TrimPrefix(c.ID, "pantry/")] = true
	}
	for _, id := range []string{"revocation/still-valid", "revocation/access-survives", "revoke/no-client", "revoke/wrong-client-secret", "revoke/unknown-token", "revoke/garbage-token", "revoke/other-client"} {
		if !found[id] {
			t.Errorf("there is no case %s", id)
		}
	}
}
