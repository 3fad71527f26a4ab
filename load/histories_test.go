package load

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"gonogo/internal/exchange"
)

// saw is a moment of a history in a test: what was shown when, for how long, and what came of it.
type saw struct {
	at, took time.Duration
	what     *call
	token    string // that was shown
	got      said
	gave     string // what new tokens end with; empty: none came
	left     int
}

func (s saw) moment(r *run) moment {
	x := &exchange.Exchange{Sent: r.started.Add(s.at), Received: r.started.Add(s.at + s.took), Status: http.StatusUnauthorized, Header: http.Header{"Content-Type": {"application/json"}}}
	switch {
	case s.got == yes && s.gave != "":
		x.Status, x.Body = http.StatusOK, fmt.Appendf(nil, `{"access_token":"a%s","refresh_token":"r%[1]s","access_token_expire":60,"refresh_token_expire":1440}`, s.gave)
	case s.got == yes:
		x.Status, x.Body = http.StatusOK, fmt.Appendf(nil, `{"valid":true,"expires_in":%d}`, s.left)
	case s.got == nothingSaid:
		x.Status = 0
	}
	return moment{op: s.what.op, shown: [2]string{"a" + s.token, "r" + s.token}, got: s.got, x: x}
}

func TestHistoriesThatSomeOrderExplains(t *testing.T) {
	r, _ := ready(t, "mix")
	issue, use, validate, refresh := r.offer.issue, r.offer.use, r.offer.validate, r.offer.refresh
	const ms, hour = time.Millisecond, time.Hour
	begun := saw{0, ms, issue, "", yes, "1", 0}
	for _, c := range []struct {
		name    string
		settle  time.Duration
		moves   []time.Duration
		lived   [][]saw
		kind    violation
		row     string // empty: some order explains them
		against int
	}{
		{name: "a life as it should be", lived: [][]saw{{begun, {2 * ms, ms, use, "1", yes, "", 0}, {4 * ms, ms, refresh, "1", yes, "2", 0}, {6 * ms, ms, use, "2", yes, "", 0}, {8 * ms, ms, refresh, "1", no, "", 0}}}},
		{name: "the former token lives on", lived: [][]saw{{begun, {4 * ms, ms, refresh, "1", yes, "2", 0}, {6 * ms, ms, use, "1", yes, "", 0}, {8 * ms, ms, validate, "1", yes, "", 59}}}},
		{name: "the former token ends", lived: [][]saw{{begun, {4 * ms, ms, refresh, "1", yes, "2", 0}, {6 * ms, ms, use, "1", no, "", 0}, {8 * ms, ms, validate, "1", no, "", 0}}}},
		{name: "the former token returns", lived: [][]saw{{begun, {4 * ms, ms, refresh, "1", yes, "2", 0}, {6 * ms, ms, use, "1", no, "", 0}, {8 * ms, ms, use, "1", yes, "", 0}}}, kind: returned, row: "KH-USE-1", against: 2},
		{name: "the former token ends at one door", lived: [][]saw{{begun, {4 * ms, ms, refresh, "1", yes, "2", 0}, {6 * ms, ms, validate, "1", no, "", 0}, {8 * ms, ms, use, "1", yes, "", 0}}}},
		{name: "it ends while it is looked at", lived: [][]saw{{begun, {4 * ms, 9 * ms, use, "1", no, "", 0}, {5 * ms, ms, use, "1", yes, "", 0}}}},
		{name: "a used one is refused and then works", lived: [][]saw{{begun, {4 * ms, ms, refresh, "1", yes, "2", 0}, {6 * ms, ms, refresh, "1", no, "", 0}, {8 * ms, ms, refresh, "1", yes, "3", 0}}}, kind: returned, row: "KH-REFRESH-2", against: 2},
		{name: "a used one is answered as before", lived: [][]saw{{begun, {4 * ms, ms, refresh, "1", yes, "2", 0}, {6 * ms, ms, refresh, "1", yes, "2", 0}}}},
		{name: "a refresh whose answer was lost", lived: [][]saw{{begun, {4 * ms, ms, refresh, "1", nothingSaid, "", 0}, {6 * ms, ms, refresh, "1", no, "", 0}}}},
		{name: "a refresh that was not acted on", lived: [][]saw{{begun, {4 * ms, ms, refresh, "1", nothingSaid, "", 0}, {6 * ms, ms, refresh, "1", yes, "2", 0}}}},
		{name: "one of two that race", lived: [][]saw{{begun, {4 * ms, 5 * ms, refresh, "1", no, "", 0}, {5 * ms, ms, refresh, "1", yes, "2", 0}}}},
		{name: "both of two that race", lived: [][]saw{{begun, {4 * ms, 5 * ms, refresh, "1", yes, "3", 0}, {5 * ms, ms, refresh, "1", yes, "2", 0}}}, kind: returned, row: "KH-REFRESH-2", against: 2},
		{name: "a replica that does not know yet", settle: 5 * ms, lived: [][]saw{{begun, {2 * ms, ms, use, "1", no, "", 0}, {9 * ms, ms, use, "1", yes, "", 0}}}},
		{name: "a replica that should know", settle: 5 * ms, lived: [][]saw{{begun, {4 * ms, ms, refresh, "1", yes, "2", 0}, {20 * ms, ms, use, "1", no, "", 0}, {27 * ms, ms, use, "1", yes, "", 0}}}, kind: returned, row: "KH-USE-1", against: 2},
		{name: "a replica that goes on for a while", settle: 5 * ms, lived: [][]saw{{begun, {4 * ms, ms, refresh, "1", yes, "2", 0}, {20 * ms, ms, use, "1", no, "", 0}, {23 * ms, ms, use, "1", yes, "", 0}}}},
		{name: "clocks differ about its end", lived: [][]saw{{begun, {hour - 2*ms, ms, use, "1", no, "", 0}, {hour + 2*ms, ms, use, "1", yes, "", 0}}}},
		{name: "it outlives its end by more than clocks differ", lived: [][]saw{{begun, {hour + 3*time.Minute, ms, use, "1", yes, "", 0}}}, kind: returned, row: "KH-EXPIRE-1", against: 1},
		{name: "the run moved the clock past its end", moves: []time.Duration{4 * ms, 6 * ms}, lived: [][]saw{{begun, {5 * ms, ms, use, "1", no, "", 0}, {6 * ms, ms, use, "1", yes, "", 0}}}},
		{name: "it works after that", moves: []time.Duration{4 * ms, 6 * ms}, lived: [][]saw{{begun, {8 * ms, ms, validate, "1", yes, "", 3}}}, kind: returned, row: "KH-EXPIRE-1", against: 1},
		{name: "minutes count down", lived: [][]saw{{begun, {2 * ms, ms, validate, "1", yes, "", 60}, {4 * ms, ms, validate, "1", yes, "", 59}, {6 * ms, ms, validate, "1", yes, "", 60}}}},
		{name: "minutes count up", lived: [][]saw{{begun, {2 * ms, ms, validate, "1", yes, "", 60}, {4 * ms, ms, validate, "1", yes, "", 55}, {6 * ms, ms, validate, "1", yes, "", 60}}}, kind: older, row: "KH-VALIDATE-3", against: 2},
		{name: "tokens of one's own", lived: [][]saw{{begun}, {{0, ms, issue, "", yes, "7", 0}}}},
		{name: "tokens of another", lived: [][]saw{{begun}, {{0, ms, issue, "", yes, "7", 0}, {4 * ms, ms, refresh, "7", yes, "1", 0}}}, kind: swapped, row: "ANY-UNIQUE", against: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.histories, r.ledger = newHistories(0, 0), newLedger(r.offer, r.account.connection.Redactor)
			r.offer.gate, r.offer.target.Limits.Settle = "practice", c.settle
			defer func() { r.offer.target.Limits.Settle = 0 }()
			for _, at := range c.moves {
				r.histories.moves = append(r.histories.moves, r.started.Add(at))
			}
			for _, family := range c.lived {
				one := r.histories.follow(ofChains)
				for _, s := range family {
					one.add(s.moment(r))
				}
			}
			r.explain(t.Context(), hour)
			found := r.ledger.violations()
			switch {
			case c.row == "" && len(found) > 0:
				t.Errorf("an order explains them, and it is said %+v", found)
			case c.row != "" && (len(found) != 1 || found[0].Kind != violationWords[c.kind] || found[0].Requirement != c.row):
				t.Errorf("%q of %s is wanted, not %+v", violationWords[c.kind], c.row, found)
			case c.row != "":
				against := 0
				for _, e := range found[0].History {
					if e.Against {
						against++
					}
				}
				if against != c.against || found[0].Exchange == nil || found[0].Finding.Sent == "" || found[0].Finding.Wanted == "" {
					t.Errorf("%d moments are against each other, not %d, in %+v", against, c.against, found[0])
				}
			}
			if r.followed == nil || r.followed.Families != len(c.lived) || r.followed.Undecided > 0 {
				t.Errorf("followed were %+v", r.followed)
			}
		})
	}
}

