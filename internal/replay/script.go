package replay

import (
	"context"
	_ "embed" // the functions
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"gonogo/internal/exchange"
	"gonogo/reports/words"
)

// functions are what every script has: to send, to read an answer, to write a value for where it stands.
//
//go:embed functions.sh
var functions string

// head is everything before the first step.
func (w *writer) head() string {
	var out strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }
	comment := func(text string) {
		for _, each := range words.Wrap(words.Plain(text), 98) {
			line("# %s", each)
		}
	}
	line("#!/bin/sh")
	comment(w.Redactor.String(w.Case + ": " + w.Title))
	for _, row := range w.Rows {
		comment(w.Redactor.String("checks " + row))
	}
	line("#")
	comment("It ends with 1 where it still fails, with 0 where it does not, and with 2 where a step is missing or only your eye can tell. It needs curl, sed, tr, cut, awk, od and base64.")
	clock := w.clock()
	if len(w.env) > 0 {
		line("#")
		comment("From the environment:")
	}
	for _, name := range slices.Sorted(maps.Keys(w.env)) {
		if w.takes(name, clock) {
			line("#   %-34s %s", name, w.env[name])
		}
	}
	line("set -u")
	line("base=${GONOGO_BASE_URL:-%s}", quoted(strings.TrimSuffix(w.Target.BaseURL.String(), "/")))
	for _, name := range slices.Sorted(maps.Keys(w.env)) {
		if w.takes(name, clock) {
			line(`: "${%s:?is not set; it is %s of the target file}"`, name, w.env[name])
		}
	}
	options := []string{"-sS", "--max-time", fmt.Sprint(max(1, int(w.Target.Limits.Timeout.Seconds())))}
	if w.Target.TLS.Insecure {
		options = append(options, "-k")
	}
	for flag, file := range map[string]string{"--cacert": w.Target.TLS.CAFile, "--cert": w.Target.TLS.CertFile, "--key": w.Target.TLS.KeyFile} {
		if file != "" {
			options = append(options, flag, quoted(file))
		}
	}
	line("send() { curl %s \"$@\"; }", strings.Join(options, " "))
	out.WriteString(functions)
	line("%s", clock)
	return out.String()
}

// takes reports whether the script makes use of a variable.
func (w *writer) takes(name, clock string) bool {
	used := regexp.MustCompile(`\$` + name + `\b`)
	return used.MatchString(w.body.String()) || used.MatchString(clock)
}

// clock is the function that waits: for real, or by the target's clock control.
func (w *writer) clock() string {
	if !strings.Contains(w.body.String(), "wait_for ") {
		return ""
	}
	control := ""
	if w.Target.Clock != nil {
		const duration, seconds = "GONOGO-DURATION", "GONOGO-SECONDS"
		request, err := w.Target.Clock.Advance.Request(context.Background(), map[string]string{"duration": duration, "duration_seconds": seconds})
		if err == nil {
			var body []byte
			if request.Body != nil {
				body, _ = io.ReadAll(request.Body)
			}
			x := &exchange.Exchange{Method: request.Method, URL: request.URL.String(), RequestHeader: request.Header, RequestBody: body}
			for _, secret := range w.secretsOf(x) {
				w.environment(fmt.Sprintf("GONOGO_CLOCK_SECRET_%d", len(w.env)+1), secret, "a secret of clock.advance")
			}
			fill := strings.NewReplacer(duration, `'"$1s"'`, seconds, `'"$1"'`)
			address := word(w.parts(x.URL, inURL, inPath))
			control = fill.Replace(strings.Replace(w.command(0, x), "request 0", "send -o /dev/null -f", 1))
			if fill.Replace(address) == address { // where it may stand elsewhere, as the API may
				control = strings.TrimSuffix(control, address) + `"${GONOGO_CLOCK_URL:-` + strings.Trim(address, "'") + `}"`
			}
		}
	}
	if control == "" {
		return "wait_for() { say \"waits for $1 s: $2\"; sleep \"$1\"; }"
	}
	return `# wait_for waits by moving the target's clock; with GONOGO_REAL_TIME=1 it waits for real.
wait_for() {
  say "waits for $1 s: $2"
  if [ -n "${GONOGO_REAL_TIME:-}" ]; then sleep "$1"; return; fi
  ` + control + ` || { say "the target's clock cannot be moved"; exit 2; }
}`
}

// end says of each finding whether it is there again.
func (w *writer) end() {
	w.printf("\nwait\nsay\nworst=0\n")
	for _, f := range w.Findings {
		for _, fact := range [][2]string{{"sent", f.Sent}, {"wanted", f.Wanted}, {"got then", f.Got}} {
			w.printf("say %s\n", quoted(fmt.Sprintf("%-9s %s", fact[0], words.Plain(w.Redactor.String(fact[1])))))
		}
		i := slices.Index(w.steps, f.Exchange)
		if i < 0 || w.walks[f.Exchange] != nil {
			w.printf("by_eye\n")
			continue
		}
		n := i + 1
		w.printf("as_then%s\n", w.before(i))
		switch {
		case f.Exchange.Left != nil:
			w.printf("if [ \"$(count %s %s)\" -ge %d ]; then again; else gone; fi\n", quoted(pattern(f.Exchange)), w.race(i, f.Exchange), w.winners(i, f.Exchange))
		case f.Shown == Status:
			w.printf("if answered %d %s; then again; else gone; fi\n", n, quoted(pattern(f.Exchange)))
		case f.Shown == Answer && len(f.Exchange.Body) < 16<<10:
			w.printf("if answered %d %d && %s; then again; else gone; fi\n", n, f.Exchange.Status, w.same(n, f.Exchange))
		case w.bodyOfHead(f.Exchange):
			w.printf("if [ -s \"$dir/body.%d\" ]; then again; else gone; fi\n", n)
		default:
			w.printf("by_eye\n")
		}
	}
	if len(w.Findings) == 0 {
		w.printf("say 'the case found nothing; its steps are played, and there is nothing to fail'\n")
	}
	w.printf("exit \"$worst\"\n")
}

