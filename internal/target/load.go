package target

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gonogo/internal/spell"
	"gonogo/internal/yamlfile"
	"gonogo/specs"
)

// Load reads a target file and the document it names. env is where ${NAME} comes from; os.LookupEnv for most.
// What is wrong with either file is an Errors, whole; a file that cannot be read is a single sentence.
func Load(file string, env func(string) (string, bool)) (*Target, *specs.Dialect, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, fmt.Errorf("the target file %s %s; name a target file, or let \"gonogo serve --targets DIR\" write one", file, cannotRead(err))
	}
	t, d, err := Parse(file, data, env)
	if t != nil {
		t.OnDisk = true
	}
	return t, d, err
}

// Parse is Load on a text that is already in memory. file stands in messages, and paths in the text are
// relative to its folder; it need not exist. A nil env has no variables.
func Parse(file string, data []byte, env func(string) (string, bool)) (*Target, *specs.Dialect, error) {
	return ParseWith(file, data, env, specs.Open)
}

// ParseWith is Parse where document is how the document that the file names is found: what it is called, and its text.
func ParseWith(file string, data []byte, env func(string) (string, bool), document func(name string) (string, []byte, error)) (*Target, *specs.Dialect, error) {
	if env == nil {
		env = noVariables
	}
	root, problems := yamlfile.Read(file, data, yamlfile.Rules{Bytes: maxSize, Values: maxValues})
	if root == nil && len(problems) == 0 {
		problems = Errors{{Place: specs.Place{File: file, Line: 1}, Message: "the file is empty", Fix: "say at least dialect, base_url and credentials"}}
	}
	if root == nil {
		return nil, nil, problems
	}
	if keys := root.Keys(); slices.Contains(keys, "openapi") && !slices.Contains(keys, "base_url") {
		return nil, nil, Errors{{Place: specs.Place{File: file, Line: 1}, Message: "this is an OpenAPI document, and no target file", Fix: "write a target file that says dialect: " + filepath.Base(file)}}
	}
	r := &reader{file: file, env: env, open: document, root: root, problems: problems}
	t, d, err := r.read()
	if t != nil {
		t.Text = data
	}
	return t, d, err
}

// A target file with every key set is about 2 KiB and has some eighty values.
const (
	maxSize   = 256 << 10
	maxValues = 10_000
)

// Target makes the target that a file describes which a program has made; name stands in messages, and paths are
// relative to its folder. env is where the environment's proxies come from; nil: there are none.
func (f File) Target(name string, env func(string) (string, bool)) (*Target, *specs.Dialect, error) {
	root, err := yamlfile.Of(f)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	if env == nil {
		env = noVariables
	}
	r := &reader{file: name, env: env, open: specs.Open, root: root, literal: true}
	return r.read()
}

func noVariables(string) (string, bool) { return "", false }

// read makes a target of the file's tree: the document, then the shape, then what the values mean.
func (r *reader) read() (*Target, *specs.Dialect, error) {
	r.target, r.marked = &Target{File: r.file, written: r.root}, map[string]bool{}
	documentProblems := r.document()
	expanded := r.expanded(r.root, nil)
	r.checkShape(expanded)
	if !r.wrong(nil) {
		var f File
		text, err := json.Marshal(r.texts(expanded, nil))
		if err == nil {
			err = json.Unmarshal(text, &f)
		}
		if err != nil && len(r.problems) == 0 {
			r.fail(nil, "the file cannot be read: "+err.Error(), "") // cannot be: the schema allows what a File holds
		}
		r.resolve(&f)
	}
	r.problems = r.problems.Sorted()
	if problems := append(r.problems, documentProblems...); len(problems) > 0 {
		return nil, nil, problems
	}
	return r.target, r.dialect, nil
}

// resolve says what the values of the file mean.
func (r *reader) resolve(f *File) {
	r.profile(f.Profile)
	r.target.Absent = slices.DeleteFunc(f.Absent, func(need Need) bool { return need == "" }) // what is no need is told
	r.places(f)
	r.endpoints(f.Endpoints)
	r.target.Headers = r.headers(f)
	r.tls(f.TLS)
	r.proxy(f.Proxy)
	r.target.Untraced = f.Traceparent == "false"
	r.outsider(f.Outsider)
	r.credentials(f.Credentials)
	r.consent(f.Consent)
	r.clock(f.Clock)
	r.operator(f.Operator)
	r.settings(f.Settings)
	r.expect(f.Expect)
	r.limits(f.Limits)
	r.contradictions()
	if r.usable("waivers") {
		r.target.Waivers = r.waivers(f.Waivers)
	}
}

