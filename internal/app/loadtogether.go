package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"gonogo/internal/fleet"
	"gonogo/internal/version"
	"gonogo/load"
	"gonogo/reports"
	"gonogo/reports/words"
)

// togetherFlags are those of a load that several generators make.
type togetherFlags struct {
	generators int
	lead       string
	secretFile string
	keys       *fleet.Keys // of what stands in the file; nil without --lead
}

func (t *togetherFlags) addTo(flags *pflag.FlagSet) {
	flags.IntVar(&t.generators, "generators", 1, "make the load with `N` processes, each over --connections of its own; with --lead, so many that join")
	flags.StringVar(&t.lead, "lead", "", "wait at `ADDR`, such as 127.0.0.1:4222, for generators that join with gonogo generate")
	secretFlag(flags, &t.secretFile)
}

func secretFlag(flags *pflag.FlagSet, file *string) {
	flags.StringVar(file, "join-secret-file", "", "`FILE` with the secret that lead and generators share; - is standard input")
}

// settle looks over the flags. A load that this process makes alone has none of them.
func (a *App) settleTogether(f *loadFlags) (together bool, err error) {
	t := &f.together
	switch {
	case f.given("generators") && (t.generators < 1 || t.generators > load.MostGenerators):
		return false, usagef("--generators %d: choose from 1 to %d", t.generators, load.MostGenerators)
	case f.given("lead") && t.lead == "":
		return false, usagef("--lead is empty; write it like 127.0.0.1:4222")
	case t.lead != "" && !f.given("generators"):
		return false, usagef("--lead %s: say how many generators are to join, such as --generators 2", t.lead)
	case t.lead == "" && f.given("join-secret-file"):
		return false, usagef("--join-secret-file is for generators that join elsewhere, and without --lead none does")
	case t.lead != "" && t.secretFile == "":
		return false, usagef("--lead %s: give with --join-secret-file a secret that generators join by; %s", t.lead, makeSecret("join.secret"))
	case t.lead != "" && len(f.targets)+len(f.issuers) == 0:
		return false, usagef("--lead %s: name with --target a target that the generators can reach; the reference server of this command is for those that it starts itself", t.lead)
	case !f.given("generators"):
		return false, nil
	case f.out != "":
		return false, usagef("--out %s: several generators write a file each: have them join with gonogo generate --out FILE (--lead), or leave out --generators", f.out)
	}
	f.config.Share = load.InProcess(t.generators, nil)[0] // for what is checked before there are any
	if t.lead != "" {
		t.keys, err = a.joinKeys(t.secretFile, makeSecret(t.secretFile))
	}
	return true, err
}

// makeSecret says how one comes to a join secret.
func makeSecret(file string) string { return "make one by: head -c 32 /dev/urandom | base64 > " + file }

// loadTogether has several generators make the load.
func (a *App) loadTogether(ctx context.Context, st *stage, f loadFlags) (*reports.LoadRun, error) {
	t, secret := f.together, fleet.NewSecret()
	address, name, keys := t.lead, f.config.Target.File(), t.keys
	var err error
	if t.lead == "" {
		address = "127.0.0.1:0"
		if keys, err = fleet.KeysOf(secret); err == nil && f.config.Target.OnDisk() {
			name, err = filepath.Abs(name)
		}
		if err != nil {
			return nil, harnessError{err}
		}
	} else {
		if spelled := f.config.Target.Spelled(); len(spelled) > 0 {
			return nil, usagef("--lead %s: secrets stand in %s (%s), and those are not sent to generators; write ${NAME} there, and set NAME where each of them runs", t.lead, name, words.Join(spelled))
		}
		name = filepath.Base(name)
	}
	whole := *f.config
	begun := false
	lead, err := fleet.Open(address, keys, version.Tool(), fleet.Plan{Target: whole.Target.Sent(name), Load: whole}, t.generators, fleet.Watch{
		Joined: func(n int) {
			if st.progress.awaits(""); n < t.generators {
				st.progress.awaits("waiting for the rest")
			}
			st.progress.entitle(fmt.Sprintf("%d of %s joined: ", n, words.Count(t.generators, "generator")))
		},
		Progress: func(p load.Progress) {
			if !begun {
				begun = true
				st.progress.entitle("")
			}
			whole.Progress(p)
		},
		Note: func(text string) { st.say(text) },
	})
	if err != nil {
		return nil, usagef("--lead %s: %w", address, err)
	}
	defer lead.Close()
	if t.lead == "" {
		stop, err := startGenerators(lead, secret, t.generators)
		if err != nil {
			return nil, harnessError{fmt.Errorf("the generators do not start: %w", err)}
		}
		defer stop()
	} else {
		st.say(fmt.Sprintf("waiting for %s; each joins with\n  gonogo generate nats://%s --join-secret-file FILE", words.Count(t.generators, "generator"), reachable(lead.Address())))
	}
	outcome := lead.Run(ctx)
	if outcome.Refused != "" {
		return nil, usageError{errors.New(outcome.Refused)}
	}
	run, err := outcome.Run(whole)
	if err != nil {
		return nil, harnessError{err}
	}
	return run, nil
}

// reachable is an address as others call it: of one that is everybody's, the name of this machine.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		if name, err := os.Hostname(); err == nil {
			return net.JoinHostPort(name, port)
		}
	}
	return address
}
