// Package coding reads bodies that were compressed on their way (RFC 9110 section 8.4).
//
// It must never know whose they are, or what stands in them.
package coding

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"strings"
)

// ErrUnknown is a coding that this package cannot read.
var ErrUnknown = errors.New("a coding that cannot be read here")

// Packed reports a body that begins as every gzip does (RFC 1952 section 2.3). No JSON, form or page begins like that.
func Packed(body []byte) bool { return bytes.HasPrefix(body, []byte{0x1f, 0x8b, 0x08}) }

// Decode is a body without the codings that the Content-Encoding names, of at most room bytes and one more. A body that is empty or has no
// coding stays as it is. The error is ErrUnknown, or that the body is not what its coding says.
func Decode(contentEncoding string, body []byte, room int) ([]byte, error) {
	names := strings.Split(contentEncoding, ",")
	for i := len(names) - 1; i >= 0 && len(body) > 0; i-- {
		var plain io.Reader
		var err error
		switch strings.ToLower(strings.TrimSpace(names[i])) {
		case "", "identity":
			continue
		case "gzip", "x-gzip":
			plain, err = gzip.NewReader(bytes.NewReader(body))
		case "deflate": // zlib by the standard, and bare by habit
			if plain, err = zlib.NewReader(bytes.NewReader(body)); err != nil {
				plain, err = flate.NewReader(bytes.NewReader(body)), nil
			}
		default:
			return body, ErrUnknown
		}
		if err != nil {
			return body, err
		}
		read, err := io.ReadAll(io.LimitReader(plain, int64(room)+1))
		if err != nil {
			return body, err
		}
		body = read
	}
	return body, nil
}
