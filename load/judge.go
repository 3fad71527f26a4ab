package load

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"

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
func (w *worker) read(h *hit) (got said, a, r []byte) {
	got, a, r = w.told(h)
	if got != wrong && (w.sampling.every || w.sampling.read[h.part].due(h.sent)) && w.differs(h) {
		return wrong, nil, nil
	}
	return got, a, r
}

// told is what an answer says by its status and the members that matter. What is wrong with these has a name of its own.
func (w *worker) told(h *hit) (got said, a, r []byte) {
	c, status := h.call, h.answer.Status
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
	body := h.answer.Body
	if c.op.Says == nil && c.tokens[0] < 0 && !c.suspicious(body) {
		return yes, nil, nil
	}
	if !c.pick.from(body, w.found) {
		return w.decode(h)
	}
	for _, i := range c.suspects {
		if meansError(w.found[i]) {
			w.violated(falseSuccess, h, "a success, or the status of an error", client.Got(status)+" with a member that only errors have")
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
			return w.decode(h)
		}
		values[i] = text
	}
	return w.complete(h, values)
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
func (w *worker) complete(h *hit, values [2][]byte) (said, []byte, []byte) {
	c := h.call
	if c.tokens[0] < 0 {
		return yes, nil, nil
	}
	for i, token := range values {
		if c.bears[i] && len(token) == 0 && h.wanted != refused {
			w.violated(emptySuccess, h, "a success that carries tokens, or the status of an error", client.Got(h.answer.Status)+" without the "+kindNames[i]+" token")
			return wrong, nil, nil
		}
	}
	if h.wanted == refused && len(values[0])+len(values[1]) == 0 {
		w.violated(falseSuccess, h, "the status of an error", client.Got(h.answer.Status)+" without a token")
		return wrong, nil, nil
	}
	return yes, values[0], values[1]
}

// decode reads an answer as package operation does, for what a pick cannot tell.
func (w *worker) decode(h *hit) (said, []byte, []byte) {
	op := h.call.op
	whole := client.Reply{Answer: op.Read(w.exchange(h))}
	switch {
	case op.Says != nil && whole.Affirms():
		return yes, nil, nil
	case op.Says != nil:
		return no, nil, nil
	}
	return w.complete(h, [2][]byte{[]byte(whole.Tokens[client.Access]), []byte(whole.Tokens[client.Refresh])})
}

// differs holds a whole answer to the document's schema.
func (w *worker) differs(h *hit) bool {
	if status := h.answer.Status; status < 200 || status > 299 {
		return false
	}
	whole := h.call.op.Read(w.exchange(h))
	deviations := whole.Deviations()
	if len(deviations) == 0 {
		return false
	}
	m := deviations[0]
	return w.violated(undocumented, h, m.Expected(), m.Got) == attack.Violation
}

// hold compares what an answer says with what it was to say.
func (w *worker) hold(got said, h *hit, a, r []byte) attack.Verdict {
	t := &h.task
	switch t.wanted {
	case tokens:
		if got == no {
			if t.call == w.offer.refresh && t.certain() {
				return w.died(deadRefresh, h, "success (2xx)", "")
			}
			return attack.Bad
		}
		w.fresh(h, a, r)
	case alive:
		if got == no && !t.moved() {
			return w.died(deadAccess, h, t.call.affirmed(), t.call.denied(h.answer))
		}
	case dead:
		if got == yes && !t.moved() {
			return w.violated(outlived, h, "a refusal: its lifetime has passed", "")
		}
	case gone:
		if got == yes {
			return w.violated(revived, h, "a refusal (4xx)", "")
		}
	case confirmed:
		if got == no {
			return attack.Bad
		}
	case refused:
		if got == yes {
			return w.violated(replayed, h, "a refusal (4xx), without a token", carrying(h.answer, a, r))
		}
	case raced, opponent:
		if got == yes && t.race.elsewhere != nil {
			t.race.elsewhere.shown.Store(w.evidence(h)) // for when it is told that the other side has won, too
		}
		switch {
		case got == yes && t.race.wins.Add(1) > 1:
			return w.violated(raceWon, h, "a refusal (4xx) of one of the two", carrying(h.answer, a, r))
		case got == yes:
			w.fresh(h, a, r)
		case t.wanted == raced && t.race.close() && t.certain(): // nobody took part, so it was a refresh as any other
			return w.died(deadRefresh, h, "success (2xx)", "")
		}
	}
	return attack.Good
}

// fresh wants tokens that nobody was handed before, where they must be: Settle looks them up.
func (w *worker) fresh(h *hit, a, r []byte) {
	for i, token := range [2][]byte{a, r} {
		if len(token) > 0 && w.mustBeNew(h.call, i) {
			h.prints[i] = w.seen.fingerprint(i, token)
		}
	}
	h.shown[0], h.shown[1] = append(h.shown[0][:0], h.fill.access...), append(h.shown[1][:0], h.fill.refresh...)
	h.fill.access, h.fill.refresh = h.shown[0], h.shown[1]
}

// mustBeNew reports whether a kind of token may not come a second time. A refresh may hand back the refresh token it
// was given where the document does not speak of rotation.
func (w *worker) mustBeNew(c *call, kind int) bool {
	if c == w.offer.issue {
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
