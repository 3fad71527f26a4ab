package junit

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

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

const (
	// maxMessage is the most that a message may take, in characters: viewers
	// show it in a line of a list. Of 903 messages, of 181 runs with a defect
	// each, the median had 74, and 2 were cut.
	maxMessage = 300
	// maxText is the most that the text of a test case may take, in bytes. The
	// longest of those runs had 10 KiB. A target decides how long "got" and a
	// curl line become, and viewers hold the whole file in memory.
	maxText = 16 << 10
)

func problemOf(kind, message, text string) *problem {
	return &problem{Message: words.Short(message, maxMessage), Type: kind, Text: xmlText(text)}
}

func outputOf(text string) *output { return &output{xmlText(text)} }

func skippedFor(reason string) *skipped {
	if reason == "" {
		reason = "no reason was recorded"
	}
	return &skipped{Message: words.Short(reason, maxMessage)}
}

// properties makes properties of name, value, name, value. One without a
// value is left out.
func properties(pairs ...string) []property {
	var list []property
	for i := 0; i+1 < len(pairs); i += 2 {
		if value := words.Plain(pairs[i+1]); value != "" {
			list = append(list, property{pairs[i], words.Cut(value, maxText, "text")})
		}
	}
	return list
}

// add appends a test case and counts it.
func (s *suite) add(c testcase, ms int64) {
	c.Time = seconds(ms)
	s.ms += ms
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

// red reports whether a viewer shows that something is wrong.
func (s *suite) red() bool { return s.Failures+s.Errors > 0 }

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

// xmlText returns text as XML 1.0 can hold it, of bounded length: there are
// characters that it cannot hold even as a reference, and the encoder passes
// them through a CDATA section. U+FFFD stands for each.
func xmlText(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == '\r', 0x20 <= r && r <= 0xD7FF, 0xE000 <= r && r <= 0xFFFD, 0x10000 <= r:
			return r
		}
		return '\uFFFD'
	}, words.Cut(text, maxText, "text"))
}
