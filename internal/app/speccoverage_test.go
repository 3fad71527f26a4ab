package app_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonogo/specs"
)

const pantryDocument, pantryText = "../../testdata/fifth/pantry.yaml", "../../testdata/fifth/pantry.txt"

func TestSpecCoverageOfTheBuiltinDocuments(t *testing.T) {
	t.Parallel()
	code, stdout, _ := says("spec", "coverage")
	if code != 0 || strings.Count(stdout, ": each has a requirement or a reason\n") != len(specs.Builtin())-1 { // one is written from RFCs, and has no text
		t.Errorf("exit %d\n%s", code, stdout)
	}
	wantLines(t, stdout,
		"  Using a popup", "    KM-POPUP-1", "    not judged, example: the popup of the example has a name and a size")
}

func TestSpecCoverageHoldsADocumentAgainstItsText(t *testing.T) {
	t.Parallel()
	code, stdout, _ := says("spec", "coverage", pantryDocument, "--text", pantryText)
	if code != 0 {
		t.Errorf("exit %d", code)
	}
	wantLines(t, stdout,
		"  Keeping it open",
		"    PA-REFRESH-1, PA-REFRESH-2, PA-REFRESH-3, PA-REFRESH-4",
		"    not judged, opinion: it is wise to refresh a little early",
		"12 headings, 34 requirements, 3 statements not judged: each has a requirement or a reason",
		pantryText+" is the text that the document was written from.",
	)

	text, err := os.ReadFile(pantryText)
	if err != nil {
		t.Fatal(err)
	}
	later := filepath.Join(t.TempDir(), "later.txt")
	text = bytes.Replace(text, []byte("Whose shelves"), []byte("Whose are they"), 1)
	text = append(bytes.Replace(text, []byte("Changing the lock"), nil, 1), "Changing the lock\n"...)
	if err := os.WriteFile(later, text, 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, _ = says("spec", "coverage", pantryDocument, "--text", later)
	for _, want := range []string{
		later + ": the text has the SHA-256 ",
		later + `: the heading "Whose shelves" is not in the text` + "\n",
		later + `: the heading "Asking the human" stands in the text before the one that is listed above it` + "\n",
	} {
		if code != 1 || !strings.Contains(stdout, want) {
			t.Errorf("exit %d, and not %s in\n%s", code, want, stdout)
		}
	}
}

// A heading that only says what clients are to do is not answered by a row of clients: no report of a server shows one.
func TestSpecCoverageNamesWhatIsWithoutEither(t *testing.T) {
	t.Parallel()
	_, data, err := specs.Open(pantryDocument)
	if err != nil {
		t.Fatal(err)
	}
	gap := filepath.Join(t.TempDir(), "gap.yaml")
	data = bytes.Replace(data, []byte("Opening the door, Who may knock"), []byte("Opening the door, What callers do, Who may knock"), 1)
	data = bytes.Replace(data, []byte("  requirements:\n"), []byte("  requirements:\n    - {id: PA-CALLER-1, actor: client, level: documented, where: What callers do, text: a client knocks}\n"), 1)
	if err := os.WriteFile(gap, data, 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, _ := says("spec", "coverage", gap)
	if code != 1 {
		t.Errorf("exit %d", code)
	}
	wantLines(t, stdout, "  What callers do", "    - neither a requirement nor a reason",
		"13 headings, 34 requirements, 3 statements not judged: 1 heading without either")
	if code, stdout, _ = says("spec", "show", gap); code != 0 || !strings.Contains(stdout, "requirements of clients, which no case of a server shows\n  PA-CALLER-1") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}

func TestSpecCoverageRefuses(t *testing.T) {
	t.Parallel()
	refusal(t, "--text is the text of one document, and there are 4: name the one", "spec", "coverage", "--text", pantryText)
	refusal(t, "the published text cannot be read: open none.txt: no such file or directory", "spec", "coverage", pantryDocument, "--text", "none.txt")
	refusal(t, "../../specs/testdata/least.yaml does not say what it was written from: add x-gonogo/published with the text's sha256 and headings", "spec", "coverage", "../../specs/testdata/least.yaml")
}
