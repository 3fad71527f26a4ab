package reports

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// The elements and attributes of JUnit XML that Jenkins' junit-10.xsd, Surefire
// and Ant have in common. There is one red element at most in a test case, and
// testsuites has no attribute skipped: neither schema knows one.
type junitSuites struct {
	XMLName  xml.Name      `xml:"testsuites"`
	Name     string        `xml:"name,attr"`
	Tests    int           `xml:"tests,attr"`
	Failures int           `xml:"failures,attr"`
	Errors   int           `xml:"errors,attr"`
	Time     string        `xml:"time,attr"`
	Suites   []*junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`

	ms int64 // the sum over the cases
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Classname string        `xml:"classname,attr"`
	Name      string        `xml:"name,attr"`
	Time      string        `xml:"time,attr"`
	Failure   *junitProblem `xml:"failure"`
	Error     *junitProblem `xml:"error"`
	Skipped   *junitSkipped `xml:"skipped"`
	SystemOut *junitOutput  `xml:"system-out"`
}

// junitProblem is why a test case is red. Its type is the word for it, because
// viewers group by type.
type junitProblem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",cdata"` // or every line break and quote of a curl line becomes a reference
}

type junitOutput struct {
	Text string `xml:",cdata"`
}

type junitSkipped struct {
	Message string `xml:"message,attr"`
}

const (
	// junitMessage is the most that a message may take, in characters: viewers
	// show it in a line of a list. Of 903 messages, of 181 runs with a defect
	// each, the median had 74, and 2 were cut.
	junitMessage = 300
	// junitText is the most that the text of a test case may take, in bytes. The
	// longest of those runs had 10 KiB. A target decides how long "got" and a
	// curl line become, and viewers hold the whole file in memory.
	junitText = 16 << 10
)

func junitProblemOf(kind, message, text string) *junitProblem {
	return &junitProblem{Message: short(message, junitMessage), Type: kind, Text: xmlText(text)}
}

func junitOutputOf(text string) *junitOutput { return &junitOutput{xmlText(text)} }

func junitSkippedFor(reason string) *junitSkipped {
	if reason == "" {
		reason = "no reason was recorded"
	}
	return &junitSkipped{Message: short(reason, junitMessage)}
}

// junitProperties makes properties of name, value, name, value. One without a
// value is left out.
func junitProperties(pairs ...string) []junitProperty {
	var list []junitProperty
	for i := 0; i+1 < len(pairs); i += 2 {
		if value := plain(pairs[i+1]); value != "" {
			list = append(list, junitProperty{pairs[i], cutText(value, junitText)})
		}
	}
	return list
}

// add appends a test case and counts it.
func (s *junitSuite) add(c junitCase, ms int64) {
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
func (s *junitSuite) red() bool { return s.Failures+s.Errors > 0 }

// add appends a suite that has a test case and counts it.
func (all *junitSuites) add(s *junitSuite, started time.Time) {
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
func (all *junitSuites) write(w io.Writer) error {
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
	}, cutText(text, junitText))
}

// cutText returns text of at most limit bytes, and says what is missing.
func cutText(text string, limit int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= limit {
		return text
	}
	mark := fmt.Sprintf("… [cut: the whole text has %d bytes]", len(text))
	end := limit - len(mark)
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + mark
}
