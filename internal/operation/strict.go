package operation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxDepth is how deep arrays and objects may stand in each other. It is encoding/json's own limit, which its
// Decoder.Token does not keep: a megabyte of [ would use up the stack, and that ends the process.
const maxDepth = 10_000

// decodeStrict decodes exactly one JSON value: trailing bytes and a member that stands twice in one object
// are errors, because two readers of such a body can see different tokens (RFC 8259 section 4).
func decodeStrict(body []byte) (any, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, errors.New("an empty body")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	value, err := decodeValue(decoder, 1)
	if err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something after the JSON value")
	}
	return value, nil
}

var errNotJSON = errors.New("something that is not JSON")

func decodeValue(decoder *json.Decoder, depth int) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, notJSON(err)
	}
	if _, nested := token.(json.Delim); nested && depth > maxDepth {
		return nil, fmt.Errorf("JSON nested deeper than %d levels", maxDepth)
	}
	switch token {
	case json.Delim('{'):
		return decodeObject(decoder, depth)
	case json.Delim('['):
		list := []any{}
		for decoder.More() {
			value, err := decodeValue(decoder, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err := decoder.Token()
		return list, notJSON(err)
	}
	return token, nil
}

func decodeObject(decoder *json.Decoder, depth int) (any, error) {
	object := map[string]any{}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, notJSON(err)
		}
		name, ok := key.(string)
		if !ok {
			return nil, errNotJSON
		}
		value, err := decodeValue(decoder, depth+1)
		if err != nil {
			return nil, err
		}
		if _, twice := object[name]; twice {
			return nil, errors.New("an object that has one member twice")
		}
		object[name] = value
	}
	_, err := decoder.Token()
	return object, notJSON(err)
}

// notJSON hides the decoder's message, which can quote the body.
func notJSON(err error) error {
	if err == nil {
		return nil
	}
	return errNotJSON
}
