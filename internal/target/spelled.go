package target

import (
	"slices"
	"strconv"
	"strings"

	"gonogo/internal/yamlfile"
)

// Spelled are the keys whose values are secrets that stand in the file itself, in its order. A secret that is taken from a variable or
// from a file by ${…} does not.
func (t *Target) Spelled() (keys []string) {
	secrets := t.Secrets()
	var walk func(n *yamlfile.Node, path []string)
	walk = func(n *yamlfile.Node, path []string) {
		for _, p := range n.Pairs {
			walk(p.Value, slices.Concat(path, []string{p.Key}))
		}
		for i, item := range n.Items {
			walk(item, slices.Concat(path, []string{strconv.Itoa(i)}))
		}
		if n.Kind != yamlfile.Scalar {
			return
		}
		proves := len(path) == 3 && path[0] == "credentials" && t.Proves(path[1], path[2])
		if proves && !strings.Contains(n.Text, "${") || slices.ContainsFunc(secrets, func(secret string) bool { return strings.Contains(n.Text, secret) }) {
			keys = append(keys, strings.Join(path, "."))
		}
	}
	if t.written != nil {
		walk(t.written, nil)
	}
	return keys
}
