package specs_test

import (
	"slices"
	"strings"
	"testing"

	"gonogo/specs"
)

// requirementTable is the project's requirement table: ids and levels, in order. The documents carry it as
// data; where the two differ, one of them is wrong.
var requirementTable = map[string]string{
	"kitchenhub": `
KH-ISSUE-1 documented
KH-ISSUE-2 documented
KH-ISSUE-3 standard
KH-ISSUE-4 practice
KH-USE-1 documented
KH-USE-2 standard
KH-REFRESH-1 documented
KH-REFRESH-2 documented
KH-REFRESH-3 standard
KH-VALIDATE-1 documented
KH-VALIDATE-2 documented
KH-VALIDATE-3 documented
KH-EXPIRE-1 documented
KH-EXPIRE-2 documented
KH-SECRET-1 documented
`,
	"kitchenmonki": `
KM-CC-1 documented
KM-CC-2 documented
KM-CC-3 standard
KM-AUTHZ-1 documented
KM-AUTHZ-2 standard
KM-AUTHZ-3 standard
KM-AUTHZ-4 standard
KM-AUTHZ-5 standard
KM-POPUP-1 documented
KM-CODE-1 documented
KM-CODE-2 documented
KM-CODE-3 standard
KM-CODE-4 standard
KM-CODE-5 documented
KM-CODE-6 standard
KM-REFRESH-1 documented
KM-REFRESH-2 documented
KM-REFRESH-3 documented
KM-REFRESH-4 standard
KM-EXPIRE-1 documented
KM-EXPIRE-2 documented
KM-EXPIRE-3 practice
KM-USE-1 documented
KM-USE-2 documented
KM-USE-3 standard
KM-PRACTICE-1 practice
KM-PRACTICE-2 practice
KM-PRACTICE-3 practice
`,
	"b2b": `
BB-LOGIN-1 documented
BB-LOGIN-2 documented
BB-LOGIN-3 documented
BB-VALID-1 documented
BB-VALID-2 documented
BB-ENVELOPE-1 documented
BB-ENVELOPE-2 documented
BB-JWT-1 documented
BB-JWT-2 standard
BB-USE-1 documented
BB-USE-2 documented
BB-USE-3 documented
BB-REFRESH-1 documented
BB-REFRESH-2 documented
BB-ROTATE-1 practice
BB-REVOKE-1 documented
BB-REVOKE-2 practice
BB-IP-1 documented
BB-IP-2 documented
BB-IP-3 documented
BB-IP-4 documented
BB-IP-5 standard
BB-EXPIRE-1 documented
BB-EXPIRE-2 documented
`,
	"pos": `
POS-USER-1 documented
POS-USER-2 documented
POS-USER-3 standard
POS-TOKEN-1 documented
POS-TOKEN-2 standard
POS-TOKEN-3 standard
POS-TOKEN-4 practice
POS-USE-1 documented
POS-USE-2 standard
POS-REFRESH-1 documented
POS-REFRESH-2 standard
POS-EXPIRE-1 documented
POS-ROTATE-1 practice
POS-DUP-1 practice
`,
	"oauth2": `
OA-6749-4.4-GRANT documented
OA-6749-4.1-CODE documented
OA-6749-3.1-TYPE documented
OA-6749-4.1.2.1-DENIED documented
OA-6749-4.1.2.1-TRUST documented
OA-6749-3.1.2-QUERY documented
OA-6749-4.1.2-STATE documented
OA-6749-4.1.2-ONCE documented
OA-6749-4.1.2-REPLAY practice
OA-6749-4.1.2-SHORT practice
OA-9207-2-ISS documented
OA-6749-4.1.3-VALID documented
OA-6749-4.1.3-CLIENT documented
OA-6749-4.1.3-REDIRECT documented
OA-6749-6-REFRESH documented
OA-6749-6-VALID documented
OA-6749-6-CLIENT documented
OA-6749-6-SCOPE documented
OA-6749-6-ROTATION practice
OA-6749-5.2-INVALID-GRANT documented
OA-6749-5.1-ANSWER documented
ANY-CACHE documented
OA-6749-5.1-PRAGMA documented
ANY-ENTROPY documented
OA-6749-4.4.3-REFRESH practice
OA-6749-5.1-LIFETIME practice
OA-6749-7-EXPIRED documented
OA-6749-3.3-SCOPE documented
OA-6749-3.2-EMPTY documented
OA-6749-3.2-UNKNOWN documented
OA-6749-3.2-REPEATED practice
OA-6749-3.2-METHOD practice
OA-6749-2.3.1-BASIC documented
OA-6749-2.3.1-FORM documented
OA-6749-2.3.1-URI practice
OA-6749-2.3-ONE practice
OA-6749-3.2.1-CLIENT documented
OA-6749-5.2-CLIENT documented
OA-6749-5.2-ERROR documented
OA-6749-5.2-GRANT documented
OA-6750-2.1-BEARER documented
OA-6750-2.1-CASE documented
OA-6750-2-ONE practice
OA-6750-2.3-QUERY practice
OA-6749-7-TOKEN documented
OA-6750-3-CHALLENGE documented
OA-6750-3.1-SILENT practice
OA-6750-3.1-INVALID practice
OA-6750-3.1-SCOPE practice
OA-7636-4.6-VERIFIER documented
OA-7636-4.2-S256 documented
OA-7636-4.4.1-MISSING documented
OA-7636-4.4.1-METHOD documented
OA-7636-4.3-PLAIN practice
OA-7636-4.1-LENGTH practice
OA-6749-3.2.1-PUBLIC documented
OA-9700-2.1.1-DOWNGRADE documented
OA-21-4.1.2.1-PUBLIC documented
OA-9700-2.1-EXACT documented
OA-9700-4.12-307 documented
OA-9700-4.14-ROTATION documented
OA-9700-4.14-FAMILY practice
OA-9700-2.4-PASSWORD documented
OA-9700-2.1.2-IMPLICIT practice
OA-9700-4.16-FRAMES documented
OA-9700-4.2.4-REFERRER practice
OA-9068-2.1-TYPE documented
OA-9068-2.2-CLAIMS documented
OA-9068-4-REFUSED documented
OA-7009-2.1-REVOKED documented
OA-7009-2-REFRESH documented
OA-7009-2.1-SIBLINGS practice
OA-7009-2.1-CLIENT documented
OA-7009-2.1-OWNER documented
OA-7009-2.1-HINT documented
OA-7009-2.2-UNKNOWN practice
OA-7009-2.2.1-ERROR documented
OA-7662-2.1-CALLER documented
OA-7662-2.3-CLIENT documented
OA-7662-2.1-MISSING practice
OA-7662-2.2-ACTIVE documented
OA-7662-2.2-AGREES documented
OA-7662-2.2-INACTIVE documented
OA-7662-2.2-SILENT practice
OA-7662-4-EXPIRED documented
OA-7662-2.1-HINT documented
OA-8414-3.2-ANSWER documented
OA-8414-2-MEMBERS documented
OA-8414-3.3-ISSUER documented
OA-8414-2-AGREES practice
`,
	"every": `
ANY-5XX standard
ANY-LEAK standard
ANY-SCHEMA documented
ANY-CODING standard
ANY-FRAMING standard
ANY-CACHE practice
ANY-ENTROPY practice
ANY-UNIQUE standard
ANY-EXACT practice
ANY-CLIENTBIND standard
`,
}

func TestRequirementsAreThoseOfTheTable(t *testing.T) {
	t.Parallel()
	for _, id := range specs.Builtin() {
		d, err := specs.Load(id)
		if err != nil {
			t.Fatal(err)
		}
		table, listed := requirementTable[id]
		if !listed {
			t.Errorf("the table has no rows for %s", id)
		}
		want := strings.Fields(table)
		for _, shared := range strings.Split(strings.TrimSpace(requirementTable["every"]), "\n") {
			if row := strings.Fields(shared); !slices.Contains(want, row[0]) { // else the document has it in words of its own
				want = append(want, row...)
			}
		}
		var got []string
		for _, r := range d.Requirements {
			got = append(got, r.ID, string(r.Level))
			if r.Text == "" || r.Where == "" {
				t.Errorf("%s has no text or no place", r.ID)
			}
		}
		for i := 0; i < max(len(got), len(want)); i += 2 {
			if at := slices.Concat(got, make([]string, len(want)))[i : i+2]; i >= len(want) || !slices.Equal(at, want[i:i+2]) {
				t.Fatalf("%s: row %d is %v, want %v", id, i/2+1, at, want[min(i, len(want)):min(i+2, len(want))])
			}
		}
	}
}
