package exchange

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"gonogo/internal/traceparent"
	"gonogo/reports"
)

// Evidence is the exchange as a report may show it: without secrets, and with a command line that repeats
// the request.
func (r *Redactor) Evidence(x *Exchange, runStart time.Time) reports.Exchange {
	evidence := reports.Exchange{
		Sent: x.Sent, Received: x.Received,
		AtMS:       x.Sent.Sub(runStart).Milliseconds(),
		DurationMS: x.Received.Sub(x.Sent).Milliseconds(),
		Request: reports.Request{
			Method: x.Method, URL: shown(x.URL, r.URL), Headers: headers(x.RequestHeader, r.String), Body: shown(string(x.RequestBody), r.String),
		},
		Response: reports.Response{Status: x.Status, Headers: headers(x.Header, r.Answer), Body: shown(string(x.Body), r.Answer)},
	}
	evidence.TraceID, evidence.SpanID, _ = traceparent.Read(http.Header(evidence.Request.Headers).Get(traceparent.Name))
	if x.Cut {
		evidence.Response.Body += "… [cut: the rest was not kept]"
	}
	evidence.Curl = curl(evidence.Request, Origin{x.From.Address, r.URL(x.From.Proxy)})
	if left := x.Left; left != nil {
		evidence.Together = &reports.Together{
			Requests: left.Requests, Held: left.Held, SpreadUS: left.Spread.Microseconds(), AfterUS: left.After.Microseconds(),
			Protocol: left.Protocol, Address: r.String(left.Address), Proxied: left.Proxied,
		}
	}
	if x.Err != nil {
		evidence.Error = r.Answer(x.Err.Error())
	}
	return evidence
}

// URL is an address without secrets, its escapes left readable.
func (r *Redactor) URL(address string) string {
	return r.String(withoutUserinfo(address))
}

// withoutUserinfo hides who signs in with the address itself (RFC 3986 section 3.2.1). It parses nothing: an
// address too broken to be parsed can still hold a password.
func withoutUserinfo(address string) string {
	scheme, rest, found := strings.Cut(address, "://")
	if !found {
		return address
	}
	end := len(rest)
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		end = i
	}
	at := strings.LastIndexByte(rest[:end], '@')
	if at < 0 {
		return address
	}
	return scheme + "://‹userinfo›" + rest[at:]
}

// What of a text is shown, and how many header lines of a name. Reports cut bodies at less.
const (
	longestShown = 8 << 10
	mostLines    = 20
)

// shown is the beginning of a text that may be long, redacted. The end of what is looked at could be the beginning of a
// secret that goes on, so that is left out.
func shown(text string, redact func(string) string) string {
	if len(text) <= longestShown+MaxToken {
		return redact(text)
	}
	begin := redact(text[:longestShown+MaxToken])
	return fmt.Sprintf("%s… [cut: the whole has %d bytes]", strings.ToValidUTF8(begin[:max(len(begin)-MaxToken, 0)], ""), len(text))
}

func headers(from http.Header, redact func(string) string) map[string][]string {
	all := make(map[string][]string, len(from))
	for name, values := range from {
		for i, value := range values {
			if i == mostLines {
				all[name] = append(all[name], fmt.Sprintf("… [cut: %d more]", len(values)-i))
				break
			}
			all[name] = append(all[name], shown(value, redact))
		}
	}
	return all
}
