// Package lineage follows tokens through the exchanges of somebody else's client: which answer handed one out, where it was shown, what
// replaced it, when it ended.
//
// It knows a document's operations and token kinds. It must never know what a client should have done.
package lineage

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"gonogo/internal/coding"
	"gonogo/internal/exchange"
	"gonogo/internal/front"
	"gonogo/internal/operation"
	"gonogo/specs"
)

// Token is one value that an answer handed out. Its fields change until the watch ends; read them after Book.Take has returned the events
// that matter, or at the end.
type Token struct {
	Kind       string
	Grant      specs.Role // that its family began with: issue for the client's own credentials, exchange for a user's consent
	Family     int        // of all that came of one grant
	Generation int        // how many refreshes lie between the grant and it
	Nth        int        // of its kind in its family; 1 for the first
	Given      *Event
	Ends       time.Time // by the API's clock; zero: nobody says
	Announced  time.Duration
	Parent     *Token // what was shown for it: a refresh token, a code; nil: credentials

	Delivered bool   // the client received the whole answer that carried it
	Replaced  *Event // the first answer that the client received whole and that carried its successor
	Refused   *Event // the first time that it was shown and refused
	Revoked   *Event // it was shown to an operation that ends sessions, which was answered well

	value string
}

// Value is the token's text, which is a secret.
func (t *Token) Value() string { return t.value }

// Name is how the token is called for people: its kind, the letter of its grant, a number for which of its kind it is there. No two of a
// book have one name.
func (t *Token) Name() string { return fmt.Sprintf("%s %s%d", t.Kind, t.Letter(), t.Nth) }

// Letter is what all tokens of its family share.
func (t *Token) Letter() string { return letters(t.Family) }

// letters counts a, b, … z, aa, ab …
func letters(n int) string {
	text := ""
	for n++; n > 0; n = (n - 1) / 26 {
		text = string(rune('a'+(n-1)%26)) + text
	}
	return text
}

// Ended reports whether the token's life was over, by the API's clock, when an exchange began.
func (t *Token) Ended(e *Event) bool { return !t.Ends.IsZero() && e.At.After(t.Ends) }

// Event is an exchange, read.
type Event struct {
	*front.Exchange
	Seen    *operation.Seen
	Answer  *operation.Answer // what tokens the client was given; nil: nothing, or nothing of a known operation
	Shown   []*Token          // tokens of the book that the request showed where tokens stand
	Strange []operation.Shown // what it showed there and nobody had handed out
	Gave    []*Token          // tokens that the answer carried, also one that got lost
}

// Role is what the request is for; empty: the document has no such operation.
func (e *Event) Role() specs.Role {
	if e.Seen.Op == nil {
		return ""
	}
	return e.Seen.Op.Role
}

// Status is the answer's; 0: the client got none.
func (e *Event) Status() int {
	if e.Exchange.Answer == nil {
		return 0
	}
	return e.Exchange.Answer.Status
}

// OK reports a 2xx answer that the client received whole.
func (e *Event) OK() bool { return e.Status()/100 == 2 && e.Received }

// Refused reports a 4xx answer.
func (e *Event) Refused() bool { return e.Status()/100 == 4 }

// Of is the first token of a kind that the request showed; nil: none.
func (e *Event) Of(kind string) *Token { return of(e.Shown, kind) }

// Handed is the token of a kind that the answer carried; nil: none.
func (e *Event) Handed(kind string) *Token { return of(e.Gave, kind) }

func of(tokens []*Token, kind string) *Token {
	if i := slices.IndexFunc(tokens, func(t *Token) bool { return t.Kind == kind }); i >= 0 {
		return tokens[i]
	}
	return nil
}

// Before reports whether other was over, for the client too, when e began.
func (e *Event) Before(other *Event) bool { return other != nil && other.Done.Before(e.Arrived) }

// Book keeps every token of a watch. Its methods may be called concurrently.
type Book struct {
	set     *operation.Set
	dialect *specs.Dialect

	mu       sync.Mutex
	byValue  map[string]*Token
	tokens   []*Token
	families []*family
}

// family is what came of one grant.
type family struct {
	many map[string]int // tokens, by kind
	last []*Token       // those that nothing has replaced
}

// NewBook makes an empty book for the operations of a document.
func NewBook(dialect *specs.Dialect, set *operation.Set) *Book {
	return &Book{set: set, dialect: dialect, byValue: map[string]*Token{}}
}

// Tokens are all that were handed out, in that order.
func (b *Book) Tokens() []*Token {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.tokens)
}

// Find is the token of a value; nil: nobody handed it out.
func (b *Book) Find(value string) *Token {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.byValue[value]
}

// Newest is the token of a kind that was handed out last and reached the client; nil: none.
func (b *Book) Newest(kind string) *Token {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range slices.Backward(b.tokens) {
		if t.Kind == kind && t.Delivered {
			return t
		}
	}
	return nil
}

// Read reads an exchange's request; its answer need not be there.
func (b *Book) Read(x *front.Exchange) *Event {
	e := &Event{Exchange: x, Seen: b.set.Recognize(&http.Request{Method: x.Request.Method, URL: x.Request.URL, Header: x.Request.Header}, x.Request.Body)}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, shown := range e.Seen.Shown {
		if t := b.byValue[shown.Value]; t != nil {
			e.Shown = append(e.Shown, t)
		} else {
			e.Strange = append(e.Strange, shown)
		}
	}
	return e
}

