package flows

import (
	"fmt"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/exchange"
	"gonogo/internal/replay"
	"gonogo/internal/traceparent"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// race is requests for what only one of them may have, round after round for something new. Where a window between check
// and take is a twentieth of how far the way to the target spreads its requests, 128 of them miss it once in 700 races,
// however they are divided into rounds: what is cheap to get has more rounds, which need less of the target's burst.
type race struct {
	what           string // the requests, as a finding names them
	rounds, racers int
	wins           func(*client.Reply) bool
}

// tokenRace is for what a request or two get, codeRace for what takes a user's consent. A nameRace leaves accounts behind,
// and a target takes long over a password's hash, so it has a few rounds only.
var (
	tokenRace = race{rounds: 8, racers: 16}
	codeRace  = race{rounds: 4, racers: 32}
	nameRace  = race{rounds: 3, racers: 16}
)

// lateRounds are the rounds where each begins with a wait.
const lateRounds = 3

// requests is at most how many a race takes whose rounds are prepared with so many each.
func (r race) requests(prepared int) int { return r.rounds * (r.racers + prepared) }

func (r race) of(what string, wins func(*client.Reply) bool) race {
	r.what, r.wins = what, wins
	return r
}

// gotTokens is how one wins a race for tokens.
func gotTokens(reply *client.Reply) bool {
	return reply.Succeeded() && reply.Tokens[client.Access] != ""
}

// oneWins runs a race until a round has two winners. next prepares a round, and returns what each of its racers sends.
func (r race) oneWins(t *scene.Trial, next func() func(*scene.Trial) *client.Reply) {
	if t.Habits().LateRefresh && t.Case.Late {
		r.rounds = lateRounds
	}
	var releases []*exchange.Release
	for range r.rounds {
		releases = append(releases, r.round(t, next()))
		if t.Failed() {
			return // it was strong enough
		}
	}
	if weak := weakness(releases); weak != "" {
		t.Remark(weak)
	}
}

// round fires identical requests at once. Two winners are one too many in whatever order they were served; a loser may come
// before the winner as well as after, and nobody has to win.
func (r race) round(t *scene.Trial, fire func(*scene.Trial) *client.Reply) *exchange.Release {
	replies := make([]*client.Reply, r.racers)
	release := t.Race(r.racers, func(t *scene.Trial, i int) {
		replies[i] = fire(t)
		if !r.wins(replies[i]) && !replies[i].Refused() {
			t.Found(replies[i], "one winner at most, the others refused (4xx)", replies[i].Got())
		}
	})
	var winners []*client.Reply
	for _, reply := range replies[:release.Requests] {
		if r.wins(reply) {
			winners = append(winners, reply)
		}
	}
	if len(winners) > 1 {
		t.Find(engine.Finding{
			Sent:     fmt.Sprintf("%d %s at once", release.Requests, r.what),
			Wanted:   "at most one winner",
			Got:      fmt.Sprintf("%d winners; the answers to %s cannot both be right", len(winners), both(winners[0].Exchange, winners[1].Exchange, t.Number)),
			Where:    winners[0].Op.At.String(),
			Exchange: winners[1].Exchange,
			Shown:    replay.Status,
		})
	}
	return release
}

// both names two exchanges of a race as the evidence has them: they may have left in the same microsecond. number is where one
// stands among the exchanges of the case.
func both(one, other *exchange.Exchange, number func(*exchange.Exchange) int) string {
	_, span, traced := traceparent.Read(one.RequestHeader.Get(traceparent.Name))
	_, another, traced2 := traceparent.Read(other.RequestHeader.Get(traceparent.Name))
	if traced && traced2 {
		return "span " + span + " and span " + another
	}
	return fmt.Sprintf("exchange %d and exchange %d of the case", number(one), number(other))
}

// tight is within what the requests of a round leave that can hit a window of a millisecond.
const tight = time.Millisecond

// weakness says why a race that found nothing shows little; empty: it does show something. One tight round is enough.
func weakness(rounds []*exchange.Release) string {
	best := rounds[0]
	for _, release := range rounds[1:] {
		if release.Held > best.Held || release.Held == best.Held && release.Spread < best.Spread {
			best = release
		}
	}
	switch {
	case best.Requests < 2:
		return "this race is none: the target file's limits.burst lets one request leave at once"
	case best.Held < best.Requests:
		return fmt.Sprintf("this race is weak: of %d requests at once only %d could be held back until all were there", best.Requests, best.Held)
	case best.Spread > tight:
		return fmt.Sprintf("this race is weak: in none of %d rounds did its %d requests leave within %s, the closest took %s; what a target leaves open for less may go unseen",
			len(rounds), best.Requests, tight, best.Spread.Round(10*time.Microsecond))
	case best.Proxied:
		return fmt.Sprintf("this race may be weak: its requests left within %s, for a proxy, and when it passes them on cannot be seen", best.Spread.Round(10*time.Microsecond))
	}
	return ""
}
