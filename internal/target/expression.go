package target

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"gonogo/specs"
)

// Expression names a value in an answer the way OpenAPI's runtime expressions do:
// "$response.body#/user/id" is a JSON pointer (RFC 6901) into the answer's body.
type Expression string

// Pointer is the JSON pointer of the expression.
func (e Expression) Pointer() string { return strings.TrimPrefix(string(e), "$response.body#") }

// Text is the string or number that the expression names in a JSON body. A number is its shortest decimal
// form, so that 101, 101.0 and "101" are the same user; large integers keep every digit.
func (e Expression) Text(body []byte) (string, bool) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return "", false
	}
	value, _ = specs.Pointer(e.Pointer()).Body(value)
	switch v := value.(type) {
	case string:
		return v, true
	case json.Number:
		return numberText(v.String()), true
	default:
		return "", false
	}
}

// numberText is the plain form of a whole number written as 101.0 or 1.01e2.
func numberText(text string) string {
	if !strings.ContainsAny(text, ".eE") {
		return text
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
		return text
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
