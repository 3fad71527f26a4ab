package load

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"gonogo/load/attack"
	"gonogo/reports"
	"gonogo/reports/words"
)

// apartBy is by which part of a run its shards may have begun one after the other and still have been one load.
const apartBy = 0.1

// Merge unites what several generators of one plan measured at one target at the same time: the shards of a load run, which somebody
// started, or the runs of generators that were brought together (Config.Share), of which lost are those that are not among them.
// Histograms, counts and violations are added up exactly, and the verdict is drawn anew, from the objectives of the runs. The p50 and
// p99 of a second are the highest of theirs, for a report keeps no histogram of a second. The error says why the runs
// are no shards of one.
func Merge(shards []*reports.LoadRun, lost ...reports.LoadGenerator) (*reports.LoadRun, error) {
	generators, err := generatorsOf(shards, lost)
	m := merger{name: "shard", generators: generators}
	if len(generators) > 0 {
		m.name = "generator"
		shards = slices.SortedFunc(slices.Values(shards), func(a, b *reports.LoadRun) int { return cmp.Compare(a.Generators[0].Number, b.Generators[0].Number) })
	}
	switch {
	case err != nil:
		return nil, err
	case len(shards) < 2 && len(generators) == 0:
		return nil, errors.New("it takes two shards or more")
	}
	objectives, err := m.sharedObjectives(shards)
	if err != nil {
		return nil, err
	}
	for i, shard := range shards[1:] {
		if why := Unlike(shards[0], shard); why != "" {
			return nil, fmt.Errorf("%s is of another plan than the first: %s", m.called(shard, i+1), why)
		}
		if shard.Target.BaseURL != shards[0].Target.BaseURL {
			return nil, fmt.Errorf("%s is of another target than the first: %s, and not %s", m.called(shard, i+1), shard.Target.BaseURL, shards[0].Target.BaseURL)
		}
		if len(generators) == 0 && slices.ContainsFunc(shards[:i+1], func(s *reports.LoadRun) bool {
			return s.Started.Equal(shard.Started) && slices.Equal(s.Latency.Binary, shard.Latency.Binary)
		}) {
			return nil, fmt.Errorf("%s is the same run as one before it", m.called(shard, i+1))
		}
	}
	out := m.out(shards)
	for i, shard := range shards {
		if err := m.add(out, shard, i); err != nil {
			return nil, fmt.Errorf("%s: %w", m.called(shard, i), err)
		}
	}
	m.finish(out, len(shards))
	weigh(out, objectives, func(o objective) (target bool, why string) { return m.ofShards(o, shards) })
	return out, nil
}

// number is that of the run that is at a place of what is added up, and called what it is called.
func (m *merger) number(run *reports.LoadRun, at int) int {
	if len(run.Generators) == 1 {
		return run.Generators[0].Number
	}
	return at + 1
}

func (m *merger) called(run *reports.LoadRun, at int) string {
	return fmt.Sprintf("%s %d", m.name, m.number(run, at))
}

// sharedObjectives are those that every shard was held to.
func (m *merger) sharedObjectives(shards []*reports.LoadRun) (all []objective, err error) {
	texts := func(run *reports.LoadRun) (all []string) {
		for _, o := range run.Objectives {
			all = append(all, o.Text)
		}
		return all
	}
	var first *reports.LoadRun
	for i, shard := range shards {
		switch {
		case shard.Requests == 0: // which was held to nothing
		case first == nil:
			first = shard
		case !slices.Equal(texts(first), texts(shard)):
			return nil, fmt.Errorf("%s was held to other objectives than those before it: %s, and not %s", m.called(shard, i), words.Join(texts(shard)), words.Join(texts(first)))
		}
	}
	switch {
	case first == nil && len(m.generators) > 0: // which each of them says why
		return nil, nil
	case first == nil:
		return nil, errors.New("no shard sent anything")
	}
	for _, text := range texts(first) {
		o, err := parseObjective(text)
		if err != nil {
			return nil, fmt.Errorf("the objective %s: %w", text, err)
		}
		all = append(all, o)
	}
	return all, nil
}

// ofShards says of an objective that the whole does not hold whether that was the target: no shard that did not hold it lays
// it to its generator.
func (m *merger) ofShards(o objective, shards []*reports.LoadRun) (target bool, why string) {
	for i, shard := range shards {
		for _, judged := range shard.Objectives {
			if judged.Text == o.text && judged.Whose == reports.WhoseGenerator {
				return false, fmt.Sprintf("of which the generator of %s may be the cause", m.called(shard, i))
			}
		}
	}
	return true, ""
}

