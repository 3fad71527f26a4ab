package front

import (
	"net/http"
	"net/url"
	"time"
)

// Exchange is a request that came to the front, what became of it, and what was done to it.
//
// From Begun until Over only what stands above Answer may be read; after Over nothing of it changes any more.
type Exchange struct {
	Number    int       // 1 for the first; in the order of Arrived
	Server    string    // the document's server it came to
	From      string    // the client's address and port
	Situation string    // that was on when it arrived
	Arrived   time.Time // wall clock: head and body were there
	At        time.Time // the same, by the API's clock
	Request   Request

	Answer   *Answer   // as the client was given it; nil: none
	Origin   *Answer   // what upstream said, before links and deeds; nil: it was not asked, or did not answer
	Done     time.Time // wall clock: the last byte of the answer has left, or the client is gone
	Until    time.Time // the same, by the API's clock
	Deed     string    // what was done to it, in the word of its Deed, or Gone, Broken, Ended; "": nothing
	Why      string    // a sentence beside Gone, Broken and Ended
	Received bool      // the whole answer was written, and the client did not go before
	// Sealed are the claims of signed tokens in the answer that name upstream's address, such as iss: no one but upstream can
	// change them, and a client that holds them against the watched address will refuse the token.
	Sealed []string
}

// Deeds that nobody ordered.
const (
	// Gone: upstream gave no answer that could be read. The client was given a 502 of the front's own.
	Gone = "upstream-gone"
	// Broken: upstream's answer ended before its end, and so did the client's.
	Broken = "upstream-broken"
	// Ended: the front was closed before there was an answer. The client was given none.
	Ended = "watch-ended"
)

// Request is what a client sent.
type Request struct {
	Method string
	URL    *url.URL    // absolute, as the client addressed it
	Header http.Header // with Host
	Body   []byte      // as it was sent: still coded, where Content-Encoding says so
	Cut    bool        // it is longer than what is kept here; all of it was handed on
}

// Answer is what a server or the front said.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte // still coded, where Content-Encoding says so
	Cut    bool   // it is longer than what is kept here; all of it was handed on
}

// Deed is what is done to an exchange. The zero Deed does nothing.
type Deed struct {
	Name string
	// Instead is the answer of a request that upstream never sees.
	Instead *Answer
	// Delay is how long the answer is held back, by the wall clock. It ends early when the client goes.
	Delay time.Duration
	// Change rewrites an answer before it is given. Its body is without its Content-Encoding, where that can be read. Of an
	// answer that is Cut, a change of the body does not count.
	Change func(*Answer)
	// Cut: upstream acts, then the connection is reset in place of an answer.
	Cut bool
}
