package scene

import (
	"net/http"
	"slices"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
)

// Door is one way to show an access token at the path of an operation: by a method that takes it, in a place that it may
// stand in. Who guards one may forget another.
type Door struct {
	Op        *operation.Op
	Carrier   string // the security scheme that the token is presented by, or …
	Parameter string // … the parameter of a form that it stands in
	first     bool   // the operation's own first
}

// Doors are all that the document has at the path of an operation, the operation's own first one first.
func (s *Subject) Doors(op *operation.Op) []Door {
	doors := s.OwnDoors(op)
	for _, other := range s.Ops.All() {
		if other.Role == specs.RolePlacement && other != op && other.Path == op.Path {
			doors = append(doors, s.OwnDoors(other)...)
		}
	}
	if len(doors) > 0 {
		doors[0].first = true
	}
	return doors
}

// Where names what all doors of an operation lead to: the operation, or its path where other methods take the token, too.
func (s *Subject) Where(op *operation.Op) string {
	if slices.ContainsFunc(s.Doors(op), func(d Door) bool { return d.Op != op }) {
		return op.Path
	}
	return op.Name()
}

// OtherDoors is how many doors an operation has besides the first: how many requests a look at all of them takes more.
func (s *Subject) OtherDoors(op *operation.Op) int { return max(len(s.Doors(op))-1, 0) }

// OwnDoors are those of an operation's own method.
func (s *Subject) OwnDoors(op *operation.Op) []Door {
	var doors []Door
	for _, auth := range op.Auth {
		if auth.Carries == client.Access {
			doors = append(doors, Door{Op: op, Carrier: auth.Scheme})
		}
	}
	if parameter := s.Dialect.TokenParameter(op.Operation); parameter != "" {
		doors = append(doors, Door{Op: op, Parameter: parameter})
	}
	return doors
}

// OpenDoors are the doors of an operation: its first, and those of the others that a live token was seen to open. A target
// need not have the rest.
func (t *Trial) OpenDoors(op *operation.Op) []Door {
	t.run.mu.RLock()
	defer t.run.mu.RUnlock()
	var open []Door
	for _, door := range t.Doors(op) {
		if door.first || t.run.open[door] {
			open = append(open, door)
		}
	}
	return open
}

// tryDoors finds out which doors a live token opens.
func (t *Trial) tryDoors(access string) {
	for _, op := range t.Ops.ByRole(specs.RoleUse) {
		for _, door := range t.Doors(op) {
			if door.first || !t.Has(op) || !t.Show(door, access, "to see whether it opens").Succeeded() {
				continue
			}
			t.run.mu.Lock()
			t.run.open[door] = true
			t.run.mu.Unlock()
		}
	}
}

// Show shows a token at a door.
func (t *Trial) Show(d Door, access, doing string) *client.Reply {
	return t.Call(d.Op, d.Args(map[string]string{client.Access: access}), doing+d.where())
}

// Args are what a request at the door is made of.
func (d Door) Args(tokens map[string]string) operation.Args {
	if d.Parameter != "" {
		return operation.Args{NoAuth: true, Inputs: map[string]any{d.Parameter: tokens[client.Access]}, WithoutDoc: true}
	}
	return operation.Args{Tokens: tokens, Carrier: d.Carrier, WithoutDoc: d.Op.Role == specs.RolePlacement}
}

// where tells the door from the operation's first.
func (d Door) where() string {
	switch {
	case d.Parameter != "":
		return ", as parameter " + d.Parameter + " of a form"
	case d.first:
		return ""
	default:
		return ", in its place for " + d.Carrier
	}
}

// OpensAll wants a live token to open every door of an operation.
func (t *Trial) OpensAll(op *operation.Op, access, doing string) bool {
	return t.EachDoor(op, func(door Door) { t.Succeeds(t.Show(door, access, doing)) })
}

// OpensNone wants a dead token to open no door of an operation.
func (t *Trial) OpensNone(op *operation.Op, access, doing string) bool {
	return t.EachDoor(op, func(door Door) { t.Dead(t.Show(door, access, doing)) })
}

// EachDoor looks at the open doors of an operation until something is found, and reports whether nothing was.
func (t *Trial) EachDoor(op *operation.Op, look func(Door)) bool {
	return t.each(t.OpenDoors(op), look)
}

// EachOther is EachDoor without the first.
func (t *Trial) EachOther(op *operation.Op, look func(Door)) bool {
	open := t.OpenDoors(op)
	return t.each(open[min(1, len(open)):], look)
}

func (t *Trial) each(doors []Door, look func(Door)) bool {
	for _, door := range doors {
		if look(door); t.Failed() {
			return false
		}
	}
	return true
}

// NotThere reports an answer that says of a request that there is no such operation, rather than what is wrong with it.
func NotThere(reply *client.Reply) bool {
	return reply.Status == http.StatusNotFound || reply.Status == http.StatusMethodNotAllowed || reply.Status == http.StatusNotImplemented
}
