package fleet

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"gonogo/load"
	"gonogo/reports"
)

// joinPatience is how long a lead waits for its generators to join.
const joinPatience = 10 * time.Minute

// stragglers is how long the others may go on once the first generator has handed in what it measured.
const stragglers = 2 * time.Minute

// partPatience is how long a generator may take to go once its part is done.
const partPatience = 2 * time.Second

// Lead tells generators what to send, and takes what they measured.
type Lead struct {
	build    reports.Tool
	plan     Plan
	server   *server.Server
	conn     *nats.Conn
	messages chan *nats.Msg
	ended    chan ended
	watch    Watch

	members []*member // by index; nil: it is still to join
	room    *room
	exits   []ended   // that are still to be looked at
	going   bool      // all are told to begin
	looked  time.Time // when it was last looked whether all are there
	until   time.Time // when the rest counts as lost; zero: never
	refused string    // why a generator cannot do what the plan says
	asked   string    // why all were asked to end; empty: they were not
}

// Watch is what the lead tells while it goes on. All are optional.
type Watch struct {
	Joined   func(n int)         // so many are there
	Progress func(load.Progress) // how the whole stands
	Note     func(text string)   // what whoever sits there should know
}

// member is a generator that has joined.
type member struct {
	hello
	index    int
	heard    time.Time
	ready    *nats.Msg // its question whether all are ready; nil: it is not
	progress load.Progress
	result   *result
	lost     string // how, in words; empty: it is not
}

// ended is a process of this machine that ended.
type ended struct {
	pid int
	how string
}

