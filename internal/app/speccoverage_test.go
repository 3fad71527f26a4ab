package app_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gonogo/specs"
)

const pantryDocument, pantryText = "../../testdata/fifth/pantry.yaml", "../../testdata/fifth/pantry.txt"

func TestSpecCoverageOfTheBuiltinDocuments(t *testing.T) {
	t.Parallel()
	code, stdout, _ := says("spec", "coverage")
	if code != 0 || strings.Count(stdout, ": each has a requirement or a reason\n") != len(specs.Builtin()) {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	wantLines(t, stdout,
		"  Using a popup", "    KM-POPUP-1", "    not judged, example: the popup of the example has a name and a size",
		"RFC 9700", "  4.12. 307 Redirect", "    OA-9700-4.12-307: only under oauth2.1")
	docs, err := os.ReadFile("../../docs/documents.md")
	if err != nil {
		t.Fatal(err)
	}
	said := regexp.MustCompile(`In\s(\d+)\ssections\sof\s\w+\stexts,\s(\d+)\srequirements\sstand\sbeside\s(\d+)\sstatements`).FindSubmatch(docs)
	if said == nil || !strings.Contains(stdout, fmt.Sprintf("\n%s headings, %s requirements, %s statements not judged: ", said[1], said[2], said[3])) {
		t.Errorf("docs/documents.md counts other than the coverage does: %q", said)
	}
}

// severalTexts is the document of the pantry as if two more texts had been at its making, and what they say.
func severalTexts(t *testing.T, more string) (document, deed, rules string) {
	t.Helper()
	_, data, err := specs.Open(pantryDocument)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const deedText = "Contents\n  1.  The house ..... 3\n  1.1.  The door ..... 4\n\n1.  The house\nIt stands.\n\n1.1.  The\n   door\nIt opens.\n\nAppendix A.  Keys\n"
	deed = write("deed.txt", deedText)
	rules = write("rules.txt", "2. Manners\nNobody shouts.\n\n2.1. Mice\nNone.\n")
	at, end := bytes.Index(data, []byte("  published:\n")), bytes.Index(data, []byte("  credentials:\n"))
	places := regexp.MustCompile(`where: ('[^']*'|[^,}]*)`)
	rows := places.ReplaceAllString(string(data[:at]), "where: 'the deed section 1.1, at its end'")
	texts := fmt.Sprintf(`  published:
    - {name: the deed, sha256: '%x', headings: ['1. The house', '1.1. The door', 'Appendix A. Keys']}
    - {name: the rules, headings: ['2. Manners', '2.1. Mice']}
  unjudged:
    - {where: the deed section 1, text: the house stands, reason: not-observable}
    - {where: 'the deed, Appendix A. Keys', text: keys can be copied, reason: optional}
    - {where: the rules section 2 (all of it), text: nobody shouts, reason: client}
%s`, sha256.Sum256([]byte(deedText)), more)
	return write("several.yaml", rows+texts+string(data[end:])), deed, rules
}

func TestSpecCoverageOfSeveralTexts(t *testing.T) {
	t.Parallel()
	document, deed, rules := severalTexts(t, "    - {where: the rules section 2.1, text: there are no mice, reason: unchecked}\n")
	code, stdout, stderr := says("spec", "coverage", document, "--text", deed, "--text", rules)
	if code != 0 {
		t.Errorf("exit %d\n%s", code, stderr)
	}
	wantLines(t, stdout, "  1. The house", "    not judged, not-observable: the house stands", "    not judged, optional: keys can be copied",
		"the rules", "  2. Manners", "    not judged, client: nobody shouts", "  2.1. Mice", "    not judged, unchecked: there are no mice",
		"5 headings, 34 requirements, 4 statements not judged: each has a requirement or a reason",
		deed+" is the text of the deed that the document was written from.",
		rules+" has the headings of the rules, of whose bytes the document says nothing.")
	if !strings.Contains(stdout, "written from 2 texts\n\nthe deed, with the SHA-256 ") {
		t.Errorf("the texts are not told apart:\n%s", stdout)
	}

	code, stdout, _ = says("spec", "coverage", document, "--text", "the deed="+rules)
	for _, want := range []string{rules + ": the text has the SHA-256 ", rules + `: the heading "1.1. The door" is not in the text` + "\n"} {
		if code != 1 || !strings.Contains(stdout, want) {
			t.Errorf("exit %d, and not %s in\n%s", code, want, stdout)
		}
	}
	neither := filepath.Join(t.TempDir(), "neither.txt")
	if err := os.WriteFile(neither, []byte("12. Manners\n2.1. Micey\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	refusal(t, "which of its texts "+neither+" has cannot be told from it, so say it: --text NAME="+neither+", where NAME is one of the deed, the rules",
		"spec", "coverage", document, "--text", neither)
}

func TestSpecCoverageNamesASectionOfATextWithoutEither(t *testing.T) {
	t.Parallel()
	document, _, _ := severalTexts(t, "")
	code, stdout, _ := says("spec", "coverage", document)
	if code != 1 {
		t.Errorf("exit %d", code)
	}
	wantLines(t, stdout, "  2.1. Mice", "    - neither a requirement nor a reason", "5 headings, 34 requirements, 3 statements not judged: 1 heading without either")
	if code, stdout, _ = says("spec", "lint", document); !strings.Contains(stdout, `warning: nothing is said of what stands under "2.1. Mice" of the rules; add a requirement there`) {
		t.Errorf("exit %d\n%s", code, stdout)
	}
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
	refusal(t, "--text is the text of one document, and there are 5: name the one", "spec", "coverage", "--text", pantryText)
	refusal(t, "the published text cannot be read: open none.txt: no such file or directory", "spec", "coverage", pantryDocument, "--text", "none.txt")
	refusal(t, "../../specs/testdata/least.yaml does not say what it was written from: add x-gonogo/published with the text's sha256 and headings", "spec", "coverage", "../../specs/testdata/least.yaml")
}
