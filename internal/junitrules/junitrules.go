// Package junitrules says what in a JUnit XML file those who read such files would stumble over: the rules that
// Jenkins' junit-10.xsd and Surefire's schema have in common, and counts that agree with the elements.
//
// Only tests import it. It must never know who wrote a file.
package junitrules

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// element is what an element may have.
type element struct {
	required, optional, children []string
	text                         bool
}

var elements = map[string]element{
	"testsuites": {optional: []string{"name", "time", "tests", "failures", "errors"}, children: []string{"testsuite"}},
	"testsuite": {required: []string{"name", "tests", "failures", "errors"}, optional: []string{"skipped", "time", "timestamp", "hostname", "id", "package"},
		children: []string{"properties", "testcase", "system-out", "system-err"}},
	"properties": {children: []string{"property"}},
	"property":   {required: []string{"name", "value"}},
	"testcase":   {required: []string{"name"}, optional: []string{"classname", "time"}, children: []string{"failure", "error", "skipped", "system-out", "system-err"}},
	"failure":    {optional: []string{"message", "type"}, text: true},
	"error":      {optional: []string{"message", "type"}, text: true},
	"skipped":    {optional: []string{"message", "type"}, text: true},
	"system-out": {text: true},
	"system-err": {text: true},
}

// forms are the forms of attribute values; the others are any text.
var forms = map[string]*regexp.Regexp{
	"tests": regexp.MustCompile(`^\d+$`), "failures": regexp.MustCompile(`^\d+$`), "errors": regexp.MustCompile(`^\d+$`), "skipped": regexp.MustCompile(`^\d+$`),
	"time":      regexp.MustCompile(`^\d+(\.\d+)?$`),
	"timestamp": regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$`), // Ant's schema: UTC, without a zone
}

// node is one element of a file.
type node struct {
	name  string
	attrs map[string]string
	kids  []*node
}

// Violations returns what is wrong with the file, in sentences.
func Violations(file []byte) []string {
	root, found := parse(file)
	if root == nil {
		return found
	}
	if root.name != "testsuites" {
		return append(found, "the root is "+root.name)
	}
	counts := map[string]int{}
	suites, cases := map[string]bool{}, map[string]bool{}
	for _, suite := range root.kids {
		if suites[suite.attrs["name"]] {
			found = append(found, "two suites have the name "+suite.attrs["name"])
		}
		suites[suite.attrs["name"]] = true
		inside := suite.count()
		if inside["tests"] == 0 {
			found = append(found, "the suite "+suite.attrs["name"]+" is empty")
		}
		found = append(found, suite.miscounts(inside)...)
		for name, n := range inside {
			counts[name] += n
		}
		for _, c := range suite.kids {
			id := c.attrs["classname"] + " " + c.attrs["name"]
			if c.name == "testcase" && cases[id] {
				found = append(found, "two test cases are "+id)
			}
			cases[id] = cases[id] || c.name == "testcase"
			if n := c.verdicts(); n > 1 {
				found = append(found, fmt.Sprintf("%s has %d verdicts", id, n))
			}
		}
	}
	return append(found, root.miscounts(counts)...)
}

func (n *node) verdicts() int {
	verdicts := 0
	for _, kid := range n.kids {
		if slices.Contains([]string{"failure", "error", "skipped"}, kid.name) {
			verdicts++
		}
	}
	return verdicts
}

// count counts the elements of a suite by the attribute that says their number.
func (n *node) count() map[string]int {
	counts := map[string]int{"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
	attribute := map[string]string{"failure": "failures", "error": "errors", "skipped": "skipped"}
	for _, c := range n.kids {
		if c.name == "testcase" {
			counts["tests"]++
			for _, kid := range c.kids {
				if name, ok := attribute[kid.name]; ok {
					counts[name]++
				}
			}
		}
	}
	return counts
}

func (n *node) miscounts(counts map[string]int) (found []string) {
	for name, want := range counts {
		if said, ok := n.attrs[name]; ok && said != strconv.Itoa(want) {
			found = append(found, fmt.Sprintf("%s %q says %s=%s, and has %d", n.name, n.attrs["name"], name, said, want))
		}
	}
	return found
}

// parse reads the file and compares every element with the rules.
func parse(file []byte) (root *node, found []string) {
	if !bytes.HasPrefix(file, []byte(`<?xml version="1.0" encoding="UTF-8"?>`)) {
		found = append(found, "it does not say that it is XML 1.0 in UTF-8")
	}
	d := xml.NewDecoder(bytes.NewReader(file))
	var open []*node
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return root, found
		}
		if err != nil {
			return nil, append(found, "it is no XML: "+err.Error())
		}
		switch token := token.(type) {
		case xml.StartElement:
			n := &node{name: token.Name.Local, attrs: map[string]string{}}
			found = append(found, n.read(token)...)
			if len(open) == 0 {
				root = n
			} else {
				parent := open[len(open)-1]
				if !slices.Contains(elements[parent.name].children, n.name) {
					found = append(found, n.name+" stands in "+parent.name)
				}
				parent.kids = append(parent.kids, n)
			}
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if text := strings.TrimSpace(string(token)); text != "" && (len(open) == 0 || !elements[open[len(open)-1].name].text) {
				found = append(found, fmt.Sprintf("the text %q has no place", text))
			}
		}
	}
}

func (n *node) read(start xml.StartElement) (found []string) {
	rule, known := elements[n.name]
	if !known {
		found = append(found, "nobody knows the element "+n.name)
	}
	for _, a := range start.Attr {
		n.attrs[a.Name.Local] = a.Value
		if !slices.Contains(slices.Concat(rule.required, rule.optional), a.Name.Local) {
			found = append(found, n.name+" has no attribute "+a.Name.Local)
		}
		if form := forms[a.Name.Local]; form != nil && !form.MatchString(a.Value) {
			found = append(found, fmt.Sprintf("%s of %s cannot be %q", a.Name.Local, n.name, a.Value))
		}
	}
	for _, name := range rule.required {
		if n.attrs[name] == "" && name != "value" {
			found = append(found, n.name+" lacks "+name)
		}
	}
	return found
}
