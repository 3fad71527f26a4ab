package replay

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"gonogo/internal/exchange"
	"gonogo/internal/traceparent"
	"gonogo/reports/words"
)

// step writes one request, with the wait before it, and takes from its answer what later ones need.
func (w *writer) step(i int, x *exchange.Exchange) {
	n := i + 1
	w.printf("\n")
	w.wait(i, x)
	if begin := w.walks[x]; begin != nil {
		w.settle(begin)
		w.printf("ask address_%d %s%s\n", n, quoted("open this address in a browser, do there what the case is about, and enter the address at which the browser ends:\n"), word(w.address(begin)))
		for _, f := range w.found(x) {
			if kind, name, _ := strings.Cut(f.take, " "); kind == "parameter" && w.needed(i, f.value) {
				variable := w.name(f.name)
				w.printf("%s=$(parameter_of %s \"$address_%d\")\n", variable, name, n)
				w.remember(f.value, variable)
			}
		}
		return
	}
	w.settle(x)
	command := w.command(n, x)
	switch {
	case x.Left != nil: // one of a race
		w.printf("%s &\n", command)
		if i+1 == len(w.steps) || w.steps[i+1].Left == nil || w.steps[i+1].Left.Requests != x.Left.Requests {
			w.printf("wait\n")
		}
	default:
		w.printf("%s\n", command)
	}
	for _, f := range w.found(x) {
		if w.vars[f.value] != "" || w.mentions(x, f.value) || !w.needed(i, f.value) {
			continue
		}
		name := w.name(f.name)
		w.printf("%s=$(%s %d)\n", name, f.take, n)
		w.remember(f.value, name)
	}
}

// needed reports whether a later step carries a value, or a finding may be about it.
func (w *writer) needed(i int, value string) bool {
	for _, later := range w.steps[i+1:] {
		if begin := w.walks[later]; w.carries(later, value) || begin != nil && w.carries(begin, value) {
			return true
		}
	}
	return slices.ContainsFunc(w.Findings, func(f Finding) bool {
		return f.Shown == Answer && f.Exchange != nil && f.Exchange != w.steps[i] && len(value) >= 8 &&
			slices.ContainsFunc(w.found(f.Exchange), func(shown find) bool { return shown.value == value })
	})
}

// wait writes the wait before a step: by how much the target's clock went on since the answer before.
func (w *writer) wait(i int, x *exchange.Exchange) {
	if i == 0 {
		return
	}
	gap := w.Clock(x.Sent).Sub(w.Clock(w.steps[i-1].Received)).Round(time.Second)
	if gap >= time.Second {
		w.printf("wait_for %d %s\n", int(gap.Seconds()), quoted("what was handed out has to grow older; the next step came "+gap.String()+" later"))
	}
}

// address is the address of a request.
func (w *writer) address(x *exchange.Exchange) []part {
	if rest, ok := strings.CutPrefix(x.URL, strings.TrimSuffix(w.Target.BaseURL.String(), "/")); ok {
		return append([]part{{expr: "$base"}}, w.parts(rest, inURL, inPath)...)
	}
	return w.parts(x.URL, inURL, inPath)
}

// ownHeaders are written by curl itself, or name one request alone.
var ownHeaders = []string{"User-Agent", "Accept-Encoding", "Content-Length", traceparent.Name}

// command is the line that sends a request.
func (w *writer) command(n int, x *exchange.Exchange) string {
	args := []string{"request", words.Decimal(float64(n))}
	if x.From.Address.IsValid() {
		args = append(args, "--interface", quoted(x.From.Address.String()))
	}
	if x.From.Proxy != "" {
		w.env["GONOGO_OUTSIDER_PROXY"] = "outsider.proxy"
		args = append(args, "--proxy", `"$GONOGO_OUTSIDER_PROXY"`)
	}
	switch {
	case w.bodyOfHead(x): // an announced body that does not come is not waited for long
		args = append(args, "-X", x.Method, "--max-time", "3")
	case x.Method == http.MethodHead:
		args = append(args, "--head")
	default:
		args = append(args, "-X", words.Shell(x.Method))
	}
	if strings.ContainsAny(x.URL, "[]{}") {
		args = append(args, "--globoff")
	}
	if strings.Contains(x.URL, "/.") {
		args = append(args, "--path-as-is")
	}
	for _, name := range slices.Sorted(maps.Keys(x.RequestHeader)) {
		if slices.Contains(ownHeaders, name) {
			continue
		}
		for _, value := range x.RequestHeader[name] {
			switch basic, ok := w.basicWord(value); {
			case value == "":
				args = append(args, "-H", quoted(name+";"))
			case ok:
				args = append(args, "-H", quoted(name+": ")+basic)
			default:
				args = append(args, "-H", word(append(literal(name+": "), w.parts(value, asItIs)...)))
			}
		}
	}
	body, feed := string(x.RequestBody), ""
	if body != "" {
		if len(x.RequestHeader["Content-Type"]) == 0 {
			args = append(args, "-H", "Content-Type:")
		}
		parts := w.parts(body, formsOf(x)...)
		if printable(body) {
			args = append(args, "--data-raw", word(parts))
		} else {
			feed, args = "{ ", append(args, "--data-binary", "@-")
			for _, p := range parts {
				if p.expr != "" {
					feed += `printf %s "` + p.expr + `"; `
				} else {
					feed += "printf " + octal(p.literal) + "; "
				}
			}
			feed += "} | "
		}
	}
	return feed + strings.Join(append(args, word(w.address(x))), " ")
}

// formsOf are the ways in which a value may be written in a request's body.
func formsOf(x *exchange.Exchange) []form {
	if strings.Contains(x.RequestHeader.Get("Content-Type"), "urlencoded") {
		return []form{inURL, asItIs}
	}
	if strings.Contains(x.RequestHeader.Get("Content-Type"), "json") {
		return []form{inJSON, asItIs}
	}
	return []form{asItIs}
}
