package app_test

import (
	"flag"
	"testing"

	"gonogo/reports"
)

// How often each peer is put under load of a kind: make prove-model.
var rounds = flag.Int("rounds", 0, "put each peer under load so often")

// modelled are the loads whose histories a peer is held to. Their sessions are over in two seconds.
var modelled = []struct {
	name string
	args []string
}{
	{"mix", []string{"--scenario", "mix=issue:1,validate:1,use:1,refresh:1", "--rate", "100"}},
	{"refresh", []string{"--scenario", "refresh", "--rate", "100"}},
	{"session", []string{"--scenario", "session", "--rate", "10", "--refreshes", "3", "--period", "250ms", "--logout", "50%"}},
}

// What others wrote does nothing that the model of a service has no place for, however often one looks.
func TestPeersUnderTheModel(t *testing.T) {
	t.Parallel()
	if *rounds == 0 {
		t.Skip("it is make prove-model")
	}
	for _, peer := range peers {
		t.Run(peer.name, func(t *testing.T) {
			t.Parallel()
			base := peer.start(t)
			for _, g := range peer.speaks {
				for _, load := range modelled {
					t.Run(g.name+" "+load.name, func(t *testing.T) {
						var sum *reports.LoadHistories
						file := g.file(t, base)
						for range *rounds {
							o, _, run := loaded(t, append([]string{"--target", file, "--duration", "1s", "--working-set", "20", "--connections", "4"}, load.args...)...)
							if sum = sum.Plus(run.Histories); len(run.Violations)+len(run.Warnings) > 0 || run.Errors > 0 || run.Requests == 0 {
								t.Errorf("of %d requests %d are errors, violations %+v, warnings %+v in\n%s", run.Requests, run.Errors, run.Violations, run.Warnings, o)
							}
						}
						t.Logf("%d runs: %d answers of %d families, of which %d could not be told", *rounds, sum.Events, sum.Families, sum.Undecided)
					})
				}
			}
		})
	}
}
