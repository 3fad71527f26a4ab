package ctrf_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"gonogo/reports"
	"gonogo/reports/ctrf"
	"gonogo/reports/testdata/samples"
)

// read is a file as a viewer reads it that knows the format's members and no others.
type read struct {
	ReportFormat, SpecVersion, Timestamp, GeneratedBy string
	Results                                           struct {
		Tool    struct{ Name, Version string }
		Summary struct{ Tests, Passed, Failed, Skipped, Pending, Other, Flaky, Suites, Start, Stop *int64 }
		Tests   []struct {
			Name, Status, Message, Trace, RawStatus, FilePath string
			Duration                                          *int64
			Suite, Tags, Stdout                               []string
			Line                                              int
			Flaky                                             bool
		}
		Extra map[string]any
	}
}

func TestCTRFIsRedWhereTheRunIs(t *testing.T) {
	statuses := []string{"passed", "failed", "skipped", "pending", "other"}
	for name, r := range samples.Variety() {
		var b bytes.Buffer
		if err := ctrf.Write(&b, r); err != nil {
			t.Fatal(err)
		}
		var f read
		d := json.NewDecoder(bytes.NewReader(b.Bytes()))
		d.DisallowUnknownFields()
		if err := d.Decode(&f); err != nil {
			t.Fatalf("%s: %v in\n%s", name, err, b.String())
		}
		s := f.Results.Summary
		if f.ReportFormat != "CTRF" || f.SpecVersion == "" || f.Results.Tool.Name == "" || s.Start == nil || s.Stop == nil || *s.Stop < *s.Start || s.Pending == nil || s.Other == nil {
			t.Errorf("%s: something that the format requires is missing in\n%.600s", name, b.String())
		}
		if red := *s.Failed > 0; red != (reports.ExitCode(r) != reports.ExitGo) {
			t.Errorf("%s: %d tests failed, and the exit code is %d", name, *s.Failed, reports.ExitCode(r))
		}
		if int(*s.Tests) != len(f.Results.Tests) || *s.Passed+*s.Failed+*s.Skipped != *s.Tests {
			t.Errorf("%s: the summary counts %d tests of %d, %d passed, %d failed, %d skipped", name, *s.Tests, len(f.Results.Tests), *s.Passed, *s.Failed, *s.Skipped)
		}
		for _, test := range f.Results.Tests {
			if test.Name == "" || !slices.Contains(statuses, test.Status) || test.Duration == nil || len(test.Suite) == 0 || test.RawStatus == "" || test.Status != "passed" && test.Message == "" {
				t.Errorf("%s: %+v", name, test)
			}
		}
	}
}

func TestCTRFSaysWhereACaseIsFrom(t *testing.T) {
	r := samples.Report()
	r.Dialects[0].Document.File = "specs/own.yaml"
	var b bytes.Buffer
	if err := ctrf.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	var f read
	if err := json.Unmarshal(b.Bytes(), &f); err != nil {
		t.Fatal(err)
	}
	for _, test := range f.Results.Tests {
		if test.RawStatus == "fail" && (test.Line == 0 || test.FilePath == "" || test.Trace == "") {
			t.Errorf("%+v", test)
		}
	}
}
