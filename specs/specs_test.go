package specs

import "testing"

func TestBuiltinDocumentsAreClean(t *testing.T) {
	for _, id := range Builtin() {
		file, data, err := Open(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, problem := range Lint(file, data) {
			t.Errorf("%s", problem)
		}
		d, err := Load(id)
		if err != nil {
			t.Fatal(err)
		}
		if d.ID != id {
			t.Errorf("%s calls itself %s", file, d.ID)
		}
		for _, op := range d.Operations {
			t.Logf("%s %s %s %s %s %+v auth %+v %s", op.ID, op.Role, op.Method, op.Path, op.Server, op.Inputs, op.Auth, op.At)
		}
		t.Logf("%+v", d.Flows)
		t.Logf("%+v", d.Tokens)
		t.Logf("%+v", d.Servers)
	}
}
