package scene

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"

	"gonogo/internal/client"
	"gonogo/internal/exchange"
	"gonogo/internal/operation"
)

// CallSpelt sends an operation's request to another spelling of its path. What comes is no answer of the operation's, whatever it is, so
// that nothing looks it over but who asked for it. It is nil where nothing came.
func (t *Trial) CallSpelt(op *operation.Op, args operation.Args, doing string) *client.Reply {
	args.Credential = t.Client.Credential
	x, err := t.Trial.Send(t.ctx, must(op.Request(t.ctx, args)))
	if _, silent := errors.AsType[*exchange.NoAnswer](err); silent {
		return nil
	}
	t.Stop(err)
	return &client.Reply{Answer: op.Read(x), Doing: doing}
}

// SameAnswer reports whether an answer tells what another does: the same text, or JSON with the same members.
func SameAnswer(a, b *client.Reply) bool {
	if !a.Succeeded() || !b.Succeeded() {
		return false
	}
	left, isJSON := a.JSON()
	right, isToo := b.JSON()
	if isJSON && isToo {
		return shapeOf(left) == shapeOf(right)
	}
	return len(a.Body) > 0 && bytes.Equal(a.Body, b.Body)
}

// shapeOf is what members a JSON value has, and none of their values. Of an array the first element counts.
func shapeOf(value any) string {
	switch v := value.(type) {
	case map[string]any:
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, name+shapeOf(v[name]))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case []any:
		if len(v) > 0 {
			return "[" + shapeOf(v[0]) + "]"
		}
		return "[]"
	default:
		return ""
	}
}
