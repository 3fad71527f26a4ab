package exchange

import (
	"net/http"
	"strings"
	"time"

	"gonogo/reports"
)

// Evidence is the exchange as a report may show it: without secrets, and with a command line that repeats
// the request.
func (r *Redactor) Evidence(x *Exchange, runStart time.Time) reports.Exchange {
	evidence := reports.Exchange{
		AtMS:       x.Sent.Sub(runStart).Milliseconds(),
		DurationMS: x.Received.Sub(x.Sent).Milliseconds(),
		Request: reports.Request{
			Method: x.Method, URL: r.URL(x.URL), Headers: headers(x.RequestHeader, r.String), Body: r.String(string(x.RequestBody)),
		},
		Response: reports.Response{Status: x.Status, Headers: headers(x.Header, r.Answer), Body: r.Answer(string(x.Body))},
	}
	if x.Cut {
		evidence.Response.Body += "…"
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

func headers(from http.Header, redact func(string) string) map[string][]string {
	shown := make(map[string][]string, len(from))
	for name, values := range from {
		for _, value := range values {
			shown[name] = append(shown[name], redact(value))
		}
	}
	return shown
}