// Open listens for n generators at an address, on this machine's loopback unless it names a host. An error is about the address.
func Open(address string, keys *Keys, build reports.Tool, plan Plan, n int, watch Watch) (*Lead, error) {
	s, conn, err := listen(address, keys)
	if err != nil {
		return nil, err
	}
	l := &Lead{
		build: build, plan: plan, server: s, conn: conn, watch: watch, members: make([]*member, n), room: newRoom(),
		messages: make(chan *nats.Msg, 1<<12), ended: make(chan ended, n),
	}
	_, err = conn.ChanSubscribe(toLead+">", l.messages)
	if err == nil {
		err = tellClock(conn)
	}
	if err == nil {
		err = conn.FlushTimeout(patience)
	}
	if err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// Address is where generators find the lead, as host and port.
func (l *Lead) Address() string { return l.server.Addr().String() }

// Ended says that a generator's process, which was started on this machine, has ended, and how in words.
func (l *Lead) Ended(pid int, how string) { l.ended <- ended{pid, how} }

// Close ends what is still there. Generators that are not done end by themselves.
func (l *Lead) Close() {
	l.end("the lead has ended")
	l.conn.Close()
	l.server.Shutdown()
}

// end tells all to end.
func (l *Lead) end(why string) {
	_ = l.conn.Publish(toAll+endVerb, []byte(why))
	_ = l.conn.FlushTimeout(patience) // else they notice that the connection is gone
}

// Run waits for the generators, has them begin together, and takes what they measured. It returns when each has handed that in or
// counts as lost; ctx asks all of them to end and hand in what they have.
func (l *Lead) Run(ctx context.Context) Outcome {
	tick := time.NewTicker(beatEvery / 2)
	defer tick.Stop()
	l.looked, l.until = time.Now(), time.Now().Add(joinPatience)
	interrupted := ctx.Done()
	l.joined() // nobody yet
	for !l.done() {
		select {
		case m := <-l.messages:
			l.take(m)
		case e := <-l.ended:
			l.exits = append(l.exits, e) // what it said last is still under way
		case <-interrupted:
			interrupted = nil
			l.abort("the run was interrupted")
		case <-tick.C:
			l.drain()
			l.look(time.Now())
		}
	}
	l.part(tick.C)
	return l.outcome()
}

// part waits until those that have handed in what they measured know so, and have gone.
func (l *Lead) part(tick <-chan time.Time) {
	for until := time.Now().Add(partPatience); time.Now().Before(until); <-tick {
		here := false
		for _, m := range l.members {
			here = here || m != nil && m.result != nil && l.server.GetClient(m.Connection) != nil
		}
		if !here {
			return
		}
	}
}

// drain takes the messages that are there.
func (l *Lead) drain() {
	for {
		select {
		case m := <-l.messages:
			l.take(m)
		default:
			return
		}
	}
}

// abort asks all to end, and waits no longer than it takes them.
func (l *Lead) abort(why string) {
	l.asked = why
	for _, m := range l.members {
		if m != nil && m.ready != nil && !l.going {
			answer(m.ready, reply{Why: why})
		}
	}
	l.end(why)
	l.until = time.Now().Add(patience)
}

// done reports that nothing more will come.
func (l *Lead) done() bool {
	for _, m := range l.members {
		if m == nil && l.asked == "" || m != nil && m.result == nil && m.lost == "" {
			return false
		}
	}
	return true
}

// take is what comes of a message.
func (l *Lead) take(m *nats.Msg) {
	verb, from, _ := strings.Cut(strings.TrimPrefix(m.Subject, toLead), ".")
	if verb == joinVerb {
		l.join(m)
		return
	}
	index, err := strconv.Atoi(from)
	if err != nil || index < 0 || index >= len(l.members) || l.members[index] == nil {
		return
	}
	by := l.members[index]
	by.heard = time.Now()
	var p point
	switch verb {
	case onceVerb, madeVerb, signalVerb, waitVerb:
		if json.Unmarshal(m.Data, &p) != nil {
			return
		}
	}
	switch verb {
	case refuseVerb:
		by.lost = "it cannot do what it was asked for"
		if l.refused == "" {
			l.refused = fmt.Sprintf("%s cannot do what it was asked for: %s", l.named(by), m.Data)
			l.abort("another generator cannot do what it was asked for")
		}
	case readyVerb:
		by.ready = m
		l.begin()
	case progressVerb:
		if json.Unmarshal(m.Data, &by.progress) == nil && l.watch.Progress != nil {
			l.watch.Progress(l.progress())
		}
	case onceVerb:
		l.room.once(index, p, m)
	case madeVerb:
		l.room.finish(p.Name, reply{Text: p.Text, Why: p.Why})
	case signalVerb:
		l.room.signal(index, p.Name)
	case waitVerb:
		l.room.wait(p, m)
	case resultVerb:
		l.hand(by, m)
	}
}

// hand takes what a generator measured.
func (l *Lead) hand(by *member, m *nats.Msg) {
	r := &result{}
	if err := json.Unmarshal(m.Data, r); err != nil || r.Run == nil {
		by.lost = fmt.Sprintf("what it measured cannot be read (%v)", err)
		return
	}
	by.result = r
	answer(m, reply{})
	l.room.leave(by.index, l.named(by)+" ended before the others")
	if l.until.IsZero() {
		l.until = time.Now().Add(stragglers)
	}
}

// join lets a generator in, or says why not.
func (l *Lead) join(m *nats.Msg) {
	var h hello
	if json.Unmarshal(m.Data, &h) != nil {
		return
	}
	free := -1
	for i := len(l.members) - 1; i >= 0; i-- {
		if l.members[i] == nil {
			free = i
		}
	}
	why := ""
	switch {
	case h.Build != l.build:
		why = fmt.Sprintf("the lead is of another build: %s, and not %s", built(l.build), built(h.Build))
		l.note(fmt.Sprintf("a generator of another build was turned away (%s process %d, %s)", h.Host, h.PID, built(h.Build)))
	case l.asked != "":
		why = "the run is over: " + l.asked
	case free < 0 && len(l.members) == 1:
		why = "the lead waited for one generator, and has it"
	case free < 0:
		why = fmt.Sprintf("the lead waited for %d generators, and has them all", len(l.members))
	}
	if why != "" {
		_ = m.Respond(encoded(welcome{Why: why}))
		return
	}
	l.members[free] = &member{hello: h, index: free, heard: time.Now()}
	_ = m.Respond(encoded(welcome{Index: free, Count: len(l.members), Plan: l.plan}))
	l.joined()
}

func built(t reports.Tool) string { return strings.TrimSpace(t.Version + " " + t.Commit) }

func (l *Lead) note(text string) {
	if l.watch.Note != nil {
		l.watch.Note(text)
	}
}

// joined tells how many are there.
func (l *Lead) joined() {
	n := 0
	for _, m := range l.members {
		if m != nil {
			n++
		}
	}
	if l.watch.Joined != nil {
		l.watch.Joined(n)
	}
}

// begin lets all begin once each is ready.
func (l *Lead) begin() {
	for _, m := range l.members {
		if m == nil || m.ready == nil {
			return
		}
	}
	l.going, l.until = true, time.Time{}
	for _, m := range l.members {
		answer(m.ready, reply{})
	}
}
