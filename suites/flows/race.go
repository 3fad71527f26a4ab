package flows

import (
	"fmt"
	"sync"
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

// atMostOneWins fires identical requests from a barrier over warmed connections and asks whether any order of
// them explains the answers.
func atMostOneWins(a *scene.Act, what string, fire func(*scene.Act) (*client.Reply, error)) error {
	burst, n, err := a.Together(racers)
	if err != nil {
		return err
	}
	type outcome struct {
		reply *client.Reply
		err   error
	}
	outcomes := make([]outcome, n)
	begin, start := time.Now(), make(chan struct{})
	var all sync.WaitGroup
	for i := range outcomes {
		all.Go(func() {
			<-start
			outcomes[i].reply, outcomes[i].err = fire(burst)
		})
	}
	close(start)
	all.Wait()

	var history []porcupine.Operation
	var winners []*client.Reply
	for i, o := range outcomes {
		if o.err != nil {
			return o.err
		}
		won := o.reply.Succeeded() && o.reply.Tokens[client.Access] != ""
		if won {
			winners = append(winners, o.reply)
		} else if !o.reply.Refused() {
			a.Found(o.reply, "one winner at most, the others refused (4xx)", o.reply.Got())
		}
		history = append(history, porcupine.Operation{
			ClientId: i, Output: attempt{won}, Call: o.reply.Exchange.Sent.Sub(begin).Nanoseconds(), Return: o.reply.Received.Sub(begin).Nanoseconds(),
		})
	}
	if !porcupine.CheckOperations(singleUse, history) {
		a.Find(engine.Finding{
			Sent:     fmt.Sprintf("%d %s at once", n, what),
			Wanted:   "at most one winner",
			Got:      fmt.Sprintf("%d winners; the answers to %s and %s cannot both be right", len(winners), moment(winners[0]), moment(winners[1])),
			Where:    winners[0].Op.At.String(),
			Exchange: winners[1].Exchange,
		})
	}
	return nil
}

func moment(r *client.Reply) string {
	return "the request sent at " + r.Exchange.Sent.UTC().Format("15:04:05.000000")
}
