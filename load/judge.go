package load

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"gonogo/internal/exchange"
	"gonogo/internal/wire"
	"gonogo/load/attack"
	"gonogo/specs"
)

// said is what an answer comes to.
type said uint8

const (
	nothingSaid said = iota // no answer, or one of a server in trouble: it says nothing of the token
	yes                     // a success that has what it must have
	no                      // a refusal, or a success that says that the token is not valid
	wrong                   // a success that cannot be: a violation, counted already
)

// Judge holds the answer to what the request was for.
func (w *worker) Judge(answer *wire.Answer, err error, sent time.Time) attack.Verdict {
	if err != nil {
		w.settle(nothingSaid, nil, nil)
		return attack.Bad
	}
	got, a, r := w.read(answer, sent)
	verdict := attack.Bad
	switch got {
	case wrong:
		verdict = attack.Violation
	case nothingSaid:
	default:
		verdict = w.hold(got, answer, sent, a, r)
	}
	if verdict == attack.Bad {
		w.illustrate(answer, sent)
	}
	w.settle(got, a, r)
	return verdict
}

// Doubt is told that the request may have been acted on twice.
func (w *worker) Doubt() { w.doing.twice = true }

// hold compares what an answer says with what it was to say.
func (w *worker) hold(got said, answer *wire.Answer, sent time.Time, a, r []byte) attack.Verdict {
	d := &w.doing
	switch d.wanted {
	case tokens:
		if got == no {
			if d.errand == w.script.refresh && w.certain() {
				return w.violated(deadRefresh, answer, sent, "success (2xx)", "")
			}
			return attack.Bad
		}
		return w.fresh(answer, sent, a, r)
	case alive:
		if got == no && !w.changed() {
			return w.violated(deadAccess, answer, sent, w.yes(), w.no(answer))
		}
	case dead:
		if got == yes && !w.changed() {
			return w.violated(outlived, answer, sent, "a refusal: its lifetime has passed", "")
		}
	case refused:
		if got == yes {
			return w.violated(replayed, answer, sent, "a refusal (4xx), without a token", carrying(answer, a, r))
		}
	case dueled, opponent:
		switch {
		case got == yes && d.duel.wins.Add(1) > 1:
			return w.violated(raceWon, answer, sent, "a refusal (4xx) of one of the two", carrying(answer, a, r))
		case got == yes:
			return w.fresh(answer, sent, a, r)
		case d.wanted == dueled && d.duel.close() && w.certain(): // nobody took part, so it was a refresh as any other
			return w.violated(deadRefresh, answer, sent, "success (2xx)", "")
		}
	}
	return attack.Good
}

// fresh wants tokens that nobody was handed before, where they must be.
func (w *worker) fresh(answer *wire.Answer, sent time.Time, a, r []byte) attack.Verdict {
	var traces [2]trace
	for i, token := range [2][]byte{a, r} {
		if len(token) > 0 && w.mustBeNew(i) {
			traces[i] = w.seen.trace(i, token)
		}
	}
	for i, t := range traces {
		if t.mark != 0 && !w.seen.add(t) {
			return w.violated(repeated, answer, sent, "a new "+kindNames[i]+" token", "one that was handed out before")
		}
	}
	return attack.Good
}

// mustBeNew reports whether a kind of token may not come a second time. A refresh may hand back the refresh token it
// was given where the document does not speak of rotation.
func (w *worker) mustBeNew(kind int) bool {
	if w.doing.errand == w.script.issue {
		return !w.facts.cached[kind]
	}
	return kind == 0 || w.rotation != specs.RotationUnspecified
}

// certain reports whether a refusal of the chain's token has no explanation but the target's fault.
func (w *worker) certain() bool {
	if w.doing.twice {
		return false
	}
	if w.doing.chain != nil {
		return w.certainlyLives(w.doing.chain)
	}
	return w.chain != nil && !w.chain.doubtful
}

// read finds out what an answer says, and takes the tokens out of it.
func (w *worker) read(answer *wire.Answer, sent time.Time) (got said, a, r []byte) {
	e, status := w.doing.errand, answer.Status
	if w.tally.read[w.doing.part].due(sent) && w.differs(answer, sent) {
		return wrong, nil, nil
	}
	switch {
	case status >= 200 && status <= 299:
	case tooBusy(status):
		return nothingSaid, nil, nil
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return no, nil, nil
	case status >= 400 && status <= 499 && e != w.script.use && status != http.StatusNotFound && status != http.StatusMethodNotAllowed:
		return no, nil, nil
	default:
		return nothingSaid, nil, nil
	}
	body := answer.Body
	if e.op.Says == nil && e.tokens[0] < 0 && !w.suspicious(e, body) {
		return yes, nil, nil
	}
	if !e.scanner.scan(body, w.found) {
		return w.decode(answer, sent)
	}
	for _, i := range e.suspects {
		if meansError(w.found[i]) {
			w.violated(falseSuccess, answer, sent, "a success, or the status of an error", statusText(status)+" with a member that only errors have")
			return wrong, nil, nil
		}
	}
	if e.valid >= 0 {
		if bytes.Equal(w.found[e.valid], []byte("true")) {
			return yes, nil, nil
		}
		return no, nil, nil
	}
	var values [2][]byte
	for i, at := range e.tokens {
		if at < 0 || w.found[at] == nil {
			continue
		}
		text, plain := plainText(w.found[at])
		if !plain && w.found[at][0] == '"' {
			return w.decode(answer, sent)
		}
		values[i] = text
	}
	return w.complete(answer, sent, values)
}

