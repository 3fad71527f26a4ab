package operation

import (
	"bytes"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"gonogo/internal/exchange"
	"gonogo/specs"
)

// Answer is an exchange read as the answer of its operation.
type Answer struct {
	*exchange.Exchange
	Op         *Op
	Tokens     map[string]string // by kind, wherever in this answer they stand
	Unusable   map[string]string // those of which nobody can make a request, by kind: as secret as the others
	Mismatches []Mismatch        // with the document
	Ahead      time.Duration     // by how much the target's clock had been moved ahead of ours then
	DateStands bool              // its Date did not move with that clock: a server before the target may write it
	Account    string            // whose credentials were sent for tokens, by name; empty: nobody can tell
	body       any
	isJSON     bool
}

// Mismatch is one way in which an answer differs from the document. It never quotes the answer's value
// beyond its type.
type Mismatch struct {
	At     string // JSON pointer into the body (RFC 6901), "" for the body itself
	Header string // the header that differs, where it is not the body
	Wanted string
	Got    string

	Requirement string // the row that promises what is not there; empty: that of the answer
}

// Expected says what should stand where.
func (m Mismatch) Expected() string {
	if m.Header != "" {
		return "the header " + m.Header + ": " + m.Wanted
	}
	if m.At == "" {
		return m.Wanted
	}
	return "at " + m.At + ": " + m.Wanted
}

// Deviations are the mismatches that are no other row's than that of the answer.
func (a *Answer) Deviations() []Mismatch {
	return slices.DeleteFunc(slices.Clone(a.Mismatches), func(m Mismatch) bool { return m.Requirement != "" })
}

// Read reads an exchange as the answer of the operation.
func (op *Op) Read(x *exchange.Exchange) *Answer {
	a := &Answer{Exchange: x, Op: op, Tokens: map[string]string{}}
	if !x.Answered() {
		return a
	}
	err := a.decode()
	a.Mismatches = op.compare(x, a.body, err)
	a.takeAll()
	return a
}

// Handed is Read for who asks only which tokens an answer carries, and for how long: nothing is compared with the document, and an answer that
// has none of their names is not decoded.
func (op *Op) Handed(x *exchange.Exchange) *Answer {
	a := &Answer{Exchange: x, Op: op, Tokens: map[string]string{}}
	if x.Answered() && (bytes.IndexByte(x.Body, '\\') >= 0 || slices.ContainsFunc(op.set.dialect.Tokens, func(kind specs.TokenKind) bool {
		_, redirected := kind.At.InLocation()
		return redirected && x.Redirected() || bytes.Contains(x.Body, []byte(kind.At.Last()))
	})) {
		_ = a.decode()
		a.takeAll()
	}
	return a
}

// decode reads the body.
func (a *Answer) decode() (err error) {
	a.body, err = decodeStrict(a.Exchange.Body)
	a.isJSON = err == nil && !a.Cut
	return err
}

// takeAll takes what tokens there are.
func (a *Answer) takeAll() {
	for _, kind := range a.Op.set.dialect.Tokens {
		if text, ok := a.Text(kind.At); ok && text != "" {
			a.take(kind, text)
			if row := a.Op.Withholds[kind.Name]; row != "" && a.Succeeded() {
				a.Mismatches = append(a.Mismatches, Mismatch{At: string(kind.At), Wanted: "no " + kind.Noun(), Got: "one", Requirement: row})
			}
		}
	}
}

// take takes a token out of an answer, if it can be sent back.
func (a *Answer) take(kind specs.TokenKind, text string) {
	why := Mismatch{Wanted: "a token that a request can carry (RFC 6749 appendix A, RFC 9110 section 5.5)"}
	switch {
	case len(text) > exchange.MaxToken:
		a.Oversized = fmt.Sprintf("its %s has %d bytes", kind.Noun(), len(text))
	case strings.ContainsFunc(text, isControl):
		why.Got = "one of kind " + kind.Name + " with a control character"
		a.Mismatches = append(a.Mismatches, why)
	default:
		a.Tokens[kind.Name] = text
		return
	}
	if a.Unusable == nil {
		a.Unusable = map[string]string{}
	}
	a.Unusable[kind.Name] = strings.Clone(text[:min(len(text), exchange.MaxToken)]) // or all of it stays in memory
}

