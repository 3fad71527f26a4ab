package flows

import (
	"fmt"
	"time"

	"github.com/anishathalye/porcupine"

	"gonogo/internal/client"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// racers is how many requests race. With 16 over warm connections a window of 50 µs between check and take
// was hit in every round on two cores; a burst of 16 is within limits.burst.
const racers = 16

// raceRounds repeat the race with new tokens: one round can be served in a row by chance.
const raceRounds = 3

// attempt is one racing request as a step of a sequential history.
type attempt struct{ won bool }

// singleUse is the sequential model of a value that works once. It admits everything that the documents leave
// open: a loser may be refused before the winner is served, and nobody has to win.
var singleUse = porcupine.Model{
	Init: func() any { return false },
	Step: func(spent, _, output any) (bool, any) {
		if !output.(attempt).won {
			return true, spent
		}
		return !spent.(bool), true
	},
	DescribeOperation: func(_, output any) string { return fmt.Sprintf("won: %t", output.(attempt).won) },
}

// atMostOneWins fires identical requests at once over warmed connections and asks whether any order of them explains
// the answers.
func atMostOneWins(t *scene.Trial, what string, fire func(*scene.Trial) *client.Reply) {
	burst, n := t.Together(racers)
	history, replies, begin := make([]porcupine.Operation, n), make([]*client.Reply, n), time.Now()
	t.AtOnce(n, func(i int) {
		reply := fire(burst)
		won := reply.Succeeded() && reply.Tokens[client.Access] != ""
		if !won && !reply.Refused() {
			t.Found(reply, "one winner at most, the others refused (4xx)", reply.Got())
		}
		replies[i], history[i] = reply, porcupine.Operation{
			ClientId: i, Output: attempt{won}, Call: reply.Exchange.Sent.Sub(begin).Nanoseconds(), Return: reply.Received.Sub(begin).Nanoseconds(),
		}
	})
	var winners []*client.Reply
	for i, step := range history {
		if step.Output.(attempt).won {
			winners = append(winners, replies[i])
		}
	}
	if !porcupine.CheckOperations(singleUse, history) {
		t.Find(engine.Finding{
			Sent:     fmt.Sprintf("%d %s at once", n, what),
			Wanted:   "at most one winner",
			Got:      fmt.Sprintf("%d winners; the answers to %s and %s cannot both be right", len(winners), moment(winners[0]), moment(winners[1])),
			Where:    winners[0].Op.At.String(),
			Exchange: winners[1].Exchange,
		})
	}
}

func moment(r *client.Reply) string {
	return "the request sent at " + r.Exchange.Sent.UTC().Format("15:04:05.000000")
}
