package reference

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var transcripts = map[string]func(*transcript){
	"kitchenhub":   kitchenhubTranscript,
	"kitchenmonki": kitchenmonkiTranscript,
	"b2b":          b2bTranscript,
	"pos":          posTranscript,
}

// TestEachLibertyIsSeen: every liberty changes something that a client can see, and the clean server does the same
// thing twice. Of defects gonogo prove shows more: each is seen by a check of the very requirement that it violates.
func TestEachLibertyIsSeen(t *testing.T) {
	t.Parallel()
	for dialect := range transcripts {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			clean := tell(t, dialect, Config{}, nil)
			if again := tell(t, dialect, Config{}, nil); !slices.Equal(clean, again) {
				t.Fatalf("two clean servers differ:\n%s", cmp.Diff(clean, again))
			}
			for _, q := range Liberties() {
				if q.Dialect != dialect {
					continue
				}
				t.Run(q.ID, func(t *testing.T) {
					t.Parallel()
					var d string
					for tries := 0; d == "" && tries < 20; tries++ { // a busy machine may be too late for a race
						d = cmp.Diff(clean, tell(t, dialect, Config{Liberties: []string{q.ID}}, clean))
					}
					if d == "" {
						t.Error("no client can see it: " + q.Text)
					}
					t.Log(q.Requirement, q.Text, "\n", d)
				})
			}
		})
	}
}

func TestCatalogue(t *testing.T) {
	// Every row of the dialects, and every row for all dialects, has a
	// defect that violates it.
	wanted := strings.Fields(`
		KH-ISSUE-1 KH-ISSUE-2 KH-ISSUE-3 KH-ISSUE-4 KH-USE-1 KH-USE-2 KH-REFRESH-1 KH-REFRESH-2 KH-REFRESH-3
		KH-VALIDATE-1 KH-VALIDATE-2 KH-VALIDATE-3 KH-EXPIRE-1 KH-EXPIRE-2 KH-SECRET-1
		KM-CC-1 KM-CC-2 KM-CC-3 KM-AUTHZ-1 KM-AUTHZ-2 KM-AUTHZ-3 KM-AUTHZ-4 KM-AUTHZ-5 KM-POPUP-1 KM-CODE-1 KM-CODE-2 KM-CODE-3
		KM-CODE-4 KM-CODE-5 KM-CODE-6 KM-REFRESH-1 KM-REFRESH-2 KM-REFRESH-3 KM-REFRESH-4 KM-EXPIRE-1 KM-EXPIRE-2
		KM-EXPIRE-3 KM-USE-1 KM-USE-2 KM-USE-3 KM-PRACTICE-1 KM-PRACTICE-2 KM-PRACTICE-3
		BB-LOGIN-1 BB-LOGIN-2 BB-LOGIN-3 BB-VALID-1 BB-VALID-2 BB-ENVELOPE-1 BB-ENVELOPE-2 BB-JWT-1 BB-JWT-2 BB-USE-1
		BB-USE-2 BB-USE-3 BB-REFRESH-1 BB-REFRESH-2 BB-ROTATE-1 BB-REVOKE-1 BB-REVOKE-2 BB-IP-1 BB-IP-2 BB-IP-3 BB-IP-4
		BB-IP-5 BB-EXPIRE-1 BB-EXPIRE-2
		POS-USER-1 POS-USER-2 POS-USER-3 POS-TOKEN-1 POS-TOKEN-2 POS-TOKEN-3 POS-TOKEN-4 POS-USE-1 POS-USE-2
		POS-REFRESH-1 POS-REFRESH-2 POS-EXPIRE-1 POS-ROTATE-1 POS-DUP-1
		OA-6749-4.4-GRANT OA-6749-4.1-CODE OA-6749-3.1-TYPE OA-6749-4.1.2.1-DENIED OA-6749-4.1.2.1-TRUST
		OA-6749-3.1.2-QUERY OA-6749-4.1.2-STATE OA-6749-4.1.2-ONCE OA-6749-4.1.2-REPLAY OA-6749-4.1.2-SHORT
		OA-9207-2-ISS OA-6749-4.1.3-VALID OA-6749-4.1.3-CLIENT OA-6749-4.1.3-REDIRECT OA-6749-6-REFRESH
		OA-6749-6-VALID OA-6749-6-CLIENT OA-6749-6-SCOPE OA-6749-6-ROTATION OA-6749-5.2-INVALID-GRANT
		OA-6749-5.1-ANSWER OA-6749-5.1-PRAGMA OA-6749-4.4.3-REFRESH OA-6749-5.1-LIFETIME OA-6749-7-EXPIRED
		OA-6749-3.3-SCOPE OA-6749-3.2-EMPTY OA-6749-3.2-UNKNOWN OA-6749-3.2-REPEATED OA-6749-3.2-METHOD
		OA-6749-2.3.1-BASIC OA-6749-2.3.1-FORM OA-6749-2.3.1-URI OA-6749-2.3-ONE OA-6749-3.2.1-CLIENT
		OA-6749-5.2-CLIENT OA-6749-5.2-ERROR OA-6749-5.2-GRANT OA-6750-2.1-BEARER OA-6750-2.1-CASE OA-6750-2-ONE
		OA-6750-2.3-QUERY OA-6749-7-TOKEN OA-6750-3-CHALLENGE OA-6750-3.1-SILENT OA-6750-3.1-INVALID OA-6750-3.1-SCOPE
		OA-7636-4.6-VERIFIER OA-7636-4.2-S256 OA-7636-4.4.1-MISSING OA-7636-4.4.1-METHOD OA-7636-4.3-PLAIN
		OA-7636-4.1-LENGTH OA-6749-3.2.1-PUBLIC OA-9700-2.1.1-DOWNGRADE OA-21-4.1.2.1-PUBLIC OA-9700-2.1-EXACT
		OA-9700-4.12-307 OA-9700-4.14-ROTATION OA-9700-4.14-FAMILY OA-9700-2.4-PASSWORD OA-9700-2.1.2-IMPLICIT
		OA-9700-4.16-FRAMES OA-9700-4.2.4-REFERRER OA-9068-2.1-TYPE OA-9068-2.2-CLAIMS OA-9068-4-REFUSED
		OA-7009-2.1-REVOKED OA-7009-2-REFRESH OA-7009-2.1-SIBLINGS OA-7009-2.1-CLIENT OA-7009-2.1-OWNER
		OA-7009-2.1-HINT OA-7009-2.2-UNKNOWN OA-7009-2.2.1-ERROR OA-7662-2.1-CALLER OA-7662-2.3-CLIENT
		OA-7662-2.1-MISSING OA-7662-2.2-ACTIVE OA-7662-2.2-AGREES OA-7662-2.2-INACTIVE OA-7662-2.2-SILENT
		OA-7662-4-EXPIRED OA-7662-2.1-HINT OA-8414-3.2-ANSWER OA-8414-2-MEMBERS OA-8414-3.3-ISSUER OA-8414-2-AGREES
		ANY-5XX ANY-LEAK ANY-SCHEMA ANY-CODING ANY-FRAMING ANY-CACHE ANY-ENTROPY ANY-UNIQUE ANY-EXACT ANY-CLIENTBIND`)
	for _, row := range wanted {
		if !slices.ContainsFunc(Defects(), func(q Quirk) bool { return q.Requirement == row }) {
			t.Errorf("no defect violates %s", row)
		}
	}
	seen := map[string]bool{}
	for _, q := range append(Defects(), Liberties()...) {
		if seen[q.ID] {
			t.Errorf("%s is there twice", q.ID)
		}
		seen[q.ID] = true
		if !strings.HasPrefix(q.ID, q.Dialect+"-") || !slices.Contains(Dialects(), q.Dialect) || !slices.Contains(wanted, q.Requirement) || q.Text == "" {
			t.Errorf("incomplete: %+v", q)
		}
	}
	if !slices.IsSortedFunc(Defects(), func(a, b Quirk) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("the defects are not sorted")
	}
}

