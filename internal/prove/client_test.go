package prove

import (
	"slices"
	"strings"
	"testing"

	"gonogo/reference/clients"
	"gonogo/reports/proofs"
	"gonogo/specs"
)

// nobody can break these rows here, and be seen to.
var unbroken = map[string]string{
	"OAW-9700-2.1.1-PUBLIC": "the reference server has no other client than one with a secret for whom a watch is told to be",
}

func TestEachRowOfClientsHasABrokenClient(t *testing.T) {
	t.Parallel()
	for _, dialect := range clients.Dialects() {
		d, err := specs.Load(dialect)
		if err != nil {
			t.Fatal(err)
		}
		broken := map[string]bool{}
		for _, f := range clients.Faults() {
			if f.Dialect != dialect {
				continue
			}
			broken[f.Row] = true
			if _, known := d.ClientRow(f.Row); !known {
				t.Errorf("%s has no such row of clients", f.ID())
			}
		}
		for _, row := range d.ClientRows {
			if broken[row.ID] == (unbroken[row.ID] != "") {
				t.Errorf("%s has a broken client: %t; it cannot have one, because %q", row.ID, broken[row.ID], unbroken[row.ID])
			}
		}
	}
}

func TestChoiceOfClients(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		dialects, styles, faults []string
		want                     string // what is chosen, or what is wrong
	}{
		{[]string{"kitchenhub"}, []string{"lazy"}, nil, "kitchenhub lazy"},
		{[]string{"b2b"}, nil, []string{"keeps-first-access"}, "b2b b2b/BBW-REFRESH-2/keeps-first-access"},
		{nil, nil, []string{"b2b/BBW-REFRESH-2/keeps-first-access"}, "b2b b2b/BBW-REFRESH-2/keeps-first-access"},
		{nil, nil, []string{"keeps-first-acces"}, "did you mean keeps-first-access?"},
		{nil, []string{"lasy"}, nil, "did you mean lazy?"},
		{[]string{"pos"}, nil, []string{"keeps-first-access"}, "nothing of what is named"},
	} {
		chosen, err := ChooseClients(c.dialects, c.styles, c.faults)
		got := ""
		if err != nil {
			got = err.Error()
		}
		for _, p := range chosen {
			got += p.Dialect + " " + p.ID
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%v: %s", c, got)
		}
	}
	all, err := ChooseClients(nil, nil, nil)
	if faults := len(slices.DeleteFunc(all, func(p proofs.Proof) bool { return p.Kind != Fault })); err != nil || faults != len(clients.Faults()) {
		t.Errorf("%d faults, %v", faults, err)
	}
}