// document finds and reads the dialect. Problems of the document are returned apart: they are lines of another file.
func (r *reader) document() Errors {
	builtin := specs.Builtin()
	at := []string{"dialect"}
	if !r.given("dialect") {
		if r.root.Kind == yamlfile.Mapping {
			r.fail(at, "dialect is missing", "name one of "+strings.Join(builtin, ", ")+", or the path of a document")
		}
		return nil
	}
	written := r.node("dialect")
	name, ok := r.filled(at, written.Text)
	if !ok {
		return nil
	}
	if written.Kind != yamlfile.Scalar || strings.TrimSpace(name) == "" {
		return nil // the schema says so
	}
	if !slices.Contains(builtin, name) {
		if !strings.ContainsAny(name, `./\`) {
			r.fail(at, "there is no dialect "+r.quoted("dialect"), spell.Hint(written.Text, builtin, "the built-in ones are ")+" (a document of your own is named by its path)")
			return nil
		}
		name = r.resolved(name)
		if !strings.ContainsAny(name, `./\`) {
			name = "." + string(filepath.Separator) + name // still a path to whom it is handed on
		}
	}
	file, data, err := r.open(name)
	if err != nil {
		r.fail(at, "the document "+r.quoted("dialect")+" "+cannotRead(err), "correct the path (it is relative to the target file), or name one of "+strings.Join(builtin, ", "))
		return nil
	}
	dialect, err := specs.Parse(file, data)
	if err != nil {
		return r.documentProblems(written, err)
	}
	r.target.DialectName, r.target.Document, r.dialect, r.target.dialect = name, data, dialect, dialect
	return nil
}

// profile reads the document under the profile that the file names, or the first.
func (r *reader) profile(name string) {
	if r.dialect == nil || r.wrong([]string{"profile"}) {
		return
	}
	read, err := r.dialect.Profiled(name)
	if err != nil {
		message, fix, _ := strings.Cut(err.Error(), "; ")
		r.fail([]string{"profile"}, message, fix)
		return
	}
	r.dialect, r.target.dialect = read, read
}

// documentProblems names the document as the target file does, for its path may have been expanded.
func (r *reader) documentProblems(n *yamlfile.Node, err error) Errors {
	var problems Errors
	if !errors.As(err, &problems) {
		r.fail([]string{"dialect"}, "the document "+yamlfile.Quote(n.Text)+" cannot be used", "see gonogo spec lint")
		return nil
	}
	named := slices.Clone(problems)
	for i := range named {
		if strings.Contains(n.Text, "${") {
			named[i].Place.File = n.Text
		}
	}
	return named
}

// waivers is the path of a file that must be there.
func (r *reader) waivers(written string) string {
	at, path := []string{"waivers"}, r.resolved(written)
	if info, err := os.Stat(path); err != nil {
		r.fail(at, fmt.Sprintf("waivers: the file %s %s", r.quoted(at...), cannotRead(err)), "correct the path (it is relative to the target file)")
	} else if info.IsDir() {
		r.fail(at, fmt.Sprintf("waivers: %s is a folder", r.quoted(at...)), "name a file in it")
	}
	return path
}

// expect reads declared lifetimes; their keys come from the document's token kinds.
func (r *reader) expect(declared map[string]string) {
	kinds := map[string]string{}
	var known []string
	if r.dialect != nil {
		for _, kind := range r.dialect.Tokens {
			long, brief := kind.Name+"_token_lifetime", kind.Name+"_lifetime"
			kinds[long], kinds[brief] = kind.Name, kind.Name
			known = append(known, long, brief)
		}
	}
	expect := map[string]time.Duration{}
	for _, key := range r.node("expect").Keys() {
		text, read := declared[key]
		at := []string{"expect", key}
		kind, ok := kinds[key]
		if !ok && r.dialect != nil {
			r.fail(at, "unknown key "+named(at), spell.Hint(key, known, "the lifetimes of this dialect are "))
			continue
		}
		if _, twice := expect[kind]; twice && r.dialect != nil {
			r.fail(at, named(at)+" says again how long this kind of token lives", "keep one")
			continue
		}
		if !read || r.wrong(at) {
			continue
		}
		if d, ok := r.duration(at, text, time.Second, maxLifetime); ok {
			expect[kind] = d
		}
	}
	r.target.Expect = expect
}

// The longest lifetime that a file can declare. Ten years is past every token that expires at all.
const maxLifetime = 10 * 365 * 24 * time.Hour
