package load

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/exchange"
	"gonogo/load/model"
	"gonogo/reports"
	"gonogo/reports/words"
	"gonogo/specs"
)

// explainFor is how long the histories of a run are held to the model.
const explainFor = 2 * time.Second

// explain holds the histories to the model. What no order of the answers explains is a violation; where the time is too
// short for a search nobody can tell.
func (r *run) explain(ctx context.Context, life time.Duration) {
	during := explainFor
	if ctx.Err() != nil { // somebody waits for the end
		during /= 10
	}
	r.explainUntil(life, time.Now().Add(during))
}

func (r *run) explainUntil(life time.Duration, until time.Time) {
	out := &reports.LoadHistories{}
	var all []*chronicle
	for _, one := range r.histories.all {
		t := r.tell(one, life, r.histories.moves)
		if len(t.moments) == 0 {
			continue
		}
		out.Families++
		out.Events += len(t.moments)
		all = append(all, t)
		switch against, v := model.Check(t.events, r.slack(), until); v {
		case model.Contradicted:
			r.contradicted(t, against)
		case model.Unknown:
			out.Undecided++
		}
	}
	if !r.account.habits.turns() {
		r.owned(all)
	}
	if out.Undecided > 0 {
		r.ledger.note("of the histories of %s %d could not be told in the time that there was: whether any order explains them nobody knows", words.Count(out.Families, "family of tokens"), out.Undecided)
	}
	if out.Families > 0 {
		r.followed = out
	}
}

// slack is how much more an answer may say to be left of a token's life than one before it: replicas may have clocks that
// differ.
func (r *run) slack() int {
	if c := r.offer.validate; c != nil && c.op.Says != nil && c.op.Says.Unit == specs.Minutes {
		return int(client.Leeway/time.Minute) + 1
	}
	return int(client.Leeway/time.Second) + 1
}

// owned looks whether a family was handed a token that another one had before, where no rule looks at it as it comes: a
// refresh may leave a client its refresh token, but not give it somebody else's.
func (r *run) owned(all []*chronicle) {
	type gift struct {
		to        *chronicle
		at, token int
	}
	var gifts []gift
	for _, t := range all {
		for i := range t.moments {
			for _, n := range t.gave[i] {
				gifts = append(gifts, gift{t, i, n})
			}
		}
	}
	slices.SortStableFunc(gifts, func(a, b gift) int { return a.to.moments[a.at].x.Received.Compare(b.to.moments[b.at].x.Received) })
	owners, told := map[string]*chronicle{}, map[*chronicle]bool{}
	for _, g := range gifts {
		token := g.to.tokens[g.token]
		key := kindNames[token.kind] + " " + token.text
		switch owner := owners[key]; {
		case owner == nil:
			owners[key] = g.to
		case owner != g.to && !told[g.to]:
			told[g.to] = true
			m := &g.to.moments[g.at]
			r.found(g.to, []int{g.at}, finding{
				violation: swapped, row: "ANY-UNIQUE", why: "with " + g.to.named(m), wanted: "tokens that nobody else was handed",
				got: client.Got(m.x.Status, kindNames[token.kind]) + " token that another family was handed before",
			})
		}
	}
}

