package target

import (
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
	return Parse(file, data, env)
}

// Parse is Load on a text that is already in memory. file stands in messages, and paths in the text are
// relative to its folder; it need not exist. A nil env has no variables.
func Parse(file string, data []byte, env func(string) (string, bool)) (*Target, *specs.Dialect, error) {
	if env == nil {
		env = func(string) (string, bool) { return "", false }
	}
	r := &reader{file: file, env: env, target: &Target{File: file}}
	root, problems := yamlfile.Read(file, data, yamlfile.Rules{Bytes: maxSize})
	if root == nil && len(problems) == 0 {
		problems = Errors{{Place: specs.Place{File: file, Line: 1}, Message: "the file is empty", Fix: "say at least dialect, base_url and credentials"}}
	}
	if root == nil {
		return nil, nil, problems
	}
	r.problems = problems
	documentProblems := r.root(root)
	r.problems = r.problems.Sorted()
	if problems := append(r.problems, documentProblems...); len(problems) > 0 {
		return nil, nil, problems
	}
	return r.target, r.dialect, nil
}

// maxSize is far more than any target file has: one with every key set is about 2 KiB.
const maxSize = 256 << 10

// root reads the whole file. Problems of the document are returned apart: they are lines of another file.
func (r *reader) root(root *yamlfile.Node) Errors {
	top := r.keys(root, "", "version", "dialect", "base_url", "servers", "headers", "tls", "proxy", "credentials",
		"outsider", "consent", "clock", "operator", "settings", "expect", "absent", "limits", "waivers")
	if root.Kind != yamlfile.Mapping {
		return nil
	}
	t := r.target
	if n, ok := top["version"]; ok {
		if text, ok := r.text(n, "version"); ok && text != "1" {
			r.fail(n.Line, fmt.Sprintf("version %s is not known to this gonogo", yamlfile.Quote(n.Text)), "write version: 1 or remove the line")
		}
	}
	documentProblems := r.document(top["dialect"], root.Line)
	r.places(top["base_url"], top["servers"], root.Line)
	r.headers(top["headers"])
	r.tls(top["tls"])
	r.proxy(top["proxy"])
	r.outsider(top["outsider"])
	r.absent(top["absent"])
	r.credentials(top["credentials"], root.Line)
	r.consent(top["consent"])
	r.clock(top["clock"])
	r.operator(top["operator"])
	r.settings(top["settings"])
	r.expect(top["expect"])
	r.limits(top["limits"])
	r.contradictions(top)
	if n, ok := top["waivers"]; ok {
		t.Waivers = r.existing(n, "waivers")
	}
	return documentProblems
}

// document finds and reads the dialect.
func (r *reader) document(n *yamlfile.Node, line int) Errors {
	builtin := specs.Builtin()
	if n == nil {
		r.fail(line, "dialect is missing", "name one of "+strings.Join(builtin, ", ")+", or the path of a document")
		return nil
	}
	name, ok := r.filled(n, "dialect")
	if !ok {
		return nil
	}
	if !slices.Contains(builtin, name) {
		if !strings.ContainsAny(name, `./\`) {
			r.fail(n.Line, "there is no dialect "+yamlfile.Quote(n.Text), spell.Hint(n.Text, builtin, "the built-in ones are ")+" (a document of your own is named by its path)")
			return nil
		}
		name = r.resolve(name)
		if !strings.ContainsAny(name, `./\`) {
			name = "." + string(filepath.Separator) + name // still a path to whom it is handed on
		}
	}
	file, data, err := specs.Open(name)
	if err != nil {
		r.fail(n.Line, "the document "+yamlfile.Quote(n.Text)+" "+cannotRead(err), "correct the path (it is relative to the target file), or name one of "+strings.Join(builtin, ", "))
		return nil
	}
	dialect, err := specs.Parse(file, data)
	if err != nil {
		return r.documentProblems(n, err)
	}
	r.target.DialectName, r.dialect, r.target.dialect = name, dialect, dialect
	return nil
}

// documentProblems names the document as the target file does, for its path may have been expanded.
func (r *reader) documentProblems(n *yamlfile.Node, err error) Errors {
	var problems Errors
	if !errors.As(err, &problems) {
		r.fail(n.Line, "the document "+yamlfile.Quote(n.Text)+" cannot be used", "see gonogo spec lint")
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

// existing reads the path of a file that must be there.
func (r *reader) existing(n *yamlfile.Node, at string) string {
	text, ok := r.filled(n, at)
	if !ok {
		return ""
	}
	path := r.resolve(text)
	if info, err := os.Stat(path); err != nil {
		r.fail(n.Line, fmt.Sprintf("%s: the file %s %s", at, yamlfile.Quote(n.Text), cannotRead(err)), "correct the path (it is relative to the target file)")
	} else if info.IsDir() {
		r.fail(n.Line, fmt.Sprintf("%s: %s is a folder", at, yamlfile.Quote(n.Text)), "name a file in it")
	}
	return path
}

// expect reads declared lifetimes; their keys come from the document's token kinds.
func (r *reader) expect(n *yamlfile.Node) {
	if n == nil {
		return
	}
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
	for _, p := range r.pairs(n, "expect") {
		at := yamlfile.Join("expect", p.Key)
		kind, ok := kinds[p.Key]
		if !ok && r.dialect != nil {
			r.fail(p.Line, "unknown key "+at, spell.Hint(p.Key, known, "the lifetimes of this dialect are "))
			continue
		}
		if _, twice := expect[kind]; twice && r.dialect != nil {
			r.fail(p.Line, at+" says again how long this kind of token lives", "keep one")
			continue
		}
		if d, ok := r.duration(p.Value, at, time.Second, maxLifetime); ok {
			expect[kind] = d
		}
	}
	r.target.Expect = expect
}

// The longest lifetime that a file can declare. Ten years is past every token that expires at all.
const maxLifetime = 10 * 365 * 24 * time.Hour
