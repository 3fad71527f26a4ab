// Package watch judges clients. It stands between a client and an API that a document describes, plays the situations that clients meet,
// and says whether the client does what the document asks of whoever calls the API.
//
// It must never know a dialect: what a client owes comes from the document.
package watch

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"gonogo/internal/chromium"
	"gonogo/internal/client"
	"gonogo/internal/control"
	"gonogo/internal/drive"
	"gonogo/internal/fakeclock"
	"gonogo/internal/front"
	"gonogo/internal/target"
	"gonogo/internal/traceparent"
	"gonogo/reports"
	"gonogo/specs"
	"gonogo/suites/engine"
)

// Config is what is watched, and how.
type Config struct {
	Dialect *specs.Dialect
	Target  *target.Target // the API behind
	Listen  string         // where the client finds the API; empty: a free port of this machine
	Control string         // where the control API listens; empty: a free port of this machine
	TLS     bool           // the client finds the API by https, and is given whom to trust for this run

	Command string // of the client, by the shell; empty: it runs by itself
	Hook    string // a command that is run in each situation; empty: none

	Page      *url.URL          // of the client's, which sends its users off for consent; nil: nobody comes to it
	PageLabel string            // what is pressed there, by the text on it; empty: it is found
	Browser   *chromium.Browser // shows it; whoever set it closes it; nil: none
	Browses   bool              // without a browser for Page the watch is incomplete

	For time.Duration // how long the watch lasts at the most; 0: to the end of the script

	// Lifetimes are what tokens are announced to live, and live, by kind, for clients that go by a clock of their own. The API's clock is not
	// moved then.
	Lifetimes map[string]time.Duration

	// FakeClock gives the command a clock of its own, which is moved with the API's, where it obeys that.
	FakeClock bool

	// Until is a row of the document: the watch ends after the situation in which the client is seen to violate it. Empty: it goes to the end of
	// the script.
	Until string

	Patience time.Duration  // how long a situation waits for the client
	Policy   reports.Policy // from which level down a violation fails

	Only    func(id string) bool            // the cases that are judged; nil: all
	Waivers string                          // a file of waivers, instead of the one that the target names
	Planned func([]*specs.Dialect) []string // as in engine.Options
	History *reports.History                // of earlier runs; nil: nobody keeps them

	Output io.Writer // of the commands, in lines, with marks in the place of secrets; nil: nobody
	Again  []string  // arguments with which gonogo watch does it in the same way, for the report

	Ready func(environment []string) // called when the client can begin; may be nil
	Begun func(id, title string)     // called as each situation begins; may be nil
	Seen  func(line string)          // called for each exchange, with what it was, without secrets; may be nil
}

// DefaultPatience is how long a situation waits for a client that says nothing.
const DefaultPatience = 15 * time.Second

// Run watches a client to the end of the script, of its command or of ctx, and returns the decided report. The error is about the
// configuration; nothing was watched then.
func Run(ctx context.Context, c Config) (*reports.Report, error) {
	if c.Patience == 0 {
		c.Patience = DefaultPatience
	}
	if c.Policy.Gate == "" {
		c.Policy.Gate = specs.Standard
	}
	if err := cmp.Or(c.checkLifetimes(), c.checkClock()); err != nil {
		return nil, err
	}
	w, err := open(ctx, c)
	if err != nil {
		return nil, err
	}
	defer w.close()
	if err := w.begin(ctx); err != nil {
		return nil, err
	}
	w.play(ctx)
	w.end(ctx)
	w.front.Close() // nothing comes any more
	w.closeElsewhere()
	r := w.report(ctx)
	w.tellVerdict(r)
	return r, nil
}

// watched is a watch under way.
type watched struct {
	*stage
	config   Config
	trace    traceparent.Trace // of the watch's own requests
	front    *front.Front
	control  *control.Control
	trusted  *front.Authority // nil: plain
	faults   []string         // of the watch itself, as sentences
	unplayed int              // situations that the watch had no time for (Config.For)
	accused  accusations      // of the last report
	idle     func()           // ends what is drawn meanwhile
	waivers  []reports.Waiver
	veil     *veil // over what the commands say; nil: nobody hears it

	given  *fakeclock.Clock // to the command; nil: it has the machine's
	unfake string           // why the command's clock is not moved, as a sentence; empty: it is, or nobody wants it

	process *drive.Process // nil: the client runs by itself
	restore func()         // what a situation has changed in the API, once the client has ended; nil: nothing
}