// contradicted tells of the events of a history that contradict each other: the last is an answer that cannot be, after the
// first.
func (r *run) contradicted(t *chronicle, against []int) {
	last := t.events[against[len(against)-1]]
	m := &t.moments[t.of[against[len(against)-1]]]
	f := finding{violation: returned, why: "with " + t.named(m), got: t.answered(t.of[against[len(against)-1]])}
	var places []int
	for _, i := range against {
		if t.of[i] >= 0 {
			places = append(places, t.of[i])
		}
	}
	first := against[0]
	before := time.Duration(last.From - t.events[first].To).Round(10 * time.Microsecond)
	switch cause := t.events[first]; {
	case t.of[first] < 0:
		f.row, f.wanted = r.offer.flow("expiry", client.Access).Requirement, "a refusal: its life had ended"
	case cause.Act == model.Replaced:
		f.row = r.offer.flow("rotation", "").Requirement
		f.wanted = "a refusal: it was replaced " + ago(before)
	case cause.Act == model.Ended:
		f.row = r.offer.flow("revocation", "").Requirement
		f.wanted = "a refusal: it was revoked " + ago(before)
	case cause.Act == model.Refused:
		f.row = t.moments[t.of[first]].op.Success
		f.wanted = "a refusal, as " + ago(before) + ": a token that works now had not ended then"
	default:
		f.violation, f.row = older, r.counts()
		f.wanted = fmt.Sprintf("no more left of its life than the %d that were told %s", cause.Left, ago(before))
		f.got += fmt.Sprintf(", with %d left", last.Left)
	}
	r.found(t, places, f)
}

func ago(d time.Duration) string {
	if d <= 0 {
		return "meanwhile"
	}
	return words.Duration(d.Microseconds()) + " before"
}

// found counts a contradiction, unless somebody else has moved the target's clock. The last of the places is the answer
// that is shown.
func (r *run) found(t *chronicle, places []int, f finding) {
	if r.ledger.moved.Load() != nil {
		return
	}
	for _, i := range places {
		x := t.moments[i].x
		if date, ok := x.Date(); ok && r.ledger.excuses(r.account.client.MovedAt(date, x.Received)) {
			return
		}
	}
	m := &t.moments[places[len(places)-1]]
	f.call = r.offer.called(m)
	f.events = t.timeline(places, *r.ledger.began.Load())
	for _, token := range t.tokens {
		r.ledger.redactor.Add(kindNames[token.kind], token.text)
	}
	r.ledger.violated(f, func() *exchange.Exchange { return m.x })
}

// called is the call whose answer a moment is.
func (o *offer) called(m *moment) *call {
	for _, c := range []*call{o.issue, o.refresh, o.use, o.validate, o.revoke, o.renewable} {
		if c != nil && c.op == m.op {
			return c
		}
	}
	return &call{op: m.op}
}

// named is the token that a request showed, by its number.
func (t *chronicle) named(m *moment) string {
	kind := 0
	if m.op.Role == specs.RoleRefresh {
		kind = 1
	}
	for _, token := range t.tokens {
		if token.kind == kind && token.text == m.shown[kind] && token.text != "" {
			return token.String()
		}
	}
	return "credentials"
}

func (t token) String() string { return fmt.Sprintf("%s token %d", kindNames[t.kind], t.number+1) }

// answered is what an answer says, in words.
func (t *chronicle) answered(i int) string {
	m := &t.moments[i]
	switch {
	case m.x.Status == 0:
		return "no answer"
	case m.got == no && m.x.Succeeded():
		return client.Got(m.x.Status) + ", not valid"
	case m.got == yes && m.op.Says != nil:
		return client.Got(m.x.Status) + ", valid"
	}
	var carried []string
	for _, n := range t.gave[i] {
		carried = append(carried, t.tokens[n].String())
	}
	return client.Got(m.x.Status, carried...)
}

// timeline is what a history is told by: all that was done with the tokens of those that contradict each other, and what
// handed tokens out.
func (t *chronicle) timeline(places []int, began time.Time) (events []reports.LoadEvent) {
	concerned := map[string]bool{}
	against := map[int]bool{}
	for _, i := range places {
		concerned[t.named(&t.moments[i])], against[i] = true, true
	}
	for i := range t.moments {
		m := &t.moments[i]
		name := t.named(m)
		if !concerned[name] && !grants(m.op) && !revokes(m.op) {
			continue
		}
		events = append(events, reports.LoadEvent{
			At: m.x.Sent.Sub(began).Microseconds(), Took: m.x.Received.Sub(m.x.Sent).Microseconds(), Against: against[i],
			What: m.op.Name() + " with " + name, Got: t.answered(i),
		})
	}
	return events
}
