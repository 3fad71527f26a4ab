package samples

import (
	"fmt"
	"time"

	"gonogo/reports"
	"gonogo/specs"
)

// Watched is a watch of a client that shows its first refresh token again, decided.
func Watched() *reports.Report {
	row := reports.Requirement{ID: "KHW-STORE-1", Level: specs.Documented, Text: "the newest refresh token is used", Positive: true, Cases: []string{"kh/client-storage/newest"}}
	c := reports.Case{
		ID: "kh/client-storage/newest", Title: "after a refresh the newest tokens are used", Level: specs.Documented, Requirements: []string{row.ID}, Polarity: reports.Positive, Outcome: reports.Fail,
		Findings:  []reports.Finding{{Requirement: row.ID, Sent: "POST /refresh with ‹refresh a1›", Wanted: "the newest refresh token", Got: "‹refresh a1›, which ‹refresh a2› had replaced", Exchange: new(0)}},
		Exchanges: []reports.Exchange{{AtMS: 5000, Request: reports.Request{Method: "POST", URL: "http://127.0.0.1/refresh"}, Response: reports.Response{Status: 401}}},
	}
	at := func(wall, clock int64) reports.Moment { return reports.Moment{AtMS: wall, ClockMS: clock} }
	event := func(m reports.Moment, what reports.Fate, exchange, status int, by ...string) reports.TokenEvent {
		return reports.TokenEvent{Moment: m, What: what, Exchange: exchange, Request: "POST /refresh", Status: status, Situation: "ended-thrice", By: by}
	}
	accused := event(at(5000, 7205000), reports.Refused, 9, 401)
	accused.Accused = []reports.Accusation{{Case: c.ID, Finding: 0}}
	const step = 3600000
	d := &reports.Dialect{
		ID: "kh", Subject: reports.SubjectClient, Requirements: []reports.Requirement{row}, Cases: []reports.Case{c}, Requests: 9,
		Document: reports.Document{Title: "Kitchen", Version: "1", SHA256: "ab"}, Target: reports.Target{BaseURL: "http://127.0.0.1:1", Watched: "http://127.0.0.1:2"},
		Lives: &reports.Lives{
			Began: Started, End: at(6000, 6000+2*step),
			Situations: []reports.Stretch{{ID: "calls", Title: "the client begins to call"}, {ID: "ended-thrice", Title: "it ends", Moment: at(1000, 1000)}, {ID: "end", Moment: at(5900, 5900+2*step)}},
			Steps:      []reports.ClockStep{{Moment: at(1500, 1500), ByMS: step}, {Moment: at(4000, 4000+step), ByMS: step}},
			Tokens: []reports.TokenLife{
				{Name: "access a1", Kind: "access", Grant: "a", EndsMS: new(int64(step)), Events: []reports.TokenEvent{event(at(100, 100), reports.Issued, 1, 200), event(at(600, 600), reports.Used, 2, 200), event(at(2000, 2000+step), reports.Refused, 3, 401), event(at(2010, 2010+step), reports.Replaced, 4, 200, "access a2")}},
				{Name: "refresh a1", Kind: "refresh", Grant: "a", EndsMS: new(int64(30 * step)), Events: []reports.TokenEvent{event(at(100, 100), reports.Issued, 1, 200), event(at(2005, 2005+step), reports.Traded, 4, 200, "access a2", "refresh a2"), accused}},
				{Name: "access a2", Kind: "access", Grant: "a", Origin: "refresh a1", EndsMS: new(int64(2 * step)), Events: []reports.TokenEvent{event(at(2010, 2010+step), reports.Issued, 4, 200), event(at(3000, 3000+step), reports.Used, 5, 200)}},
				{Name: "refresh a2", Kind: "refresh", Grant: "a", Origin: "refresh a1", Events: []reports.TokenEvent{event(at(2010, 2010+step), reports.Issued, 4, 200)}},
				{Name: "code b1", Kind: "code", Grant: "b", Events: []reports.TokenEvent{event(at(5500, 5500+2*step), reports.Lost, 10, 0), event(at(5600, 5600+2*step), reports.Revoked, 11, 200)}},
			},
		},
	}
	r := &reports.Report{Started: Started, DurationMS: 6000, Dialects: []*reports.Dialect{d}}
	reports.Decide(r, reports.Policy{})
	return r
}

// ManyLives is Watched with so many tokens, each with so many uses. The token in the middle is the accused one.
func ManyLives(tokens, uses int) *reports.Report {
	r := Watched()
	l := r.Dialects[0].Lives
	accused := l.Tokens[1]
	l.Tokens = nil
	for i := range tokens {
		t := reports.TokenLife{Name: fmt.Sprintf("access %d", i), Kind: "access", Grant: fmt.Sprint(i / 2)}
		if i == tokens/2 {
			t = accused
			t.Events[1].By = []string{fmt.Sprintf("access %d", i+1)}
		}
		for k := range uses {
			ms := int64(i*10 + k)
			t.Events = append(t.Events, reports.TokenEvent{Moment: reports.Moment{AtMS: ms, ClockMS: ms}, What: reports.Used, Exchange: 100 + i*uses + k, Request: "GET /orders", Status: 200, Situation: "calls"})
		}
		l.Tokens = append(l.Tokens, t)
	}
	l.End.ClockMS = max(l.End.ClockMS, int64(tokens*10+uses))
	r.DurationMS = time.Hour.Milliseconds()
	return r
}
