package client

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"gonogo/internal/operation"
)

// Reply is an answer together with what was special about its request.
type Reply struct {
	*operation.Answer
	Doing string
}

// Sent says what was sent.
func (r *Reply) Sent() string {
	if r.Doing == "" {
		return r.Op.Name()
	}
	return r.Op.Name() + " " + r.Doing
}

// Got says what came: the status, and what stood in the answer by kind, never by value.
func (r *Reply) Got() string {
	return Got(r.Status, slices.Sorted(maps.Keys(r.Tokens))...)
}

// Got is a status, with the kinds of tokens that came under it.
func Got(status int, carried ...string) string {
	text := strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
	if len(carried) > 0 {
		text += ", carrying " + strings.Join(carried, " and ")
	}
	return text
}

// Affirms reports whether the answer says that the token it was asked with is good: by its success, or in the words of an
// operation that says more.
func (r *Reply) Affirms() bool {
	if r.Op.Says == nil || !r.Succeeded() {
		return r.Succeeded()
	}
	value, ok := r.Value(r.Op.Says.Valid)
	return ok && value == true
}
