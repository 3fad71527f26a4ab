package scene

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"gonogo/internal/consent"
	"gonogo/internal/exchange"
)

// inBrowser is the driver for pages that take a real browser, nil if there is none.
func (t *Trial) inBrowser() consent.Driver {
	if t.Browser().Missing() != "" {
		return nil
	}
	return consent.InBrowser(t.Browser())
}

// Load fetches a script or a style sheet of a page: no evidence, and no answer of the target's that anybody judges.
func (w *watcher) Load(ctx context.Context, req *http.Request) (*exchange.Exchange, error) {
	return w.trial.Quiet(exchange.Whole(ctx), req)
}

// handed names what reached the opener, and no value of it.
func (c *Consented) handed() string {
	var parts []string
	for _, h := range c.Handed {
		part := "a message"
		if h.URL != nil {
			part = "a navigation"
		}
		var names []string
		for name := range h.Params {
			if name != "" {
				names = append(names, name)
			}
		}
		if slices.Sort(names); len(names) > 0 {
			part += " with " + strings.Join(names, " ")
		}
		if !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

// handedParams is what reached the opener, each way by itself.
func handedParams(result consent.Result) []url.Values {
	var all []url.Values
	for _, h := range result.Handed {
		all = append(all, h.Params)
	}
	return all
}

// OpenerCodes are what may be the code among what reached the window that opened the popup, the likeliest first: what
// bears its name, then texts without any. A text of a few letters says something else.
func (t *Trial) OpenerCodes(done *Consented) []string {
	kind, ok := t.CodeKind()
	if !ok {
		return nil
	}
	name, _ := kind.At.InLocation()
	var codes []string
	add := func(values []string, shortest int) {
		for _, value := range values {
			if len(value) >= shortest && !strings.ContainsAny(value, " \n?&") && !slices.Contains(codes, value) {
				codes = append(codes, value)
			}
		}
	}
	for _, params := range handedParams(done.Result) {
		add(params[name], 1)
	}
	for _, params := range handedParams(done.Result) {
		add(params[""], 8)
	}
	for _, code := range codes {
		t.Secret(kind.Name, code)
	}
	return codes
}
