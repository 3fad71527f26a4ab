package exchange

import (
	"net/http"
	"net/url"
	"slices"
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
			Method: x.Method, URL: r.URL(x.URL), Headers: r.headers(x.RequestHeader), Body: r.String(string(x.RequestBody)),
		},
		Response: reports.Response{Status: x.Status, Headers: r.headers(x.Header), Body: r.String(string(x.Body))},
	}
	evidence.Curl = curl(evidence.Request)
	if x.Err != nil {
		evidence.Error = r.String(x.Err.Error())
	}
	return evidence
}

// URL is an address without secrets, its escapes left readable.
func (r *Redactor) URL(address string) string {
	address = r.String(address)
	if u, err := url.Parse(address); err == nil && u.User != nil {
		u.User = url.User("‹userinfo›")
		return u.String()
	}
	return address
}

func (r *Redactor) headers(headers http.Header) map[string][]string {
	shown := make(map[string][]string, len(headers))
	for name, values := range headers {
		for _, value := range values {
			shown[name] = append(shown[name], r.String(value))
		}
	}
	return shown
}

func curl(request reports.Request) string {
	words := []string{"curl", "-sS", "-i"}
	if request.Method != http.MethodGet || request.Body != "" {
		words = append(words, "-X", request.Method)
	}
	names := make([]string, 0, len(request.Headers))
	for name := range request.Headers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if name != "User-Agent" && name != "Accept-Encoding" && name != "Content-Length" {
			words = append(words, "-H", shellQuote(name+": "+strings.Join(request.Headers[name], ", ")))
		}
	}
	if request.Body != "" {
		words = append(words, "--data-raw", shellQuote(request.Body))
	}
	return strings.Join(append(words, shellQuote(request.URL)), " ")
}

func shellQuote(word string) string {
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
