package operation

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth is how deep arrays and objects may stand in each other. It is the decoder's own limit, and encoding/json's.
const maxDepth = 10_000

// decoders are kept: each has a table of short texts of 4 KB, more than most bodies.
var decoders = sync.Pool{New: func() any { return new(jsontext.Decoder) }}

// decodeStrict decodes exactly one JSON value: trailing bytes and a member that stands twice in one object are errors,
// because two readers of such a body can see different tokens (RFC 8259 section 4). No error quotes the body.
func decodeStrict(body []byte) (value any, err error) {
	decoder := decoders.Get().(*jsontext.Decoder)
	defer decoders.Put(decoder)
	decoder.Reset(bytes.NewBuffer(body), jsontext.AllowInvalidUTF8(true))
	err = json.UnmarshalDecode(decoder, &value)
	switch {
	case errors.Is(err, io.EOF):
		return nil, errors.New("an empty body")
	case errors.Is(err, jsontext.ErrDuplicateName):
		return nil, errors.New("an object that has one member twice")
	case err != nil && decoder.StackDepth() == maxDepth:
		return nil, fmt.Errorf("JSON nested deeper than %d levels", maxDepth)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errors.New("JSON that breaks off before its end")
	case err != nil:
		return nil, errors.New("something that is not JSON")
	}
	if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something after the JSON value")
	}
	return value, nil
}
