package reports_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"gonogo/reports"
	"gonogo/reports/testdata/samples"
)

func TestWriteFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "report.json")
	r := samples.Report()
	write := func(w io.Writer) error { return reports.WriteJSON(w, r) }
	if err := reports.WriteFile(path, write); err != nil {
		t.Fatal(err)
	}
	if back, err := reports.ReadFile(path); err != nil || !reflect.DeepEqual(back, r) {
		t.Errorf("read back: %v", err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(folder, "latest.json")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := reports.WriteFile(link, func(w io.Writer) error {
		if _, err := io.WriteString(w, "{"); err != nil {
			return err
		}
		return json.Unmarshal([]byte("{"), &struct{}{})
	}); err == nil || !strings.HasPrefix(err.Error(), "the report cannot be written to ") {
		t.Errorf("a rendering that failed: %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
		t.Errorf("a rendering that failed changed the file: %v", err)
	}
	if files, err := os.ReadDir(folder); err != nil || len(files) != 2 {
		t.Errorf("left behind: %v %v", files, err)
	}
	if err := reports.WriteFile(filepath.Join(folder, "none", "r.json"), write); err == nil {
		t.Error("a folder that is not there is no error")
	}
	if err := reports.WriteFile(os.DevNull, write); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("the null device became a file: %v", err)
	}
	if _, err := reports.ReadFile(filepath.Join(folder, "no.json")); err == nil {
		t.Error("a report that is not there is no error")
	}
}
