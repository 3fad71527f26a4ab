package target_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonogo/internal/target"
)

// FuzzParse holds that no text panics the reader, that a target comes without an error or an error without
// a target, and that no error shows what was inserted.
func FuzzParse(f *testing.F) {
	const secret = "Zq7#inserted: 'never' \"shown\"\n- ${duration}"
	f.Add(plainFile)
	f.Add(humanFile)
	f.Add(strings.ReplaceAll(plainFile, "first-secret", "'${SECRET}'"))
	files, err := filepath.Glob("testdata/complaints/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, line := range strings.Split(string(data), "\n") {
			if key, _, ok := strings.Cut(line, ": "); ok && !strings.ContainsAny(key, " >~@=") {
				f.Add(plainFile + line)
				f.Add(plainFile + key + ": '${SECRET}'")
			}
		}
	}
	env := func(name string) (string, bool) { return secret, name == "SECRET" }
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "/dev") || strings.Contains(text, "/proc") {
			t.Skip("reading devices is the fuzzer's idea, not the vendor's")
		}
		got, dialect, err := target.Parse("target.yaml", []byte(text), env)
		if (err == nil) != (got != nil && dialect != nil) {
			t.Fatalf("%v %v %v", got, dialect, err)
		}
		if err != nil {
			for _, piece := range []string{"Zq7", "inserted", "never", "shown"} {
				if strings.Contains(err.Error(), piece) && !strings.Contains(text, piece) {
					t.Fatalf("%q is in %v", piece, err)
				}
			}
			return
		}
		for _, need := range target.Needs() {
			got.Provides(need, "")
		}
		got.Secrets()
		got.Loopback()
		if _, err := got.Transport(); err != nil {
			t.Fatal(err)
		}
	})
}