// merger adds shards up.
type merger struct {
	first, last time.Time // when shards began
	kinds       [6]*hdrhistogram.Histogram
	sessions    *hdrhistogram.Histogram
	parts       map[string]*[2]*hdrhistogram.Histogram
	notes       sayings
	short       sayings

	name       string                  // of what is added up
	generators []reports.LoadGenerator // none: nobody brought them together
}

// out is the whole before anything is added.
func (m *merger) out(shards []*reports.LoadRun) *reports.LoadRun {
	s := shards[0]
	for _, shard := range shards {
		if m.began(shard) && (m.first.IsZero() || shard.Started.Before(m.first)) {
			m.first = shard.Started
		}
	}
	if m.first.IsZero() {
		m.first = s.Started
	}
	m.last, m.parts = m.first, map[string]*[2]*hdrhistogram.Histogram{}
	m.notes.name, m.short.name = m.name, m.name
	out := &reports.LoadRun{
		Dialect: s.Dialect, Document: s.Document, Profile: s.Profile, Target: s.Target, Scenario: s.Scenario, Shape: fmt.Sprintf("%d × %s", len(shards), s.Shape),
		Plan: s.Plan, Started: m.first, Protocol: s.Protocol, Generators: m.generators,
	}
	if len(m.generators) > 0 {
		out.Shape = s.Shape // which is that of all
	}
	return out
}

// began reports whether a run's begin says anything: a generator that never began knows no clock but its own.
func (m *merger) began(s *reports.LoadRun) bool { return len(m.generators) == 0 || s.Requests > 0 }

func (m *merger) add(out, s *reports.LoadRun, at int) error {
	var since time.Duration
	if m.began(s) {
		since = s.Started.Sub(m.first)
	}
	if s.Started.After(m.last) && m.began(s) {
		m.last = s.Started
	}
	out.DurationMS = max(out.DurationMS, since.Milliseconds()+s.DurationMS)
	out.Connections += s.Connections
	out.Histories = out.Histories.Plus(s.Histories)
	out.Asked, out.Achieved = out.Asked+s.Asked, out.Achieved+s.Achieved
	for _, sum := range [][2]*int64{
		{&out.Requests, &s.Requests}, {&out.Beside, &s.Beside}, {&out.Errors, &s.Errors}, {&out.Starved, &s.Starved}, {&out.Unsent, &s.Unsent},
		{&out.Resent, &s.Resent}, {&out.Surplus, &s.Surplus}, {&out.WarmUp, &s.WarmUp},
	} {
		*sum[0] += *sum[1]
	}
	for i, d := range []reports.Distribution{s.Latency, s.Service, s.Lag, s.Reading, s.Successes, s.Failures} {
		if err := attack.Add(&m.kinds[i], d); err != nil {
			return err
		}
	}
	if err := errors.Join(m.addParts(out, s), m.addSessions(out, s)); err != nil {
		return err
	}
	for _, span := range s.Frozen {
		span.AtMS += since.Milliseconds()
		out.Frozen = append(out.Frozen, span)
	}
	for _, burst := range s.Bursts {
		burst.AtMS += since.Milliseconds()
		out.Bursts = append(out.Bursts, burst)
	}
	out.Denied, out.Answers = counts(out.Denied, s.Denied), counts(out.Answers, s.Answers)
	m.addSeconds(out, s, int(math.Round(since.Seconds())))
	for _, e := range s.Examples {
		if !slices.ContainsFunc(out.Examples, func(known reports.LoadExample) bool { return known.Request == e.Request && known.Answer == e.Answer }) {
			out.Examples = append(out.Examples, e)
		}
	}
	out.Violations, out.Warnings = addedUp(out.Violations, s.Violations), addedUp(out.Warnings, s.Warnings)
	m.notes.add(m.number(s, at), s.Notes)
	m.short.add(m.number(s, at), s.Shortfalls)
	return nil
}

func (m *merger) addParts(out, s *reports.LoadRun) error {
	for _, p := range s.Parts {
		i := slices.IndexFunc(out.Parts, func(known reports.LoadPart) bool { return known.Name == p.Name })
		if i < 0 {
			i = len(out.Parts)
			out.Parts, m.parts[p.Name] = append(out.Parts, reports.LoadPart{Name: p.Name}), &[2]*hdrhistogram.Histogram{}
		}
		out.Parts[i].Requests += p.Requests
		out.Parts[i].Errors += p.Errors
		both := m.parts[p.Name]
		if err := errors.Join(attack.Add(&both[0], p.Latency), attack.Add(&both[1], p.Service)); err != nil {
			return err
		}
	}
	return nil
}

