package specs

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed *.yaml
var builtin embed.FS

//go:embed common/requirements.yaml
var commonRequirements []byte

// Builtin lists the ids of the dialects that come with the tool.
func Builtin() []string {
	entries, err := builtin.ReadDir(".")
	if err != nil {
		panic("specs: the embedded documents are gone: " + err.Error()) // a broken build, never input
	}
	ids := make([]string, len(entries))
	for i, entry := range entries {
		ids[i] = strings.TrimSuffix(entry.Name(), path.Ext(entry.Name()))
	}
	return ids
}

// Load reads a dialect by built-in id or by the path of a document. The error of a document that can be
// found is a Problems with file, line and fix.
func Load(idOrPath string) (*Dialect, error) {
	file, data, err := Open(idOrPath)
	if err != nil {
		return nil, err
	}
	return Parse(file, data)
}

// Open finds a document's text by built-in id or path.
func Open(idOrPath string) (file string, data []byte, err error) {
	if slices.Contains(Builtin(), idOrPath) {
		data, err = builtin.ReadFile(idOrPath + ".yaml")
		return "specs/" + idOrPath + ".yaml", data, err
	}
	if !strings.ContainsAny(idOrPath, "./\\") {
		return "", nil, fmt.Errorf("there is no dialect %q: the built-in ones are %s; a document of your own is named by its path", idOrPath, strings.Join(Builtin(), ", "))
	}
	data, err = os.ReadFile(idOrPath)
	if err != nil {
		if failed, ok := errors.AsType[*fs.PathError](err); ok {
			err = failed.Err // the path is named already
		}
		return "", nil, fmt.Errorf("the document %s cannot be read: %w", idOrPath, err)
	}
	return idOrPath, data, nil
}

// Parse reads a document. Everything wrong with it is reported at once, as Problems.
func Parse(file string, data []byte) (*Dialect, error) {
	if read := builtinDialects()[file]; read != nil && bytes.Equal(data, read.data) {
		return read.dialect()
	}
	return parse(file, data, checkExtensions)
}

// builtinDialect is a built-in document that is read once, when it is first asked for: reading takes
// milliseconds, and a run that proves every defect asks a few hundred times.
type builtinDialect struct {
	data    []byte
	dialect func() (*Dialect, error)
}

var builtinDialects = sync.OnceValue(func() map[string]*builtinDialect {
	all := map[string]*builtinDialect{}
	for _, id := range Builtin() {
		file, data, err := Open(id)
		if err != nil {
			panic("specs: the embedded documents are gone: " + err.Error()) // a broken build, never input
		}
		all[file] = &builtinDialect{data, sync.OnceValues(func() (*Dialect, error) {
			d, err := parse(file, data, shaped)
			if d != nil {
				d.BuiltIn = true
			}
			return d, err
		})}
	}
	return all
})

// shaped is for the built-in documents, whose extensions this package's tests hold against their schema: it takes longer to compile that
// than to read a document, and every process would.
func shaped(*source) Problems { return nil }

func parse(file string, data []byte, shape func(*source) Problems) (*Dialect, error) {
	dialect, problems := examine(file, data, shape)
	if fatal := problems.Fatal(); len(fatal) > 0 {
		return nil, fatal.Sorted()
	}
	return dialect, nil
}

// Lint reports everything wrong with a document and everything worth mending, in the order of its lines.
func Lint(file string, data []byte) Problems {
	_, problems := examine(file, data, checkExtensions)
	return problems.Sorted()
}

func examine(file string, data []byte, shape func(*source) Problems) (*Dialect, Problems) {
	src, err := parseSource(file, data)
	if err != nil {
		return nil, err.(Problems)
	}
	if problems := checkVersion(src); len(problems) > 0 {
		return nil, problems
	}
	if problems := shape(src); len(problems) > 0 {
		return nil, problems
	}
	doc, problems := readOpenAPI(src, data)
	if len(problems) > 0 {
		return nil, problems
	}
	sum := sha256.Sum256(data)
	b := &builder{src: src, doc: doc, dialect: &Dialect{
		File: file, SHA256: hex.EncodeToString(sum[:]),
		Title: doc.Info.Title, Version: doc.Info.Version, Doc: doc,
	}}
	b.build()
	b.check()
	return b.dialect, b.problems
}

// common are the rows of every dialect.
var common = sync.OnceValue(func() []Requirement {
	var table struct {
		Requirements []Requirement `json:"requirements"`
	}
	src, err := parseSource("specs/common/requirements.yaml", commonRequirements)
	if err == nil {
		err = src.decode(&table)
	}
	if err != nil {
		panic("specs: the embedded requirement table is broken: " + err.Error()) // a broken build, never input
	}
	for i := range table.Requirements {
		table.Requirements[i].At = src.at("requirements", fmt.Sprint(i))
	}
	return table.Requirements
})
