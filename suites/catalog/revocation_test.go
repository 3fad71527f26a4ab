package catalog

import (
	"strings"
	"testing"

	"gonogo/specs"
)

// TestADocumentWithARevocationHasItsCases: in a dialect that nobody knows, too, whose revocation is as RFC 7009 has it: the
// client proves itself, the token is only named, and another operation says whether it is valid.
func TestADocumentWithARevocationHasItsCases(t *testing.T) {
	d, err := specs.Load("../../testdata/fifth/pantry.yaml")
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
