package app

import (
	"github.com/spf13/pflag"

	"gonogo/load"
)

// addSession makes the flags that say what a session is.
func (f *loadFlags) addSession(flags *pflag.FlagSet) {
	s := &f.config.Session
	flags.IntVar(&s.Refreshes, "refreshes", load.DefaultRefreshes, "how often each session refreshes")
	flags.DurationVar(&s.Period, "period", load.DefaultPeriod, "from one refresh of a session to the next")
	flags.IntVar(&s.Uses, "uses", load.DefaultUses, "how often a session uses its token in each period")
	flags.StringVar(&s.Think, "think", "", "the `TIME` before each use: 500ms, or 200ms-2s for one by chance (--seed); else they are spread evenly over the period")
	flags.StringVar(&s.Logout, "logout", load.DefaultLogout, "the `SHARE` of sessions that log out")
	flags.IntVar(&s.Population, "population", load.DefaultPopulation, "how many sessions there may be at once")
}

// sessionFlags are those that say what a session is.
var sessionFlags = []string{"refreshes", "period", "uses", "think", "logout", "population"}

// settleSession looks after what the flags of a session mean with others.
func (f *loadFlags) settleSession() error {
	session := f.config.Scenario == "session"
	if session && !f.given("rate") {
		f.config.Rate = load.DefaultSessionRate
	}
	for _, name := range sessionFlags {
		if f.given(name) && !session && f.config.Scenario != "" {
			return usagef("--%s belongs to --scenario session, and this is --scenario %s", name, f.config.Scenario)
		}
	}
	return nil
}
