package load

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"time"

	"gonogo/internal/client"
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

// read finds out what an answer says, and takes the tokens out of it.
func (w *worker) read(answer *wire.Answer, sent time.Time) (got said, a, r []byte) {
	c, status := w.task.call, answer.Status
	if (w.sampling.every || w.sampling.read[w.task.part].due(sent)) && w.differs(answer, sent) {
		return wrong, nil, nil
	}
	switch {
	case status >= 200 && status <= 299:
	case tooBusy(status):
		return nothingSaid, nil, nil
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return no, nil, nil
	case status >= 400 && status <= 499 && c != w.offer.use && status != http.StatusNotFound && status != http.StatusMethodNotAllowed:
		return no, nil, nil
	default:
		return nothingSaid, nil, nil
	}
	body := answer.Body
	if c.op.Says == nil && c.tokens[0] < 0 && !c.suspicious(body) {
		return yes, nil, nil
	}
	if !c.pick.from(body, w.found) {
		return w.decode(answer, sent)
	}
	for _, i := range c.suspects {
		if meansError(w.found[i]) {
			w.violated(falseSuccess, answer, sent, "a success, or the status of an error", client.Got(status)+" with a member that only errors have")
			return wrong, nil, nil
		}
	}
	if c.valid >= 0 {
		if bytes.Equal(w.found[c.valid], []byte("true")) {
			return yes, nil, nil
		}
		return no, nil, nil
	}
	var values [2][]byte
	for i, at := range c.tokens {
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

// tooBusy are the refusals that say nothing of what was asked (RFC 9110 section 15.5.9, RFC 6585 section 4).
func tooBusy(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooEarly || status == http.StatusTooManyRequests
}

// suspicious looks whether a body could have a member by which errors are told. Of what a token opens nobody knows
// how long it is, so it is searched and not read.
func (c *call) suspicious(body []byte) bool {
	return slices.ContainsFunc(c.tells, func(name []byte) bool { return bytes.Contains(body, name) })
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

// complete wants an answer that hands out tokens to have those that the first one had.
func (w *worker) complete(answer *wire.Answer, sent time.Time, values [2][]byte) (said, []byte, []byte) {
	c := w.task.call
	if c.tokens[0] < 0 {
		return yes, nil, nil
	}
	for i, token := range values {
		if c.bears[i] && len(token) == 0 && w.task.wanted != refused {
			w.violated(emptySuccess, answer, sent, "a success that carries tokens, or the status of an error", client.Got(answer.Status)+" without the "+kindNames[i]+" token")
			return wrong, nil, nil
		}
	}
	if w.task.wanted == refused && len(values[0])+len(values[1]) == 0 {
		w.violated(falseSuccess, answer, sent, "the status of an error", client.Got(answer.Status)+" without a token")
		return wrong, nil, nil
	}
	return yes, values[0], values[1]
}

// decode reads an answer as package operation does, for what a pick cannot tell.
func (w *worker) decode(answer *wire.Answer, sent time.Time) (said, []byte, []byte) {
	op := w.task.call.op
	whole := client.Reply{Answer: op.Read(w.exchange(answer, sent))}
	switch {
	case op.Says != nil && whole.Affirms():
		return yes, nil, nil
	case op.Says != nil:
		return no, nil, nil
	}
	return w.complete(answer, sent, [2][]byte{[]byte(whole.Tokens[client.Access]), []byte(whole.Tokens[client.Refresh])})
}

// differs holds a whole answer to the document's schema.
func (w *worker) differs(answer *wire.Answer, sent time.Time) bool {
	if answer.Status < 200 || answer.Status > 299 {
		return false
	}
	whole := w.task.call.op.Read(w.exchange(answer, sent))
	deviations := whole.Deviations()
	if len(deviations) == 0 {
		return false
	}
	m := deviations[0]
	return w.violated(undocumented, answer, sent, m.Expected(), m.Got) == attack.Violation
}

// hold compares what an answer says with what it was to say.
func (w *worker) hold(got said, answer *wire.Answer, sent time.Time, a, r []byte) attack.Verdict {
	t := &w.task
	switch t.wanted {
	case tokens:
		if got == no {
			if t.call == w.offer.refresh && t.certain() {
				return w.violated(deadRefresh, answer, sent, "success (2xx)", "")
			}
			return attack.Bad
		}
		return w.fresh(answer, sent, a, r)
	case alive:
		if got == no && !t.moved() {
			return w.violated(deadAccess, answer, sent, t.call.affirmed(), t.call.denied(answer))
		}
	case dead:
		if got == yes && !t.moved() {
			return w.violated(outlived, answer, sent, "a refusal: its lifetime has passed", "")
		}
	case gone:
		if got == yes {
			return w.violated(revived, answer, sent, "a refusal (4xx)", "")
		}
	case confirmed:
		if got == no {
			return attack.Bad
		}
	case refused:
		if got == yes {
			return w.violated(replayed, answer, sent, "a refusal (4xx), without a token", carrying(answer, a, r))
		}
	case raced, opponent:
		switch {
		case got == yes && t.race.wins.Add(1) > 1:
			return w.violated(raceWon, answer, sent, "a refusal (4xx) of one of the two", carrying(answer, a, r))
		case got == yes:
			return w.fresh(answer, sent, a, r)
		case t.wanted == raced && t.race.close() && t.certain(): // nobody took part, so it was a refresh as any other
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
	if w.task.call == w.offer.issue {
		return !w.habits.cached[kind]
	}
	return kind == 0 || w.offer.rotation != specs.RotationUnspecified
}

// affirmed is what an answer about a live token says.
func (c *call) affirmed() string {
	if says := c.op.Says; says != nil {
		return fmt.Sprintf("%s true", says.Valid)
	}
	return "success (2xx)"
}

// denied is what an answer said that denies a token.
func (c *call) denied(answer *wire.Answer) string {
	if says := c.op.Says; says != nil && answer.Status <= 299 {
		return fmt.Sprintf("%s, %s not true", client.Got(answer.Status), says.Valid)
	}
	return ""
}

// carrying is an answer's status and the tokens in it, by kind.
func carrying(answer *wire.Answer, a, r []byte) string {
	var kinds []string
	for i, token := range [2][]byte{a, r} {
		if len(token) > 0 {
			kinds = append(kinds, kindNames[i])
		}
	}
	return client.Got(answer.Status, kinds...)
}