// Take takes in an exchange that is over.
func (b *Book) Take(x *front.Exchange) *Event {
	e := b.Read(x)
	op := e.Seen.Op
	if op == nil { // a page on the way to a redirect, or something that the document says nothing of
		b.note(e)
		b.redirected(e)
		return e
	}
	if x.Answer != nil {
		e.Answer = op.Handed(asExchange(x, x.Answer))
	}
	carried, delivered := e.Answer, x.Received
	if (carried == nil || len(carried.Tokens) == 0) && x.Origin != nil {
		carried, delivered = op.Handed(asExchange(x, x.Origin)), false
	}
	b.note(e)
	if carried != nil && (carried.Succeeded() || carried.Redirected()) {
		b.give(e, carried, delivered)
	}
	return e
}

// redirected enters what a redirect carries whoever sends it: the document has the page that a user begins at, and not those after it.
func (b *Book) redirected(e *Event) {
	for _, op := range b.set.ByRole(specs.RoleAuthorize) {
		for _, from := range []*front.Answer{e.Origin, e.Exchange.Answer} {
			if from == nil || op.Yields == "" {
				continue
			}
			if answer := op.Handed(asExchange(e.Exchange, from)); answer.Redirected() && answer.Tokens[op.Yields] != "" {
				b.give(e, answer, e.Received)
				return
			}
		}
	}
}

// note takes note of what the answer says of the tokens that were shown.
func (b *Book) note(e *Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range e.Shown {
		if e.Role() == specs.RoleRevoke && e.Status()/100 == 2 && t.Revoked == nil {
			t.Revoked = e
		}
		if e.Refused() && t.Refused == nil && e.Status() != 429 && e.Status() != 403 && e.Status() != 404 {
			t.Refused = e
		}
	}
}

// give enters the tokens of an answer.
func (b *Book) give(e *Event, answer *operation.Answer, delivered bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var parent *Token
	for _, t := range e.Shown {
		if e.Role() == specs.RoleRefresh || e.Role() == specs.RoleExchange {
			parent = t
		}
	}
	grant, number, generation := e.Role(), len(b.families), 0
	if parent != nil {
		number, generation = parent.Family, parent.Generation
		if e.Role() == specs.RoleRefresh {
			grant, generation = parent.Grant, generation+1
		}
	}
	for _, kind := range b.dialect.Tokens {
		value := answer.Tokens[kind.Name]
		if value == "" {
			continue
		}
		if known := b.byValue[value]; known != nil {
			known.Delivered = known.Delivered || delivered
			e.Gave = append(e.Gave, known)
			continue
		}
		if number == len(b.families) {
			b.families = append(b.families, &family{many: map[string]int{}})
		}
		of := b.families[number]
		of.many[kind.Name]++
		t := &Token{Kind: kind.Name, Grant: grant, Family: number, Generation: generation, Nth: of.many[kind.Name], Given: e, Parent: parent, Delivered: delivered, value: value}
		if life := lifetime(kind, answer, &t.Announced); life > 0 {
			t.Ends = e.At.Add(life)
		}
		of.last = append(of.last, t)
		b.byValue[value], b.tokens, e.Gave = t, append(b.tokens, t), append(e.Gave, t)
	}
	if parent != nil && len(e.Gave) > 0 && delivered {
		b.replace(e, parent)
	}
}

// replace takes note of what an answer that the client received replaces: what was shown for it, and of the same family the tokens that it
// carries anew.
func (b *Book) replace(e *Event, parent *Token) {
	for _, t := range b.families[parent.Family].last {
		renewed := of(e.Gave, t.Kind)
		if t.Replaced == nil && renewed != nil && renewed != t && t.Generation < renewed.Generation {
			t.Replaced = e
		}
	}
	if parent.Replaced == nil && of(e.Gave, parent.Kind) != parent && e.Role() == specs.RoleExchange {
		parent.Replaced = e
	}
	family := b.families[parent.Family]
	family.last = slices.DeleteFunc(family.last, func(t *Token) bool { return t.Replaced != nil })
}

// lifetime is how long a token of an answer lives: what the answer announces, else the document's number.
func lifetime(kind specs.TokenKind, answer *operation.Answer, announced *time.Duration) time.Duration {
	if remaining, _, ok := answer.Lifetime(kind); ok && remaining > 0 {
		*announced = remaining
		return remaining
	}
	return kind.Lifetime.Documented
}

// asExchange is what was told of an exchange, in the words of those who judge answers. Its moments are those of the API's clock.
func asExchange(x *front.Exchange, a *front.Answer) *exchange.Exchange {
	return &exchange.Exchange{
		Sent: x.At, Received: x.At, Method: x.Request.Method, URL: x.Request.URL.String(), RequestHeader: x.Request.Header, RequestBody: x.Request.Body,
		Status: a.Status, Header: a.Header, Body: plain(a), Cut: a.Cut,
	}
}

// plain is the body without its compression, or as it is where that cannot be read.
func plain(a *front.Answer) []byte {
	body, err := coding.Decode(a.Header.Get("Content-Encoding"), a.Body, exchange.MaxBody)
	if err != nil {
		return a.Body
	}
	return body
}
