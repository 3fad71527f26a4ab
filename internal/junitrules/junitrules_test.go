package junitrules_test

import (
	"slices"
	"testing"

	"gonogo/internal/junitrules"
)

const head = `<?xml version="1.0" encoding="UTF-8"?>`

func TestViolations(t *testing.T) {
	for _, c := range []struct {
		file string
		want []string
	}{
		{head + `<testsuites tests="1" failures="1"><testsuite name="s" tests="1" failures="1" errors="0" time="0.1"><testcase name="a" time="1"><failure message="m" type="t">x</failure></testcase></testsuite></testsuites>`, nil},
		{`<testsuites/>`, []string{"it does not say that it is XML 1.0 in UTF-8"}},
		{head + `<testsuite name="s" tests="0" failures="0" errors="0"/>`, []string{"the root is testsuite"}},
		{head + `<testsuites>`, []string{"it is no XML: XML syntax error on line 1: unexpected EOF"}},
		{head + "<testsuites name='\x01'/>", []string{"it is no XML: XML syntax error on line 1: illegal character code U+0001"}},
		{head + `<testsuites skipped="0"/>`, []string{"testsuites has no attribute skipped"}},
		{head + `<testsuites tests="1"><testsuite name="s" tests="2" failures="0" errors="0"><testcase name="a"/></testsuite></testsuites>`, []string{`testsuite "s" says tests=2, and has 1`}},
		{head + `<testsuites><testsuite name="s" tests="1" failures="1" errors="0"><testcase name="a"><error/></testcase></testsuite></testsuites>`, []string{`testsuite "s" says errors=0, and has 1`, `testsuite "s" says failures=1, and has 0`}},
		{head + `<testsuites><testsuite name="s" tests="2" failures="0" errors="0"><testcase name="a"/><testcase name="a"/></testsuite></testsuites>`, []string{"two test cases are  a"}},
		{head + `<testsuites><testsuite name="s" tests="0" failures="0" errors="0" time="1s">x</testsuite></testsuites>`, []string{`the suite s is empty`, `the text "x" has no place`, `time of testsuite cannot be "1s"`}},
		{head + `<testsuites><testsuite name="s" tests="1" failures="1" errors="0" skipped="1"><testcase><failure/><skipped/></testcase></testsuite></testsuites>`, []string{"  has 2 verdicts", "testcase lacks name"}},
		{head + `<testsuites><testcase name="a"/></testsuites>`, []string{"testcase stands in testsuites", "the suite a is empty"}},
	} {
		got := junitrules.Violations([]byte(c.file))
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s\nhas %q\nand not %q", c.file, got, c.want)
		}
	}
}