// complete wants an answer that hands out tokens to have those that the first one had.
func (w *worker) complete(answer *wire.Answer, sent time.Time, values [2][]byte) (said, []byte, []byte) {
	e := w.doing.errand
	if e.tokens[0] < 0 {
		return yes, nil, nil
	}
	for i, token := range values {
		if e.bears[i] && len(token) == 0 && w.doing.wanted != refused {
			w.violated(emptySuccess, answer, sent, "a success that carries tokens, or the status of an error", statusText(answer.Status)+" without the "+kindNames[i]+" token")
			return wrong, nil, nil
		}
	}
	if w.doing.wanted == refused && len(values[0])+len(values[1]) == 0 {
		w.violated(falseSuccess, answer, sent, "the status of an error", statusText(answer.Status)+" without a token")
		return wrong, nil, nil
	}
	return yes, values[0], values[1]
}

// tooBusy are the refusals that say nothing of what was asked (RFC 9110 section 15.5.9, RFC 6585 section 4).
func tooBusy(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooEarly || status == http.StatusTooManyRequests
}

// suspicious looks whether a body could have a member by which errors are told. Of what a token opens nobody knows
// how long it is, so it is searched and not read.
func (w *worker) suspicious(e *errand, body []byte) bool {
	return slices.ContainsFunc(e.tells, func(name []byte) bool { return bytes.Contains(body, name) })
}

// meansError reports a value that an error has: a service that always has the member says null, false or nothing in
// it when there is none.
func meansError(raw []byte) bool {
	switch string(raw) {
	case "", "null", "false", `""`, "{}", "[]", "0":
		return false
	}
	return true
}

// decode reads an answer as package operation does, for what a scan cannot tell.
func (w *worker) decode(answer *wire.Answer, sent time.Time) (said, []byte, []byte) {
	e := w.doing.errand
	whole := e.op.Read(w.exchange(answer, sent))
	if e.op.Says != nil {
		if value, ok := whole.Value(e.op.Says.Valid); ok && value == true {
			return yes, nil, nil
		}
		return no, nil, nil
	}
	return w.complete(answer, sent, [2][]byte{[]byte(whole.Tokens[access]), []byte(whole.Tokens[refresh])})
}

// differs holds a whole answer to the document's schema.
func (w *worker) differs(answer *wire.Answer, sent time.Time) bool {
	if answer.Status < 200 || answer.Status > 299 {
		return false
	}
	whole := w.doing.errand.op.Read(w.exchange(answer, sent))
	if len(whole.Mismatches) == 0 {
		return false
	}
	m := whole.Mismatches[0]
	w.violated(undocumented, answer, sent, strings.TrimPrefix(m.At+": "+m.Wanted, ": "), m.Got)
	return true
}

// violated counts a violation.
func (w *worker) violated(kind offence, answer *wire.Answer, sent time.Time, wanted, got string) attack.Verdict {
	if got == "" {
		got = statusText(answer.Status)
	}
	w.accuse(kind, w.doing.errand, w.doing.why, wanted, got, func() *exchange.Exchange {
		x := w.exchange(answer, sent)
		w.hide(x)
		return x
	})
	return attack.Violation
}

// exchange is the request that was filled last and its answer, to be kept.
func (w *worker) exchange(answer *wire.Answer, sent time.Time) *exchange.Exchange {
	x := &exchange.Exchange{Sent: sent, Received: time.Now(), Method: w.doing.errand.template.fixed.Method, Status: answer.Status, Header: http.Header{}}
	x.URL, x.RequestHeader, x.RequestBody = w.doing.errand.template.plain(&w.doing.fill)
	for name, value := range answer.All {
		x.Header.Add(string(name), string(value))
	}
	x.Body = bytes.Clone(answer.Body)
	if len(x.Body) > exchange.MaxBody {
		x.Body, x.Cut = x.Body[:exchange.MaxBody], true
	}
	return x
}

// hide makes every token of an exchange a secret.
func (w *worker) hide(x *exchange.Exchange) {
	w.redactor.Add(access, string(w.doing.fill.access))
	w.redactor.Add(refresh, string(w.doing.fill.refresh))
	for kind, value := range w.doing.errand.op.Read(x).Tokens {
		w.redactor.Add(kind, value)
	}
}

// yes is what an answer about a live token says.
func (w *worker) yes() string {
	if says := w.doing.errand.op.Says; says != nil {
		return fmt.Sprintf("%s true", says.Valid)
	}
	return "success (2xx)"
}

// no is what an answer said that denies a token.
func (w *worker) no(answer *wire.Answer) string {
	if says := w.doing.errand.op.Says; says != nil && answer.Status <= 299 {
		return fmt.Sprintf("%s, %s not true", statusText(answer.Status), says.Valid)
	}
	return ""
}

func carrying(answer *wire.Answer, a, r []byte) string {
	text := statusText(answer.Status)
	var kinds []string
	for i, token := range [2][]byte{a, r} {
		if len(token) > 0 {
			kinds = append(kinds, kindNames[i])
		}
	}
	if len(kinds) > 0 {
		text += ", carrying " + strings.Join(kinds, " and ")
	}
	return text
}
