package target_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonogo/specs"
)

var update = flag.Bool("update", false, "write what is printed into testdata/complaints; read the difference before you keep it")

// TestComplaints loads every broken file of testdata/complaints and compares all that is printed. A block
// there is
//
//	== what is wrong
//	@hub                the file without faults that it starts from: hub, human, secure or empty
//	~ old => new        a piece of it replaced
//	key: value          lines added at its end
//	> target.yaml:6: …  what is printed; {built-in} stands for the ids of the built-in dialects
func TestComplaints(t *testing.T) {
	bases := map[string]string{"hub": plainFile, "human": humanFile, "secure": with(plainFile, "http:", "https:"), "empty": ""}
	files, err := filepath.Glob("testdata/complaints/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no complaints found: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var rewritten strings.Builder
		for _, block := range strings.Split("\n"+string(data), "\n== ")[1:] {
			name, rest, _ := strings.Cut(block, "\n")
			var text, kept string
			var want []string
			for _, line := range strings.Split(strings.TrimRight(rest, "\n"), "\n") {
				if printed, ok := strings.CutPrefix(line, "> "); ok {
					want = append(want, printed)
					continue
				}
				kept += line + "\n"
				if base, ok := strings.CutPrefix(line, "@"); ok {
					text = bases[base]
				} else if change, ok := strings.CutPrefix(line, "~ "); ok {
					old, replacement, _ := strings.Cut(change, " =>")
					text = with(text, old, strings.TrimPrefix(replacement, " "))
				} else {
					text += line + "\n"
				}
			}
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txt")+"/"+name, func(t *testing.T) {
				got := complaints(t, t.TempDir(), text)
				got = strings.ReplaceAll(got, strings.Join(specs.Builtin(), ", "), "{built-in}")
				if !*update && got != strings.Join(want, "\n") {
					t.Errorf("for:\n%s\nit prints:\n%s\nand ought to:\n%s", text, got, strings.Join(want, "\n"))
				}
				rewritten.WriteString("== " + name + "\n" + kept + "> " + strings.ReplaceAll(got, "\n", "\n> ") + "\n\n")
			})
		}
		if *update && !t.Failed() {
			if err := os.WriteFile(file, []byte(strings.TrimSuffix(rewritten.String(), "\n")), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