// addSessions counts sessions together. Those of several shards that were under way at once may not have been so at the
// same moment: their sum is the most that there can have been.
func (m *merger) addSessions(out, s *reports.LoadRun) error {
	if s.Sessions == nil {
		return nil
	}
	of := *s.Sessions
	if sum := out.Sessions; sum != nil {
		of.Begun, of.Whole, of.Broken, of.Open, of.Crowded = sum.Begun+of.Begun, sum.Whole+of.Whole, sum.Broken+of.Broken, sum.Open+of.Open, sum.Crowded+of.Crowded
		of.Foregone, of.Refreshes, of.MostAtOnce, of.BrokeAt = sum.Foregone+of.Foregone, sum.Refreshes+of.Refreshes, sum.MostAtOnce+of.MostAtOnce, counts(sum.BrokeAt, of.BrokeAt)
	}
	out.Sessions = &of
	return attack.Add(&m.sessions, s.Sessions.Length)
}

// addSeconds puts the seconds of a shard where they were in the whole.
func (m *merger) addSeconds(out, s *reports.LoadRun, later int) {
	for _, second := range s.Seconds {
		second.Second += later
		i, known := slices.BinarySearchFunc(out.Seconds, second.Second, func(a reports.LoadSecond, b int) int { return cmp.Compare(a.Second, b) })
		if !known {
			out.Seconds = slices.Insert(out.Seconds, i, second)
			continue
		}
		sum := &out.Seconds[i]
		sum.Asked, sum.Sent, sum.Answered = sum.Asked+second.Asked, sum.Sent+second.Sent, sum.Answered+second.Answered
		sum.Errors, sum.Violations = sum.Errors+second.Errors, sum.Violations+second.Violations
		sum.P50, sum.P99, sum.Max = max(sum.P50, second.P50), max(sum.P99, second.P99), max(sum.Max, second.Max)
	}
}

// finish writes down what is known when all are added.
func (m *merger) finish(out *reports.LoadRun, shards int) {
	for i, to := range []*reports.Distribution{&out.Latency, &out.Service, &out.Lag, &out.Reading, &out.Successes, &out.Failures} {
		*to = attack.Distribution(m.kinds[i])
	}
	for i := range out.Parts {
		p := &out.Parts[i]
		p.Latency, p.Service = attack.Distribution(m.parts[p.Name][0]), attack.Distribution(m.parts[p.Name][1])
	}
	if out.Sessions != nil {
		out.Sessions.Length = attack.Distribution(m.sessions)
	}
	slices.SortStableFunc(out.Frozen, func(a, b reports.Span) int { return cmp.Compare(a.AtMS, b.AtMS) })
	slices.SortStableFunc(out.Bursts, func(a, b reports.LoadBurst) int { return cmp.Compare(a.AtMS, b.AtMS) })
	out.Notes, out.Shortfalls = m.notes.of(shards), m.short.of(shards)
	if len(m.generators) > 0 {
		note, short := jointly(out)
		out.Notes, out.Shortfalls = append([]string{note}, out.Notes...), append(short, out.Shortfalls...)
		return
	}
	spread := m.last.Sub(m.first)
	out.Notes = append([]string{
		fmt.Sprintf("%d shards are added up, which began within %s of each other by the clocks of their machines; p50 and p99 of a second are the highest of its shards'", shards, spread.Round(time.Millisecond)),
		"a token that two shards were handed is not seen: each looked at its own",
	}, out.Notes...)
	if spread > time.Duration(apartBy*float64(out.Plan.DurationMS))*time.Millisecond {
		out.Shortfalls = append(out.Shortfalls, fmt.Sprintf("the shards began %s after one another, so the load of all was not on the target at once", spread.Round(time.Millisecond)))
	}
}

// counts adds counts up, most frequent first.
func counts(all, more []reports.LoadCount) []reports.LoadCount {
	all = slices.Clone(all)
	for _, each := range more {
		if i := slices.IndexFunc(all, func(known reports.LoadCount) bool { return known.What == each.What }); i >= 0 {
			all[i].Count += each.Count
		} else {
			all = append(all, each)
		}
	}
	slices.SortFunc(all, func(a, b reports.LoadCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.What, b.What))
	})
	return all
}

// addedUp says how often each kind was seen; the evidence is of the first.
func addedUp(all, more []reports.LoadViolation) []reports.LoadViolation {
	all = slices.Clone(all)
	for _, each := range more {
		i := slices.IndexFunc(all, func(known reports.LoadViolation) bool {
			return known.Kind == each.Kind && known.Requirement == each.Requirement
		})
		if i >= 0 {
			all[i].Count += each.Count
		} else {
			all = append(all, each)
		}
	}
	return all
}
