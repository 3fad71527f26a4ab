package app

import (
	"os"
	"slices"

	"gonogo/internal/yamlfile"
	"gonogo/specs"
)

// sorted are the arguments of a command: dialects, by built-in id or by the path of a document, and target files.
func sorted(args []string) (dialects, targets []string, err error) {
	for _, arg := range args {
		switch kind, err := kindOf(arg); {
		case err != nil:
			return nil, nil, err
		case kind == targetFile:
			targets = append(targets, arg)
		default:
			dialects = append(dialects, arg)
		}
	}
	return dialects, targets, nil
}

// kind is what an argument names.
type kind int

const (
	dialect    kind = iota // by its id or its document; also what names nothing, which whoever reads it says
	targetFile             // what describes a target
)

// kindOf tells by the keys of a file what it is.
func kindOf(arg string) (kind, error) {
	if slices.Contains(specs.Builtin(), arg) {
		return dialect, nil
	}
	data, err := os.ReadFile(arg)
	if err != nil {
		return dialect, nil
	}
	root, problems := yamlfile.Read(arg, data, yamlfile.Rules{Extended: true})
	if len(problems) > 0 {
		return 0, usageError{problems}
	}
	has := func(key string) bool { return root != nil && slices.Contains(root.Keys(), key) }
	isDocument := has("openapi") || has("swagger")
	isTarget := has("base_url") || has("credentials") || has("dialect")
	switch {
	case isDocument && isTarget:
		return 0, usagef("%s has keys of an OpenAPI document and of a target file; make two files of it", arg)
	case isTarget:
		return targetFile, nil
	case !isDocument:
		return 0, usagef("%s is neither an OpenAPI document, which has the key openapi, nor a target file, which has dialect, base_url and credentials", arg)
	}
	return dialect, nil
}

// isDialect reports whether an id or a path names the dialect with this id.
func isDialect(id, name string) bool {
	if name == id {
		return true
	}
	other, err := specs.Load(name)
	return err == nil && other.ID == id
}