// bodyOfHead reports an answer to HEAD that a finding is about for the bytes behind its head, which curl reads if it is not told that
// there are none. Behind any other answer it sees nothing.
func (w *writer) bodyOfHead(x *exchange.Exchange) bool {
	return x.Method == http.MethodHead && slices.ContainsFunc(w.Findings, func(f Finding) bool { return f.Exchange == x && f.Shown == Behind })
}

// before are the steps before one and how they were answered, of those that no finding is about: where they are answered in
// another way now, nothing can be said of what comes after them.
func (w *writer) before(i int) string {
	var out strings.Builder
	for j, x := range w.steps[:i] {
		about := slices.ContainsFunc(w.Findings, func(f Finding) bool { return f.Exchange == x })
		if !about && x.Left == nil && w.walks[x] == nil {
			fmt.Fprintf(&out, " %d:%s", j+1, quoted(pattern(x)))
		}
	}
	return out.String()
}

// pattern is what a status is compared with.
func pattern(x *exchange.Exchange) string {
	switch {
	case !x.Answered():
		return "none"
	case x.Status/100 == 2 || x.Status/100 == 5:
		return fmt.Sprintf("%d??", x.Status/100)
	}
	return fmt.Sprint(x.Status)
}

// race are the numbers of the steps that raced with one.
func (w *writer) race(i int, x *exchange.Exchange) string {
	from, to := i, i
	for from > 0 && w.steps[from-1].Left != nil && w.steps[from-1].URL == x.URL {
		from--
	}
	for to+1 < len(w.steps) && w.steps[to+1].Left != nil && w.steps[to+1].URL == x.URL {
		to++
	}
	var all []string
	for n := from + 1; n <= to+1; n++ {
		all = append(all, fmt.Sprint(n))
	}
	return strings.Join(all, " ")
}

// winners is how many of a race were answered like the one that a finding cites; two are enough to show more than one.
func (w *writer) winners(i int, x *exchange.Exchange) int {
	n := 0
	for _, number := range strings.Fields(w.race(i, x)) {
		var at int
		if _, err := fmt.Sscan(number, &at); err == nil && pattern(w.steps[at-1]) == pattern(x) {
			n++
		}
	}
	return min(n, 2)
}

// telling are the headers whose values a finding may be about.
var telling = []string{"Cache-Control", "Content-Type", "Content-Encoding", "WWW-Authenticate", "Pragma"}

// same is the condition that an answer is like the one that was found: its headers, its members and what stands there, and
// which of its values came before.
func (w *writer) same(n int, x *exchange.Exchange) string {
	conditions := []string{fmt.Sprintf(`[ "$(shape %d)" = %s ]`, n, quoted(shape(string(x.Body))))}
	conditions = append(conditions, fmt.Sprintf(`[ "$(headers %d)" = %s ]`, n, quoted(headers(x))))
	for _, name := range telling {
		conditions = append(conditions, fmt.Sprintf(`[ "$(header %s %d)" = %s ]`, name, n, quoted(x.Header.Get(name))))
	}
	for _, f := range w.found(x) {
		if variable := w.vars[f.value]; variable != "" {
			conditions = append(conditions, fmt.Sprintf(`[ "$(%s %d)" = "$%s" ]`, f.take, n, variable))
		}
	}
	return strings.Join(conditions, " \\\n  && ")
}

var (
	breaks  = regexp.MustCompile(`[\r\n]`)
	escapes = regexp.MustCompile(`\\"`)
	strung  = []*regexp.Regexp{regexp.MustCompile(`: *"[^" ]{16,}"`), regexp.MustCompile(`: *"[^"]*[0-9][^"]{8,}"`), regexp.MustCompile(`: *"[^"]{8,}[0-9][^"]*"`)}
	large   = regexp.MustCompile(`: *[0-9.]{6,}`)
)

// passing are headers that say nothing of an answer; headers are the names of the others.
var passing = []string{"date", "content-length", "connection", "transfer-encoding", "keep-alive", "age"}

func headers(x *exchange.Exchange) string {
	var names []string
	for name := range x.Header {
		if name = strings.ToLower(name); !slices.Contains(passing, name) {
			names = append(names, name+" ")
		}
	}
	slices.Sort(names)
	return strings.Join(names, "")
}

// shape is a body without what differs from one run to the next: texts, and numbers that may be moments. The script's
// function of that name does the same.
func shape(body string) string {
	body = breaks.ReplaceAllString(body, "")
	body = escapes.ReplaceAllString(body, "")
	for _, text := range strung {
		body = text.ReplaceAllString(body, ":text")
	}
	return large.ReplaceAllString(body, ":number")
}
