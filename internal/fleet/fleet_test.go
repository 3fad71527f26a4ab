package fleet

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"gonogo/load"
	"gonogo/reports"
	"gonogo/specs"
)

var _ load.Together = (*Generator)(nil)

const secret = "a secret that is long enough"

var tool = reports.Tool{Name: "gonogo", Version: "1"}

// opened is a lead for n generators, which goes on until the test ends.
func opened(t *testing.T, n int, plan Plan, watch Watch) (lead *Lead, keys *Keys) {
	t.Helper()
	keys, err := KeysOf(secret)
	if err != nil {
		t.Fatal(err)
	}
	lead, err = Open("127.0.0.1:0", keys, tool, plan, n, watch)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		lead.Run(ctx)
		close(ended)
	}()
	t.Cleanup(func() { stop(); lead.Close(); <-ended })
	return lead, keys
}

func joins(t *testing.T, lead *Lead, keys *Keys) *Generator {
	t.Helper()
	g, err := Join(t.Context(), lead.Address(), keys, tool)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	return g
}

func TestGeneratorsAgree(t *testing.T) {
	t.Parallel()
	lead, keys := opened(t, 3, Plan{}, Watch{})
	var all []*Generator
	for i := range 3 {
		g := joins(t, lead, keys)
		if g.Index != i || g.Count != 3 {
			t.Fatalf("it is generator %d of %d", g.Index, g.Count)
		}
		if off := time.Until(g.Now()).Abs(); off > time.Second {
			t.Errorf("the lead's clock is %s off", off)
		}
		all = append(all, g)
	}
	var made sync.Map
	var told sync.WaitGroup
	for i, g := range all {
		told.Go(func() {
			text, err := g.Once(t.Context(), "name", func() ([]byte, error) {
				made.Store(i, true)
				return []byte{byte(i)}, nil
			})
			if _, mine := made.Load(i); err != nil || len(text) != 1 || mine != (int(text[0]) == i) {
				t.Errorf("generator %d was told %v, %v", i, text, err)
			}
			for _, to := range []int{0, 1, 2} {
				if err := g.Send(to, "kind", []byte{byte(i)}); err != nil {
					t.Error(err)
				}
			}
			if err := g.Signal(t.Context(), "here"); err != nil {
				t.Error(err)
			}
			if err := g.Wait(t.Context(), "here", 3); err != nil {
				t.Error(err)
			}
			got := map[byte]bool{}
			for range 3 {
				got[(<-g.Receive("kind"))[0]] = true
			}
			if len(got) != 3 {
				t.Errorf("generator %d got %v", i, got)
			}
		})
	}
	told.Wait()
	n := 0
	made.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		t.Errorf("it was made %d times", n)
	}
}

func TestWhoMayNotJoin(t *testing.T) {
	t.Parallel()
	notes := make(chan string, 1)
	lead, keys := opened(t, 1, Plan{}, Watch{Note: func(text string) { notes <- text }})
	refused := func(keys *Keys, build reports.Tool, says string) {
		t.Helper()
		_, err := Join(t.Context(), lead.Address(), keys, build)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q is wanted, not %v", says, err)
		}
		if _, is := errors.AsType[Unfit](err); !is {
			t.Errorf("%v may be otherwise the next time", err)
		}
	}
	other, err := KeysOf("another " + secret)
	if err != nil {
		t.Fatal(err)
	}
	refused(other, tool, "the lead there has another join secret")
	refused(keys, reports.Tool{Name: "gonogo", Version: "2"}, "the lead is of another build: 1, and not 2")
	if note := <-notes; !strings.HasPrefix(note, "a generator of another build was turned away (") {
		t.Error(note)
	}
	joins(t, lead, keys)
	refused(keys, tool, "the lead waited for one generator, and has it")
	// Whoever does not look at the certificate gets no further, with another key and with none.
	careless := &tls.Config{InsecureSkipVerify: true}
	for name, options := range map[string][]nats.Option{"a key": {nats.Nkey(other.name, other.join.Sign)}, "nothing": nil} {
		conn, err := nats.Connect("nats://"+lead.Address(), append(options, nats.Secure(careless), nats.TLSHandshakeFirst(), nats.ErrorHandler(silent))...)
		if err == nil {
			conn.Close()
			t.Errorf("one gets in with %s", name)
		}
	}
}

func TestGeneratorsThatAreLost(t *testing.T) {
	t.Parallel()
	r := newRoom()
	deaf := &nats.Msg{} // nobody waits for the answer
	r.once(0, point{Name: "name"}, deaf)
	r.once(1, point{Name: "name"}, deaf)
	r.wait(point{Name: "here", N: 2}, deaf)
	r.signal(1, "here")
	if len(r.waits) != 1 || len(r.made["name"].waiting) != 1 {
		t.Fatalf("%d and %d wait", len(r.waits), len(r.made["name"].waiting))
	}
	r.leave(0, "generator 1 was lost")
	if got := r.made["name"].reply.Why; len(r.waits) > 0 || got != "generator 1 was lost, while it made name" {
		t.Errorf("%d still wait, and %q is why", len(r.waits), got)
	}
}

// What is sent has the names of secrets in it; whoever runs it has the secrets, and may be asked for more than one generator can send.
func TestThePlanIsReadWhereItIsRun(t *testing.T) {
	t.Parallel()
	const text = `{dialect: kitchenhub, base_url: "http://127.0.0.1:1", credentials: {primary: {client_id: juniper, client_secret: "${SECRET}"}}, absent: [second]}`
	env := func(value string) func(string) (string, bool) {
		return func(name string) (string, bool) { return value, name == "SECRET" && value != "" }
	}
	target, err := load.ParseTarget("perf.yaml", []byte(text), env("of the lead"))
	if err != nil {
		t.Fatal(err)
	}
	plan := Plan{target.Sent("perf.yaml"), load.Config{
		Scenario: "issue", Rate: 1.5 * load.MostRate, Duration: time.Second, Connections: 1, WorkingSet: 2, Pick: "uniform", Level: specs.Standard,
	}}
	if sent := encoded(plan); bytes.Contains(sent, []byte("of the lead")) || len(target.Spelled()) > 0 {
		t.Errorf("a secret is sent, or stands in the file: %s, %v", sent, target.Spelled())
	}
	lead, keys := opened(t, 2, plan, Watch{})
	g := joins(t, lead, keys)
	if _, err := g.Config(env("")); err == nil || !strings.Contains(err.Error(), "SECRET, which is not set") {
		t.Errorf("without the secret: %v", err)
	}
	c, err := g.Config(env("of the generator"))
	if err != nil || c.Check() != nil || c.Target.Dialect() != "kitchenhub" {
		t.Errorf("%v, %v", err, c.Check())
	}
	g.Plan.Target.Document = append(g.Plan.Target.Document, ' ')
	if _, err := g.Config(env("of the generator")); err == nil || !strings.HasPrefix(err.Error(), "the document that was sent is not") {
		t.Errorf("with another document: %v", err)
	}
	spelled, err := load.ParseTarget("perf.yaml", []byte(strings.ReplaceAll(text, "${SECRET}", "word")), nil)
	if err != nil || !slices.Equal(spelled.Spelled(), []string{"credentials.primary.client_secret"}) {
		t.Errorf("%v: secrets stand in %v", err, spelled.Spelled())
	}
}
