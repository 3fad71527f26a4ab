package operation

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"gonogo/specs"
)

func (op *Op) body(args Args, form url.Values, object map[string]any) (body []byte, media string, err error) {
	example := op.example(args.Unique)
	if op.revoking != nil {
		example = op.revoking.Fill(map[string]string{"access_token": args.Tokens["access"], "refresh_token": args.Tokens["refresh"]})
	}
	switch {
	case example != nil:
		media = "application/json"
		body, err = encodeJSON(example)
	case op.Sends(specs.InJSON):
		media = "application/json"
		body, err = encodeJSON(object)
		body = doubled(body, object, args.Twice)
	case op.Sends(specs.InForm):
		media = "application/x-www-form-urlencoded"
		body = []byte(form.Encode())
	}
	if args.RawBody != nil {
		body = []byte(*args.RawBody)
	}
	body = append(body, args.Trailing...)
	if args.Media != "" {
		media = args.Media
	}
	return body, media, err
}

// example is the body of an operation that takes one and has no inputs in it; nil for all others.
func (op *Op) example(unique string) any {
	if op.made == nil || op.Sends(specs.InJSON) || op.Sends(specs.InForm) {
		return nil
	}
	return op.made(cmp.Or(unique, Unique()))
}

// Unique is a short text that no other request of this run or another contains.
func Unique() string { return strings.ToLower(rand.Text()[:12]) }

// Sends reports whether any of the operation's inputs stands in a part of the request.
func (op *Op) Sends(part specs.Part) bool {
	return slices.ContainsFunc(op.Inputs, func(input specs.Input) bool { return input.In == part })
}

// doubled is a JSON object in which some of its members stand twice.
func doubled(object []byte, members map[string]any, twice map[string]bool) []byte {
	for name := range twice {
		if value, there := members[name]; there {
			again, err := encodeJSON(map[string]any{name: value})
			if err == nil {
				object = slices.Concat(again[:len(again)-1], []byte{','}, object[1:])
			}
		}
	}
	return object
}

// encodeJSON leaves <, > and & as they are: some servers compare secrets before they decode escapes.
func encodeJSON(object any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(object)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}
