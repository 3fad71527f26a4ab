package exchange

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"golang.org/x/net/http/httpguts"

	"gonogo/internal/traceparent"
)

// prepare looks whether the request can be sent at all, completes its headers, and takes its body. What
// net/http refuses to send must not look like an answer that did not come.
func (c *Client) prepare(req *http.Request) ([]byte, error) {
	if req.Header == nil {
		req.Header = http.Header{}
	}
	headers := c.options.Headers
	if !c.home(req.URL) {
		headers = nil
	}
	for name, value := range headers {
		if len(req.Header.Values(name)) == 0 {
			req.Header.Set(name, value)
		}
	}
	if scheme := req.URL.Scheme; scheme != "http" && scheme != "https" || req.URL.Host == "" {
		return nil, errors.New("a request cannot be sent: its URL is not one of http or https with a host")
	}
	for name, values := range req.Header {
		if !httpguts.ValidHeaderFieldName(name) || !allValid(values) {
			return nil, fmt.Errorf("a request cannot be sent: its header %q has characters that no header may have", name)
		}
	}
	if req.Body == nil || req.Body == http.NoBody {
		return nil, nil
	}
	defer func() { _ = req.Body.Close() }()
	return io.ReadAll(req.Body)
}

// home reports whether a host is to be told the Headers.
func (c *Client) home(at *url.URL) bool { return c.options.Home == nil || c.options.Home(at) }

// named are the headers of one attempt, by whose trace the target's logs and traces know it from every other.
func (c *Client) named(req *http.Request) http.Header {
	header := req.Header.Clone()
	if c.options.Trace != nil && len(header[traceparent.Name]) == 0 && c.home(req.URL) {
		header.Set(traceparent.Name, c.options.Trace.Next())
	}
	return header
}

func allValid(values []string) bool {
	for _, value := range values {
		if !httpguts.ValidHeaderFieldValue(value) {
			return false
		}
	}
	return true
}