func isControl(c rune) bool { return c < ' ' || c == 0x7f }

// Slim is the answer without what only a case that has just got it looks at.
func (a *Answer) Slim(body int) *Answer {
	slim, x := *a, *a.Exchange
	x.Body = bytes.Clone(x.Body[:min(len(x.Body), body)])
	slim.Exchange, slim.body, slim.isJSON = &x, nil, false
	return &slim
}

// Scalars is every text, number and truth value of the answer, by its pointer; none if it is no JSON.
func (a *Answer) Scalars() map[specs.Pointer]any {
	if !a.isJSON {
		return nil
	}
	return specs.Scalars(a.body)
}

// Value looks a pointer up in the answer: in its JSON body, or in its Location.
func (a *Answer) Value(at specs.Pointer) (any, bool) {
	if _, redirected := at.InLocation(); redirected {
		location, err := url.Parse(a.Header.Get("Location"))
		if err != nil || !a.Redirected() {
			return nil, false
		}
		return at.Location(location)
	}
	if !a.isJSON {
		return nil, false
	}
	return at.Body(a.body)
}

// Text is Value where it is text.
func (a *Answer) Text(at specs.Pointer) (string, bool) {
	value, ok := a.Value(at)
	text, isText := value.(string)
	return text, ok && isText
}

// Lifetime is what the answer announces for a token kind it carries: the remaining time, and the number as
// it was written. Moments are counted from the answer's Date, or from when it was received.
func (a *Answer) Lifetime(kind specs.TokenKind) (remaining time.Duration, written string, ok bool) {
	value, found := a.Value(kind.Lifetime.Announced)
	if kind.Lifetime.Announced == "" || !found {
		return 0, "", false
	}
	if _, redirected := kind.Lifetime.Announced.InLocation(); redirected && kind.Lifetime.Unit != specs.RFC3339 {
		number, err := strconv.ParseFloat(fmt.Sprint(value), 64) // a Location has no numbers but as text
		if err != nil {
			return 0, fmt.Sprint(value), false
		}
		value = number
	}
	return a.Remaining(value, kind.Lifetime.Unit)
}

// Now is the target's time when it answered, which moments in the answer are compared with, and where it is from:
// the answer's Date, else the clock here, with the steps that the target's was moved by.
func (a *Answer) Now() (now time.Time, from string) {
	switch date, dated := a.Date(); {
	case !dated:
		return a.Received.Add(a.Ahead), "the clock here, as there is no Date"
	case a.DateStands:
		return date.Add(a.Ahead), "the answer's Date and the steps of the clock control, which it does not follow"
	default:
		return date, "the answer's Date"
	}
}

// Remaining reads a number or moment that says how much time is left.
func (a *Answer) Remaining(value any, unit specs.Unit) (remaining time.Duration, written string, ok bool) {
	now, _ := a.Now()
	switch v := value.(type) {
	case float64:
		written = strconv.FormatFloat(v, 'f', -1, 64)
		step := unit.Step()
		switch {
		case unit == specs.Epoch && math.Abs(v) <= lastMoment:
			whole, fraction := math.Modf(v) // a NumericDate may have a fraction (RFC 7519 section 2)
			return time.Unix(int64(whole), int64(fraction*1e9)).Sub(now), written, true
		case step > 0 && math.Abs(v) <= float64(math.MaxInt64/step):
			return time.Duration(v * float64(step)), written, true
		}
		return 0, written, false
	case string:
		at, err := time.Parse(time.RFC3339, strings.ToUpper(v)) // t and z may be small (RFC 3339 section 5.6)
		if err != nil || unit != specs.RFC3339 {
			return 0, v, false
		}
		return at.Sub(now), v, true
	}
	return 0, describe(value), false
}

// lastMoment is the end of the year 9999 in seconds since 1970. A number beyond it, such as one of
// milliseconds, is no such moment.
const lastMoment = 253_402_300_799
