package reports_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonogo/reports"
)

func asJSON(t *testing.T, r *reports.Report) string {
	t.Helper()
	var b strings.Builder
	if err := reports.WriteJSON(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// asJSONL writes a decided report as a whole stream.
func asJSONL(w io.Writer, r *reports.Report) error {
	j := reports.NewJSONL(w)
	j.End(r)
	return j.Close()
}

func temporary(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "waivers.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