func open(ctx context.Context, c Config) (*watched, error) {
	trace := traceparent.New()
	connection, err := client.Open(c.Target, trace, nil)
	if err != nil {
		return nil, err
	}
	transport, err := c.Target.Transport()
	if err != nil {
		return nil, err
	}
	s := newStage(c.Dialect, c.Target, connection)
	s.seen, s.lifetimes = c.Seen, c.Lifetimes
	s.clock = s.clock && len(c.Lifetimes) == 0
	w := &watched{stage: s, config: c, trace: trace}
	if w.waivers, err = engine.LoadWaivers(c.Waivers, c.Target); err != nil {
		return nil, err
	}
	if w.control, err = control.Listen(ctx, control.Config{Listen: c.Control, Now: s.now, Asked: s.ask, Told: s.follow, Pages: s.show}); err != nil {
		return nil, err
	}
	servers := map[string]front.Server{"": {Listen: c.Listen, Upstream: c.Target.BaseURL}}
	for _, server := range c.Dialect.Servers[min(1, len(c.Dialect.Servers)):] {
		if at := c.Target.Servers[server.Name]; at != nil {
			servers[server.Name] = front.Server{Upstream: at}
		}
	}
	listen := front.Config{Servers: servers, Transport: transport, Now: s.now, Situation: s.present, Deed: s.deedFor, Over: w.over}
	if c.Output != nil {
		w.veil = newVeil(connection.Redactor, c.Output)
		w.config.Output, listen.Begun = w.veil, w.veil.begun
		listen.Over = func(x *front.Exchange) { s.over(x); w.veil.over(x) }
	}
	if c.TLS {
		if w.trusted, err = front.NewAuthority(); err != nil {
			w.control.Close()
			return nil, err
		}
		listen.TLS = w.trusted.Config()
	}
	if w.front, err = front.Listen(ctx, listen); err != nil {
		w.distrust()
		w.control.Close()
		return nil, err
	}
	if w.user, err = w.userOf(c); err != nil {
		w.front.Close()
		w.distrust()
		w.control.Close()
		return nil, err
	}
	w.show.judge, w.show.script = w.judgeSoFar, script
	drawing, cancel := context.WithCancel(ctx)
	w.idle = cancel
	go w.keepDrawing(drawing)
	return w, nil
}

func (w *watched) close() {
	if w.process != nil {
		w.process.Stop()
	}
	w.takeClock()
	w.idle()
	w.control.Close()
	w.front.Close()
	w.closeElsewhere()
	if w.veil != nil {
		w.veil.end()
	}
	w.distrust()
	w.connection.Close()
}

// distrust removes what made clients trust the run.
func (w *watched) distrust() {
	if w.trusted != nil {
		_ = w.trusted.Close()
	}
}

// environment is what a client is given.
func (w *watched) environment() []string {
	all := []string{"GONOGO_BASE_URL=" + w.front.URL("").String(), "GONOGO_CONTROL_URL=" + w.control.URL().String()}
	for _, server := range w.config.Dialect.Servers {
		if at := w.front.URL(server.Name); at != nil && server.Name != "" {
			all = append(all, "GONOGO_SERVER_"+shout(server.Name)+"="+at.String())
		}
	}
	for _, role := range slices.Sorted(maps.Keys(w.config.Target.Credentials)) {
		fields := w.config.Target.Credentials[role].Fields
		for _, field := range slices.Sorted(maps.Keys(fields)) {
			all = append(all, "GONOGO_"+shout(role)+"_"+shout(field)+"="+fields[field])
		}
	}
	if w.trusted != nil {
		all = append(all, w.trusted.Environment()...)
	}
	if w.given != nil {
		all = append(all, w.given.Environment()...)
	}
	return all
}

// shout is a name as environment variables are written.
func shout(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(name))
}

// begin starts the client.
func (w *watched) begin(ctx context.Context) (err error) {
	w.announce(ctx, script[0].id, script[0].title, nil)
	w.meddle(w.mislead)
	w.giveClock()
	if w.config.Ready != nil {
		w.config.Ready(w.environment())
	}
	if w.config.Command != "" {
		w.process, err = drive.Command{Line: w.config.Command, Environment: w.environment(), Output: w.config.Output}.Start()
	}
	return err
}

// end ends the client, and takes note of how it went.
func (w *watched) end(ctx context.Context) {
	early := w.gone()
	if w.restore != nil {
		defer w.restore()
	}
	w.announce(context.WithoutCancel(ctx), control.End, "the watch ends", nil)
	if w.process == nil {
		return
	}
	exit := w.process.Stop()
	held := ""
	switch {
	case early && exit.Code != 0:
		held = fmt.Sprintf("the command ended by itself, with exit code %d", exit.Code)
	case early:
		w.ended = true
	case exit.Killed:
		held = "the command did not end within " + drive.Grace.String() + " of SIGTERM"
	case !exit.Good():
		held = fmt.Sprintf("the command ended with exit code %d when it was told to", exit.Code)
	}
	if held == "" {
		return
	}
	if last := lastLine(exit.Output); last != "" {
		held += fmt.Sprintf(", after it said %q", last)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.total == 0 { // nobody saw a client that could be blamed
		w.faults = append(w.faults, "the client made no request: "+held)
		return
	}
	if w.began[ends[0]].IsZero() { // no row asks for a client that lives to meet the end of a token
		w.faults = append(w.faults, "before the watch had let a token end, "+held)
		return
	}
	w.exited = held
}

// lastLine is the last line of what a command said, as far as people read on; it may hold secrets.
func lastLine(output []byte) string {
	const most = 200
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	last := strings.TrimSpace(lines[len(lines)-1])
	if len(last) > most {
		return "" // cut, a secret in it would not be found any more
	}
	return last
}
