// Package fleet has several generators make one load run: the lead, which tells them what is to be sent and adds up what they measured,
// and the generators, each a process of the same program on this machine or on others.
//
// Between them stands a NATS server in the lead's process. Whoever joins answers its challenge with a key that follows from the join
// secret, and everything goes through TLS under a certificate that does, too: the secret never travels, and nobody without it can
// join, read or disturb. The package must never know what a request is for, nor how a run is made (load).
package fleet

import (
	"encoding/json"
	"fmt"
	"time"

	"gonogo/load"
	"gonogo/reports"
)

// Plan is what every generator is told alike.
type Plan struct {
	Target load.Sent
	Load   load.Config // of the whole run
}

// The subjects of messages. Those to the lead end in the index of the generator that sends them, those to a generator in its own.
const (
	toLead = "lead."
	toOne  = "to."
	toAll  = "all."

	clockSubject = "clock"
	joinVerb     = "join"
	refuseVerb   = "refuse"   // it cannot do what the plan says
	readyVerb    = "ready"    // it can; the answer comes when all can
	beatVerb     = "beat"     // it lives
	progressVerb = "progress" // how its part stands
	onceVerb     = "once"     // the verbs of load.Together
	madeVerb     = "made"
	signalVerb   = "signal"
	waitVerb     = "wait"
	resultVerb   = "result" // what it measured
	endVerb      = "end"    // it is to end, and to hand in what it has
)

// hello is what a generator says of itself before it joins.
type hello struct {
	Build      reports.Tool
	Host       string
	PID        int
	Connection uint64 // as the server numbers it
}

// welcome is the answer to a hello.
type welcome struct {
	Why          string // it may not join, in words; empty: it may
	Index, Count int
	Plan         Plan
}

// point is what a generator asks or says of a name that all go by.
type point struct {
	Name string
	N    int // so many are to have come
	Text []byte
	Why  string // it could not be made
}

// reply is what comes of that.
type reply struct {
	Text []byte
	Make bool   // whoever asks is the first, and is to make it
	Why  string // it will not come, in words
}

// result is what a generator hands in at its end.
type result struct {
	Run     *reports.LoadRun
	Clock   Clock
	Ended   string // it was ended before its time, and by whom; empty: it was not
	Dropped int    // so many messages of other generators it had no room for
}

// How long is waited for what should come at once, on a machine that is busy.
const (
	beatEvery = 500 * time.Millisecond
	silence   = 5 * time.Second  // after so long without a beat a generator counts as lost
	stalled   = time.Second      // a lead that looked so late may have stood still itself
	patience  = 10 * time.Second // for an answer, and for what was measured once it was asked for
	pingEvery = 2 * time.Second
	mostPings = 3 // without an answer, and a connection is given up

	// mostPayload bounds what one message carries: the report of a part of a day, at the most.
	mostPayload = 64 << 20
)

// encoded is a message as it travels. What is sent here always has a form in JSON.
func encoded(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("fleet: %T cannot be sent: %v", v, err))
	}
	return text
}
