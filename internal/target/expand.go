package target

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"gonogo/internal/spell"
	"gonogo/internal/yamlfile"
)

// part is a piece of a value: as it stands in the file, inserted when the file was read, or a placeholder.
type part struct {
	kind partKind
	text string // the piece, or the placeholder's name
}

type partKind int

const (
	literal partKind = iota
	inserted
	placeholder
)

// template is a value in pieces. Pieces stay apart until the last moment, so that an inserted value that
// happens to contain ${ is never taken for a placeholder.
type template []part

// escape prepares a value for the place after the text before it. It may be nil.
type escape func(before string, kind partKind, value string) string

// fill joins the pieces with every placeholder filled.
func (t template) fill(values map[string]string, escape escape) (string, error) {
	for _, p := range t {
		if _, ok := values[p.text]; !ok && p.kind == placeholder {
			return "", errors.New("there is no value for the placeholder ${" + p.text + "}")
		}
	}
	return t.render(values, escape), nil
}

// render is fill where a placeholder without a value stays as it was written.
func (t template) render(values map[string]string, escape escape) string {
	var b strings.Builder
	for _, p := range t {
		text := p.text
		if p.kind == placeholder {
			value, ok := values[p.text]
			if !ok {
				b.WriteString("${" + p.text + "}")
				continue
			}
			text = value
		}
		if p.kind != literal && escape != nil {
			text = escape(b.String(), p.kind, text)
		}
		b.WriteString(text)
	}
	return b.String()
}

// String joins the pieces and leaves the placeholders as they were written.
func (t template) String() string { return t.render(nil, nil) }

var (
	variableName    = regexp.MustCompile(`^[A-Z_][A-Z0-9_]*$`)
	placeholderName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// A secret is a line or a key of a few KiB; more than this is the wrong file.
const maxInserted = 1 << 20

const escapeFix = "write $${ where the two characters ${ are meant"

// expand takes a value apart. allowed are the placeholders that the field takes; nil means none.
func (r *reader) expand(path []string, written string, allowed []string) (template, bool) {
	at := named(path)
	if isIndex(path) {
		at = "an entry of " + at
	}
	var made template
	add := func(kind partKind, text string) {
		if text != "" || kind == placeholder {
			made = append(made, part{kind, text})
		}
	}
	ok := true
	fail := func(message, fix string) {
		ok = false
		r.fail(path, message, fix)
	}
	rest := written
	for {
		i := strings.Index(rest, "${")
		if i < 0 {
			add(literal, rest)
			return made, ok
		}
		if i > 0 && rest[i-1] == '$' {
			add(literal, rest[:i-1]+"${")
			rest = rest[i+2:]
			continue
		}
		add(literal, rest[:i])
		name, after, closed := strings.Cut(rest[i+2:], "}")
		if !closed {
			fail(at+" has a ${ without its }", escapeFix)
			return made, ok
		}
		rest = after
		path, isFile := strings.CutPrefix(name, "file:")
		switch {
		case isFile:
			content, why := r.readInserted(path)
			if why != "" {
				fail(at+" takes its value from the file "+yamlfile.Quote(path)+", which "+why, "create the file, or correct the path (it is relative to the target file)")
			}
			add(inserted, content)
		case variableName.MatchString(name):
			value, set := r.env(name)
			if !set {
				fail(at+" takes its value from the environment variable "+name+", which is not set", "set "+name+", or write the value here")
			}
			add(inserted, value)
		case !placeholderName.MatchString(name):
			fail(at+" has ${"+name+"}, which is neither a variable (upper-case) nor file:PATH nor a placeholder (lower-case)", escapeFix)
		case !slices.Contains(allowed, name):
			fail(at+" has the placeholder ${"+name+"}, which nothing fills here", placeholderFix(name, allowed))
		default:
			add(placeholder, name)
		}
	}
}

// filled is a value that takes no placeholder, with its variables filled in. What a program says stands as it is.
func (r *reader) filled(path []string, written string) (text string, ok bool) {
	if r.literal {
		return written, true
	}
	parts, ok := r.expand(path, written, nil)
	return parts.String(), ok
}

// template takes a value apart whose problems are told already.
func (r *reader) template(written string, path ...string) template {
	allowed, _ := r.placeholders(path)
	parts, _ := r.expand(path, written, allowed)
	if parts == nil {
		parts = template{} // the empty text, not none
	}
	return parts
}

func placeholderFix(name string, allowed []string) string {
	if len(allowed) == 0 {
		return "environment variables are upper-case: ${" + strings.ToUpper(name) + "}; " + escapeFix
	}
	return spell.Hint(name, allowed, "the placeholders here are ")
}

// readInserted reads the file of a ${file:PATH}; why says what is wrong with it. Only regular files are read:
// a device or a pipe could keep the run waiting for ever.
func (r *reader) readInserted(path string) (content, why string) {
	if path == "" {
		return "", "has no name"
	}
	resolved := r.resolved(path)
	info, err := os.Stat(resolved)
	if err != nil {
		return "", cannotRead(err)
	}
	if !info.Mode().IsRegular() {
		return "", "is not a regular file"
	}
	file, err := os.Open(resolved)
	if err != nil {
		return "", cannotRead(err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxInserted+1))
	if err != nil {
		return "", cannotRead(err)
	}
	if len(data) > maxInserted {
		return "", "has more than 1 MiB"
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), ""
}

// resolved makes a path of the file relative to the file, not to where the tool was started.
func (r *reader) resolved(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(r.file), path)
}

// cannotRead is the system's reason without the path, which may have been expanded.
func cannotRead(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "does not exist"
	}
	var system syscall.Errno
	if errors.As(err, &system) {
		return "cannot be read (" + system.Error() + ")"
	}
	return "cannot be read"
}

// wholeVariable is a value that is a variable and nothing else.
var wholeVariable = regexp.MustCompile(`^\$\{([A-Z_][A-Z0-9_]*)\}$`)

// Variable is the environment variable that a value of the file is taken from; empty: it is taken from none, or in part.
func (t *Target) Variable(path ...string) string {
	if t.written == nil {
		return ""
	}
	node, _, found := t.written.Find(path...)
	if !found || node == nil {
		return ""
	}
	if match := wholeVariable.FindStringSubmatch(node.Text); match != nil {
		return match[1]
	}
	return ""
}
