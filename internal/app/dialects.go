package app

import (
	"slices"
	"strings"

	"gonogo/reference"
	"gonogo/specs"
)

// served reports whether the reference server speaks a dialect.
func served(dialect string) bool { return slices.Contains(reference.Dialects(), dialect) }

// servedDialect reads the document of a dialect, which the reference server is to be the target of.
func servedDialect(id string) (*specs.Dialect, error) {
	d, err := specs.Load(id)
	switch {
	case err != nil:
		return nil, usageError{err}
	case !served(d.ID):
		return nil, usagef("the reference server does not speak %s; name a target with --target", d.ID)
	}
	return d, nil
}

// allServed looks whether the reference server speaks all of these.
func allServed(dialects []string) error {
	for _, id := range dialects {
		if !served(id) {
			return usagef("the reference server does not speak %q; it speaks %s", id, strings.Join(reference.Dialects(), ", "))
		}
	}
	return nil
}
