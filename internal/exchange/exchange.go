// Package exchange sends HTTP requests to the target and keeps each with its answer as evidence.
//
// It knows HTTP and secrets; it must never know what a request is for, what its answer ought to say, or any
// dialect.
package exchange

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"time"
)

// MaxBody is how much of an answer's body is kept. Token answers are a few hundred bytes; a page of consent
// is some tens of kilobytes.
const MaxBody = 1 << 20

// MaxToken is how long a token may be that anything is done with: what servers take of a whole request's header.
const MaxToken = 16 << 10

// Exchange is one request and what came of it. It holds secrets in clear: Redactor.Evidence makes the form
// that may leave the process.
type Exchange struct {
	Sent     time.Time // just before the request was written
	Received time.Time // when the whole answer, or the failure, was there

	Method        string
	URL           string
	RequestHeader http.Header
	RequestBody   []byte

	Status int // zero when no answer came
	Header http.Header
	Body   []byte
	Cut    bool // the answer's body was longer than is kept

	// Oversized is what in the answer is longer than is kept, beside a body that was cut; empty: nothing.
	Oversized string

	// Miscoded is what is wrong with how the body says that it is compressed; empty: nothing. Body is plain wherever it can be read.
	Miscoded string

	From Origin // where it was made to come from; the zero value: wherever this machine sends from

	Err       error // why no answer came
	Malformed bool  // something came that is no answer: that is the target's doing, and it is there
	Left      *Left // how it left together with others; nil: alone
	Repeated  bool  // the first attempt broke, and this is the repeat on a fresh connection

	// Twice says that the target may have acted on the request twice: an attempt broke after it had a
	// connection, so it may have been received and only its answer lost. A refusal says little then, for the
	// lost answer may have been the success. This holds for every method: there are dialects that refresh by GET.
	Twice bool
}

// Origin is where a request is made to come from. At most one of the two is set.
type Origin struct {
	Address netip.Addr // of this machine
	Proxy   string     // a URL, maybe with a password in it
}

// Answered reports whether an HTTP answer came.
func (x *Exchange) Answered() bool { return x.Err == nil }

// Succeeded reports a 2xx answer.
func (x *Exchange) Succeeded() bool { return x.Answered() && x.Status >= 200 && x.Status <= 299 }

// Refused reports a 4xx answer.
func (x *Exchange) Refused() bool { return x.Answered() && x.Status >= 400 && x.Status <= 499 }

// Redirected reports a 3xx answer with a Location.
func (x *Exchange) Redirected() bool {
	return x.Answered() && x.Status >= 300 && x.Status <= 399 && x.Header.Get("Location") != ""
}

// JSON decodes the answer's body; ok is false when it is not exactly one JSON value.
func (x *Exchange) JSON() (value any, ok bool) {
	if !x.Answered() || x.Cut {
		return nil, false
	}
	return value, json.Unmarshal(x.Body, &value) == nil
}

// Date is the answer's Date header, the target's clock to the second.
func (x *Exchange) Date() (time.Time, bool) {
	at, err := http.ParseTime(x.Header.Get("Date"))
	return at, err == nil
}
