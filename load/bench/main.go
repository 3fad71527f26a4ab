// Command bench compares gonogo's load generator with other people's, and the reference server with a bare handler.
//
// It is for whoever changes gonogo, on a machine with two cores to spare: one for the server, one for the generator.
// Rounds alternate, so that what else the machine does falls on every side. Nothing it prints is worth anything but
// as a ratio to another figure of the same table. It must never decide whether a build is good.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// roles are what this program is when it starts itself: a process of its own can be pinned to a core.
var roles = map[string]func(args []string, in io.Reader, out io.Writer) error{
	"fast": serveFast,
	"bare": serveBare,
	"loop": runLoop,
}

// settings are how a table is measured.
type settings struct {
	rounds      int
	length      time.Duration
	connections int
	only        string
	program     string // gonogo; empty: built from this repository
	serverCore  int
	loadCore    int
}

const (
	mostRounds = 20
	mostLength = time.Minute
)

func run(ctx context.Context, args []string, in io.Reader, out, log io.Writer) error {
	if len(args) > 0 && roles[args[0]] != nil {
		return roles[args[0]](args[1:], in, out)
	}
	var s settings
	var generators, reference, honesty, frozen, pacing, memory, commands bool
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(log)
	flags.BoolVar(&generators, "generators", false, "the generators against a server that is faster than they are (the default)")
	flags.BoolVar(&reference, "reference", false, "the reference server beside a bare net/http handler that moves the same bytes")
	flags.BoolVar(&honesty, "honesty", false, "what the generators say of a server that stops for 1 s every 5 s")
	flags.BoolVar(&frozen, "frozen", false, "what the generators say when they stood still themselves for 500 ms")
	flags.BoolVar(&pacing, "pacing", false, "how late the generators' requests arrive, and how many of those that were asked for")
	flags.BoolVar(&memory, "memory", false, "how much memory gonogo load has taken after a million answers and after three")
	flags.BoolVar(&commands, "commands", false, "how long gonogo takes to check the built-in dialects, and to send its first request")
	flags.IntVar(&s.rounds, "rounds", 3, "rounds of each table")
	flags.DurationVar(&s.length, "length", 3*time.Second, "length of one measurement, in whole seconds")
	flags.IntVar(&s.connections, "connections", 64, "connections of a generator that sends all it can")
	flags.StringVar(&s.only, "only", "", "measure only the rows with this in their name, and the row they are compared with")
	flags.StringVar(&s.program, "gonogo", "", "measure this gonogo instead of building one, to compare two versions")
	flags.IntVar(&s.serverCore, "server-core", 0, "the core of the servers")
	flags.IntVar(&s.loadCore, "load-core", 1, "the core of the generators")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("%q is no flag; bench takes flags only, see bench -h", flags.Arg(0))
	case s.rounds < 1 || s.rounds > mostRounds:
		return fmt.Errorf("-rounds %d: choose 1 to %d", s.rounds, mostRounds)
	case s.length < time.Second || s.length > mostLength || s.length%time.Second != 0:
		return fmt.Errorf("-length %s: choose whole seconds from 1s to %s, because some generators know no others", s.length, mostLength)
	case s.connections < 1 || s.connections > 1000:
		return fmt.Errorf("-connections %d: choose 1 to 1000", s.connections)
	}
	w, err := openWorkshop(s, out, log)
	if err != nil {
		return err
	}
	defer w.close()
	generators = generators || !reference && !honesty && !frozen && !pacing && !memory && !commands
	for _, table := range []struct {
		wanted  bool
		measure func(context.Context) error
	}{
		{generators, w.generators}, {reference, w.reference}, {honesty, w.honesty}, {frozen, w.frozen},
		{pacing, w.pacing}, {memory, w.memory}, {commands, w.commands},
	} {
		if !table.wanted {
			continue
		}
		if err := table.measure(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// wants reports whether a row is to be measured.
func (s settings) wants(row string) bool { return strings.Contains(row, s.only) }
