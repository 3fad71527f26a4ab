package attack_test

import (
	"testing"
	"time"

	"gonogo/load/attack"
)

func TestWhyAnotherGeneratorHasNoAnswer(t *testing.T) {
	const begin = `Get "http://127.0.0.1:9/token?refresh_token=secret": `
	for text, why := range map[string]attack.Why{
		"dial tcp 127.0.0.1:0->127.0.0.1:9: connect: connection refused":                   attack.Refused,
		"dial tcp: lookup nowhere.invalid: no such host":                                   attack.NoName,
		"dial tcp 127.0.0.1:9: connect: no route to host":                                  attack.NotConnected,
		"dial tcp 127.0.0.1:9: socket: too many open files":                                attack.NoFiles,
		"dial tcp 127.0.0.1:9: connect: cannot assign requested address":                   attack.NoPorts,
		"tls: failed to verify certificate: x509: certificate signed by unknown authority": attack.NoTLS,
		"context deadline exceeded (Client.Timeout exceeded while awaiting headers)":       attack.TimedOut,
		"read tcp 127.0.0.1:1->127.0.0.1:9: read: connection reset by peer":                attack.Reset,
		"EOF":            attack.Closed,
		"unexpected EOF": attack.Cut,
		`net/http: HTTP/1.x transport connection broken: malformed HTTP response "x"`: attack.Unreadable,
		"what nobody has thought of": attack.Other,
	} {
		if got := attack.WhyOf(begin + text); got != why {
			t.Errorf("%q is %q, not %q", text, got, why)
		}
	}
}

// Hits come in the order in which they ended, and a result has them in that in which they began.
func TestSumOfHits(t *testing.T) {
	began := time.Unix(1_000_000, 0)
	at := func(ms int) time.Time { return began.Add(time.Duration(ms) * time.Millisecond) }
	r := attack.Sum([]string{"issue", "use"}, []attack.Hit{
		{At: at(2500), Took: 20 * time.Millisecond, Part: 1, Status: 503, Verdict: attack.Bad},
		{At: at(0), Took: 10 * time.Millisecond, Status: 200},
		{At: at(1100), Took: 2 * time.Second, Status: 200, Verdict: attack.Violation},
		{At: at(2600), Took: time.Millisecond, Part: 1, Why: attack.Refused, Verdict: attack.Bad},
		{At: at(2600), Part: 1, Why: attack.NoFiles, Verdict: attack.Bad},
	})
	if r.Requests != 4 || r.Errors != 3 || r.Violations != 1 || r.Answered != 3 || r.Denied[attack.NoFiles] != 1 || r.Failures[attack.Refused] != 1 || r.Statuses[200] != 2 || r.Statuses[503] != 1 {
		t.Errorf("it is %+v", r)
	}
	if !r.Started.Equal(began) || r.Duration != 2600*time.Millisecond || r.Latency.TotalCount() != 4 || r.Asked() != 0 {
		t.Errorf("it began %s, took %s, and has %d times", r.Started, r.Duration, r.Latency.TotalCount())
	}
	if len(r.Seconds) != 3 || r.Seconds[0].Sent != 1 || r.Seconds[1].Violations != 1 || r.Seconds[1].Answered != 0 || r.Seconds[2].Sent != 2 || r.Seconds[1].Max < 1_990_000 || r.Seconds[1].P99 == 0 {
		t.Errorf("its seconds are %+v", r.Seconds)
	}
}
