package yamlfile

import (
	"encoding/json"
	"maps"
	"slices"
)

// Of is the tree of a Go value, as encoding/json writes it: what a program says instead of a file. Nothing in it has
// a line.
func Of(value any) (*Node, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		return nil, err
	}
	return of(plain), nil
}

func of(value any) *Node {
	made := &Node{}
	switch v := value.(type) {
	case map[string]any:
		made.Kind = Mapping
		for _, key := range slices.Sorted(maps.Keys(v)) {
			made.Pairs = append(made.Pairs, Pair{Key: key, Value: of(v[key])})
		}
	case []any:
		made.Kind = List
		for _, item := range v {
			made.Items = append(made.Items, of(item))
		}
	case string:
		made.scalar(v, v)
	case nil:
	default:
		text, _ := json.Marshal(v) // a number or a bool
		made.scalar(string(text), v)
	}
	return made
}
