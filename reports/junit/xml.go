package junit

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"gonogo/reports/viewer"
	"gonogo/reports/words"
)

// The elements and attributes of JUnit XML that Jenkins' junit-10.xsd, Surefire
// and Ant have in common. There is one red element at most in a test case, and
// testsuites has no attribute skipped: neither schema knows one.
type suites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Time     string   `xml:"time,attr"`
	Suites   []*suite `xml:"testsuite"`
}

type suite struct {
	Name       string     `xml:"name,attr"`
	Tests      int        `xml:"tests,attr"`
	Failures   int        `xml:"failures,attr"`
	Errors     int        `xml:"errors,attr"`
	Skipped    int        `xml:"skipped,attr"`
	Time       string     `xml:"time,attr"`
	Timestamp  string     `xml:"timestamp,attr"`
	Properties []property `xml:"properties>property"`
	Cases      []testcase `xml:"testcase"`

	ms int64 // the sum over the cases
}

type property struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type testcase struct {
	Classname string   `xml:"classname,attr"`
	Name      string   `xml:"name,attr"`
	Time      string   `xml:"time,attr"`
	Failure   *problem `xml:"failure"`
	Error     *problem `xml:"error"`
	Skipped   *skipped `xml:"skipped"`
	SystemOut *output  `xml:"system-out"`
}

// problem is why a test case is red. Its type is the word for it, because
// viewers group by type.
type problem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",cdata"` // or every line break and quote of a curl line becomes a reference
}

type output struct {
	Text string `xml:",cdata"`
}

type skipped struct {
	Message string `xml:"message,attr"`
}

// maxValue is the most that the value of a property may take, in bytes.
const maxValue = 16 << 10

// properties makes properties of name, value, name, value. One without a
// value is left out.
func properties(pairs ...string) []property {
	var list []property
	for i := 0; i+1 < len(pairs); i += 2 {
		if value := words.Plain(pairs[i+1]); value != "" {
			list = append(list, property{pairs[i], words.Cut(value, maxValue, "text")})
		}
	}
	return list
}

// add appends a test and counts it.
func (s *suite) add(t viewer.Test) {
	c := testcase{Classname: t.Class, Name: t.Name, Time: seconds(t.DurationMS)}
	s.ms += t.DurationMS
	s.Tests++
	text := xmlText(t.Text)
	switch t.Status {
	case viewer.Failed:
		c.Failure = &problem{t.Message, t.Kind, text}
		s.Failures++
	case viewer.Errored:
		c.Error = &problem{t.Message, t.Kind, text}
		s.Errors++
	case viewer.Skipped:
		c.Skipped = &skipped{t.Message}
		s.Skipped++
	}
	if t.Output != "" {
		c.SystemOut = &output{xmlText(t.Output)}
	}
	s.Cases = append(s.Cases, c)
}

// add appends a suite that has a test case and counts it.
func (all *suites) add(s *suite, started time.Time) {
	if s.Tests == 0 {
		return
	}
	s.Time = seconds(s.ms)
	s.Timestamp = started.UTC().Format("2006-01-02T15:04:05") // as Ant has it: UTC, without a zone
	all.Tests += s.Tests
	all.Failures += s.Failures
	all.Errors += s.Errors
	all.Suites = append(all.Suites, s)
}

// write writes the document. In attributes the encoder itself replaces what
// XML 1.0 cannot hold.
func (all *suites) write(w io.Writer) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func seconds(ms int64) string { return fmt.Sprintf("%d.%03d", ms/1000, ms%1000) }

// xmlText returns text as XML 1.0 can hold it: there are
// characters that it cannot hold even as a reference, and the encoder passes
// them through a CDATA section. U+FFFD stands for each.
func xmlText(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == '\r', 0x20 <= r && r <= 0xD7FF, 0xE000 <= r && r <= 0xFFFD, 0x10000 <= r:
			return r
		}
		return '\uFFFD'
	}, text)
}
