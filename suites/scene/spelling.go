package scene

import (
	"bytes"
	"errors"

	"gonogo/internal/client"
	"gonogo/internal/exchange"
	"gonogo/internal/operation"
)

// CallSpelt sends what is no request of the operation any more: another spelling of its path, another method. What comes is no answer of
// the operation's, whatever it is, so that nothing looks it over but who asked for it. It is nil where nothing came.
func (t *Trial) CallSpelt(op *operation.Op, args operation.Args, doing string) *client.Reply {
	t.Complete(op, &args)
	x, err := t.Trial.Send(t.ctx, must(op.Request(t.ctx, args)))
	if _, silent := errors.AsType[*exchange.NoAnswer](err); silent {
		return nil
	}
	t.Stop(err)
	reply := &client.Reply{Answer: op.Read(x), Doing: doing}
	for kind, value := range reply.Tokens {
		t.Secret(kind, value)
	}
	return reply
}

// SameAnswer reports whether an answer shows what another does: the same text, or JSON of the same kind. Whoever is not known may be
// shown less of it: a list without elements, an object that lacks members.
func SameAnswer(a, b *client.Reply) bool {
	if !a.Succeeded() || !b.Succeeded() {
		return false
	}
	left, isJSON := a.JSON()
	right, isToo := b.JSON()
	if isJSON && isToo {
		return sameKind(left, right)
	}
	return len(a.Body) > 0 && bytes.Equal(a.Body, b.Body)
}

// sameKind reports two arrays whose elements are of one kind, or two objects of which one has all members of the other, and some.
func sameKind(a, b any) bool {
	switch left := a.(type) {
	case map[string]any:
		right, is := b.(map[string]any)
		if len(left) > len(right) {
			left, right = right, left
		}
		for name := range left {
			if _, has := right[name]; !has {
				return false
			}
		}
		return is && len(left) > 0
	case []any:
		right, is := b.([]any)
		return is && (len(left) == 0 || len(right) == 0 || sameKind(left[0], right[0]))
	default:
		return a == b
	}
}