// A history has room for so much, and what gives way is what says least.
func TestHistoryIsBounded(t *testing.T) {
	r, _ := ready(t, "mix")
	one := newHistories(0, 0).follow(ofHeld)
	one.add(saw{0, 1, r.offer.issue, "", yes, "1", 0}.moment(r))
	for i := range 100 * mostMoments {
		if !one.skips(r.offer.validate.op, yes) {
			one.add(saw{time.Duration(i), 1, r.offer.validate, "1", yes, "", 60}.moment(r))
		}
		if len(one.lived) > mostMoments {
			t.Fatalf("%d moments are kept", len(one.lived))
		}
	}
	one.add(saw{1 << 40, 1, r.offer.validate, "1", no, "", 0}.moment(r))
	if first, last := one.lived[0], one.lived[len(one.lived)-1]; first.op != r.offer.issue.op || last.got != no || len(one.lived) < mostMoments/3 {
		t.Errorf("of %d moments the first is of %s and the last says %d", len(one.lived), first.op.Name(), last.got)
	}
	for range 10 * mostMoments {
		one.add(saw{1 << 41, 1, r.offer.refresh, "1", no, "", 0}.moment(r))
	}
	if one.skips(r.offer.validate.op, no); len(one.lived) > mostMoments {
		t.Errorf("%d moments are kept", len(one.lived))
	}
	for range 10 { // looks go on, at any stride
		one.skips(r.offer.validate.op, yes)
	}
}

// A search that has no time says so, and holds nothing against anybody.
func TestHistoriesThatNobodyHadTimeFor(t *testing.T) {
	r, _ := ready(t, "mix")
	r.histories = newHistories(0, 0)
	r.histories.all = nil
	one := r.histories.follow(ofChains)
	for _, s := range []saw{{4, 1, r.offer.refresh, "1", yes, "2", 0}, {8, 1, r.offer.refresh, "1", yes, "3", 0}} {
		one.add(s.moment(r))
	}
	r.explainUntil(0, time.Now())
	if r.followed.Undecided != 1 || len(r.ledger.violations()) > 0 || len(r.ledger.noted()) != 1 {
		t.Errorf("%+v, %+v, %q", r.followed, r.ledger.violations(), r.ledger.noted())
	}
}