func TestUnknownNames(t *testing.T) {
	for _, c := range []struct {
		cfg  Config
		want string
	}{
		{Config{Defects: []string{"kitchenhub-refresh-replai"}}, `unknown defect "kitchenhub-refresh-replai"; the nearest are kitchenhub-refresh-replay, `},
		{Config{Liberties: []string{"kitchenhub-refresh-replay"}}, `unknown liberty "kitchenhub-refresh-replay"; the nearest are`},
		{Config{Dialects: []string{"kitchenhab"}}, `unknown dialect "kitchenhab"; the nearest are kitchenhub`},
		{Config{Dialects: []string{"kitchenhub", "kitchenhub"}}, `dialect "kitchenhub" is named twice`},
		{Config{Dialects: []string{"kitchenhub"}, Defects: []string{"kitchenmonki-code-replay"}}, `defect "kitchenmonki-code-replay" belongs to kitchenmonki, which is not served`},
		{Config{Listen: "0.0.0.0:0"}, `"0.0.0.0:0" is not on loopback`},
		{Config{Listen: ":0"}, `needs ExposeAnyAddress`},
		{Config{WWW: "192.0.2.1:0"}, `the www address`},
		{Config{Control: "0.0.0.0:0", ExposeAnyAddress: true}, `whoever reaches the control API owns the server`},
		{Config{Listen: "nonsense"}, `want host:port`},
		{Config{TrustedProxies: []string{"10.0.0.0/8", "10.0.0.0/33"}}, `the trusted proxy "10.0.0.0/33" is neither an address nor a CIDR`},
		{Config{SeedFile: "nowhere.yaml"}, `seed file: open nowhere.yaml`},
	} {
		s, err := Start(context.Background(), c.cfg)
		if err == nil {
			s.Kill()
			t.Errorf("%+v started", c.cfg)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}
