package app_test

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gonogo/reports"
)

// counted is how many requests of a run the target's own log has, by the first half of the generator's trace and from where they came.
func (j *joint) counted(run *reports.LoadRun) (of []int64, from []string) {
	for _, g := range run.Generators {
		var n int64
		var host string
		j.log.Range(func(key, count any) bool {
			if at := key.([2]string); g.TraceID != "" && at[1] == g.TraceID[:16] {
				host += at[0]
				n += count.(*atomic.Int64).Load()
			}
			return true
		})
		of, from = append(of, n), append(from, host)
	}
	return of, from
}

// Eight machines, as far as their network goes: a lead, a target and six generators, one of them far away. Their report is one, and the
// target counts what it says. They have one clock, so nobody's is ahead by more than is owned up to.
func TestGeneratorsOfANetwork(t *testing.T) {
	t.Parallel()
	const there, back = 8 * time.Millisecond, 2 * time.Millisecond
	n := newNetwork(t)
	j := joinedAt(t, n.host(t), n.host(t), 6, "--duration", "1s")
	far := n.distant(t, there, back)
	for range 5 {
		j.joinFrom(t, n.host(t), j.address)
	}
	j.joinFrom(t, far, j.address)
	for _, g := range j.generators {
		g.ends(t).exits(t, 0)
	}
	o := j.lead.ends(t)
	r := j.run(t)
	if why := undone(r); len(why) > 0 || len(r.Generators) != 6 || r.Requests+r.Unsent != 200 || r.Errors > 0 {
		t.Fatalf("%d generators, %d requests and %d errors, incomplete because of %q in\n%s", len(r.Generators), r.Requests, r.Errors, why, o)
	}
	counted, from := j.counted(r)
	for i, g := range r.Generators {
		if counted[i] != g.Requests || strings.Count(strings.Join(from, " "), from[i]) != 1 {
			t.Errorf("generator %d sent %d requests, of which the target has %d from %q", i+1, g.Requests, counted[i], from)
		}
		const within = int64((there + back) / 2 / time.Microsecond)
		wrong := g.Within + max(g.Drift, -g.Drift)
		if is := from[i] == far.host; is != (g.Within >= within) || max(g.Ahead, -g.Ahead) > wrong {
			t.Errorf("generator %d, which is far away: %v, has a clock that is %d µs ahead, ± %d µs, in\n%s", i+1, is, g.Ahead, wrong, o)
		}
	}
}

// A generator whose network is cut off counts as lost after a while, the rest is kept, and it ends by itself.
func TestAGeneratorIsCutOff(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	j := joinedAt(t, n.host(t), n.host(t), 3, "--duration", "3s")
	var at []place
	for range 3 {
		at = append(at, n.host(t))
		j.joinFrom(t, at[len(at)-1], j.address)
	}
	j.attacks(t)
	at[1].cut(t)
	o := j.lead.ends(t)
	o.exits(t, 3)
	r := j.run(t)
	if why := undone(r); !slices.ContainsFunc(why, func(why string) bool {
		return strings.HasPrefix(why, "generator 2 of 3 was lost: nothing was heard of it for 5s")
	}) {
		t.Errorf("it is incomplete because of %q in\n%s", why, o)
	}
	counted, from := j.counted(r)
	if len(r.Generators) != 3 || r.Requests+r.Unsent != 400 || r.Errors > 0 || counted[0]+counted[2] != r.Requests || from[0] == from[2] {
		t.Errorf("%d requests and %d errors are what the others measured, and the target counted %d from %q, in\n%s", r.Requests, r.Errors, counted, from, o)
	}
	for i, g := range j.generators {
		if o := g.ends(t); i != 1 && o.code != 0 || i == 1 && (o.code != 3 || !strings.HasSuffix(o.stderr, "gonogo: the connection to the lead is gone\n")) {
			t.Errorf("generator %d ends by %s", i+1, o)
		}
	}
}
