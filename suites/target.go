package suites

import (
	"os"

	"gonogo/internal/target"
	"gonogo/specs"
)

// Target is what is under test: a target file (FromFile), the text of one (FromYAML), what a function returns once
// the tests run (Later), or the fields below, which are the file's keys of the same names and taken literally. What
// they do not cover, such as a clock control, takes a file or a text.
type Target struct {
	Dialect     string                       // a built-in id, or the path of a document
	Profile     string                       // under which of the document's profiles; empty: the first
	BaseURL     string                       // where the document's first server is
	Servers     map[string]string            // where its other servers are, by x-gonogo name
	Headers     map[string]string            // sent with every request; the values are secrets
	Credentials map[string]map[string]string // the fields of each role, and acts_as
	Absent      []string                     // needs that the target cannot serve

	file      string // of FromFile; for the others what stands in messages
	text      []byte // of FromYAML
	later     func() Target
	documents []string // of Later
	broken    error    // of Reference, once it is asked for
}

// FromFile is the target that a target file describes. The file is read when it is asked for: a path that is
// relative is so to the folder where the tests run, which is their package's.
func FromFile(path string) Target { return Target{file: path} }

// FromYAML is the target that the text of a target file describes. Paths in it are relative to the folder where
// the tests run. ${NAME} in a file or text is a variable of the environment.
func FromYAML(text string) Target { return Target{file: "suites.FromYAML", text: []byte(text)} }

// Later is a target that is known only once the tests run, such as a server that BeforeSuite starts. It is asked for
// once, when the first spec runs, and only if one of its specs does; in a parallel run that is in one of the
// processes, which asks in its own memory.
//
// documents are the dialects that it may speak: built-in ids, or paths of documents. Without any they are all the
// built-in ones, and the specs of those that it turns out not to speak are skipped.
func Later(target func() Target, documents ...string) Target {
	if len(documents) == 0 {
		documents = specs.Builtin()
	}
	return Target{later: target, documents: documents}
}

// String names the target and nothing of it that is secret.
func (t Target) String() string {
	if t.file != "" {
		return t.file
	}
	return "suites.Target of " + t.Dialect
}

// GoString is String.
func (t Target) GoString() string { return t.String() }

// load reads whatever describes the target.
func (t Target) load() (*target.Target, *specs.Dialect, error) {
	switch {
	case t.broken != nil:
		return nil, nil, t.broken
	case t.later != nil:
		return t.later().load()
	case t.text != nil:
		return target.Parse(t.file, t.text, os.LookupEnv)
	case t.file != "":
		return target.Load(t.file, os.LookupEnv)
	default:
		file := target.File{Dialect: t.Dialect, Profile: t.Profile, BaseURL: t.BaseURL, Servers: t.Servers, Headers: t.Headers, Credentials: t.Credentials}
		for _, need := range t.Absent {
			file.Absent = append(file.Absent, target.Need(need))
		}
		return file.Target("suites.Target", os.LookupEnv)
	}
}
