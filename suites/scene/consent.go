package scene

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/consent"
	"gonogo/internal/exchange"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/reports/words"
	"gonogo/specs"
	"gonogo/suites/engine"
)

// driverFor is the driver that the target file asks for, nil if it asks for a browser, which is the run's, or for
// none that this build has.
func driverFor(t *target.Target) consent.Driver {
	switch c := t.Consent; c.Mode {
	case target.ConsentForm:
		return consent.Form()
	case target.ConsentCommand:
		return consent.Command(c.Command)
	case target.ConsentManual:
		return consent.Manual(os.Stdin, os.Stderr) // whoever consents by hand is at the process's own console
	default:
		return nil
	}
}

// Ask is one request for the user's consent.
type Ask struct {
	Role        string           // the client that asks; empty: the primary one
	Inputs      map[string]any   // what differs from the documented request
	Query       string           // stands after the query of the request, as it is
	Omit        string           // an input that is left out
	Proof       *operation.Proof // shown instead of a new proof key
	NoProof     bool             // no proof key is shown
	RedirectURI string           // asked for instead of the registered one; the walk stops there too
	Decision    consent.Decision
	Alter       *consent.Alteration // what a page carries is sent back as something else
	Slow        time.Duration       // how long the user looks at the page, by the target's clock; only cases of the timeline may wait
	Popup       bool                // a page of the client opens the consent page in a popup window, in a real browser
	Doing       string
}

// Consented is how the user's walk ended.
type Consented struct {
	consent.Result
	Op *operation.Op
	// Reply is the answer that redirected back, nil if none did.
	Reply *client.Reply
	Doing string
	Steps []*exchange.Exchange // what was sent on the way, where the driver lets that be seen
}

// Sent says what was asked, for a finding.
func (c *Consented) Sent() string {
	if c.Doing == "" {
		return c.Op.Name()
	}
	return c.Op.Name() + " " + c.Doing
}

// Param is a parameter that came back with the redirect.
func (c *Consented) Param(name string) (string, bool) {
	if !c.Params.Has(name) {
		return "", false
	}
	return c.Params.Get(name), true
}

// mostOfAnError is how much of what an error says stands in a finding.
const mostOfAnError = 100

// Got says where the walk ended, for a finding.
func (c *Consented) Got() string {
	switch {
	case c.Redirect != nil && c.Delivery != consent.InQuery:
		return "a redirect with its parameters in the " + c.Delivery
	case c.Redirect != nil:
		names := "no parameters"
		if len(c.Params) > 0 {
			names = "the parameters"
			for _, name := range slices.Sorted(maps.Keys(c.Params)) {
				names += " " + name
				if name == "error" || name == "error_description" { // they say what was wrong, and carry no secret
					names += "=" + strconv.Quote(words.Short(c.Params.Get(name), mostOfAnError))
				}
			}
		}
		return "a redirect to " + c.Redirect.Scheme + "://" + c.Redirect.Host + c.Redirect.Path + " with " + names
	case len(c.Handed) > 0:
		return "something else for the window that opened the popup: " + c.handed()
	case c.Stray != nil:
		return "a redirect to " + c.Stray.Scheme + "://" + c.Stray.Host + c.Stray.Path
	default:
		return "no redirect; the last page says: " + c.Page
	}
}

// FoundConsent records a finding about a walk.
func (t *Trial) FoundConsent(c *Consented, wanted, got string) {
	f := engine.Finding{Requirement: t.blamed(c.Status), Sent: c.Sent(), Wanted: wanted, Got: got, Where: c.Op.At.String()}
	if c.Reply != nil {
		f.Exchange = c.Reply.Exchange
	}
	t.Find(f)
}

// FoundStep records a finding about one answer on the way.
func (t *Trial) FoundStep(c *Consented, step *exchange.Exchange, wanted, got string) {
	t.Find(engine.Finding{Sent: c.Sent(), Wanted: wanted, Got: got, Where: c.Op.At.String(), Exchange: step})
}

// watcher sends for a driver, and reads every answer for codes before anything is shown to anybody.
type watcher struct {
	trial *Trial
	op    *operation.Op

	mu   sync.Mutex // a browser sends side by side
	last *client.Reply
	sent []*exchange.Exchange
}

func (w *watcher) Send(ctx context.Context, req *http.Request) (*exchange.Exchange, error) {
	x, err := w.trial.Trial.Send(ctx, req)
	if x == nil || err != nil {
		return x, err
	}
	answer := w.op.Read(x)
	answer.Mismatches = nil // pages on the way are not the operation's answers
	client.Hide(w.trial, answer)
	w.mu.Lock()
	w.last, w.sent = &client.Reply{Answer: answer}, append(w.sent, x)
	w.mu.Unlock()
	w.trial.Heard(answer)
	return x, nil
}

// Ask sends the user through the consent page. A driver that loses its way stops the case, unless mayEnd says
// that the target may well end the walk on a page of its own.
func (t *Trial) Ask(ask Ask, mayEnd bool) *Consented {
	op := t.First(specs.RoleAuthorize)
	if op == nil {
		t.NotApplicable("the document has no authorize operation")
	}
	driver := t.run.driver
	if t.Target.Consent.Mode == target.ConsentBrowser {
		driver = t.inBrowser()
	}
	if ask.Popup {
		// Chromium takes a while to come up; the walk that finds out about the sign-in must not wait for it.
		if driver = t.inBrowser(); driver != nil {
			if err := t.Browser().Ready(t.ctx); err != nil && t.ctx.Err() == nil {
				t.CouldNotRun("consent: %v", err)
			}
		}
	}
	if ask.Alter != nil {
		if !t.SeesPages() {
			t.NotExercised("consent.mode %s sends back what a page carries", t.Target.Consent.Mode)
		}
		driver = consent.Form()
	}
	if driver == nil {
		t.NotExercised("consent.mode %s is not something this build can drive", t.Target.Consent.Mode)
	}
	if ask.Role == "" {
		ask.Role = operation.Primary
	}
	if ask.Slow > 0 {
		if mode := t.Target.Consent.Mode; mode != target.ConsentForm && mode != target.ConsentBrowser {
			t.NotExercised("consent.mode %s cannot be told when to approve", mode)
		}
		if !t.hasSignedIn() { // the walk that finds out about the sign-in keeps all others waiting, and the clock with them
			t.Code(ask.Role)
		}
	}
	if input, ok := op.RedirectInput(); ok && t.RedirectURI(ask.Role) == "" {
		t.NotExercised("the target file does not say where users of this client are sent back to (add credentials.%s.%s)", ask.Role, input.From.Field)
	}
	proof := ask.Proof
	if proof == nil && !ask.NoProof {
		proof = t.NewProof()
	}
	req := must(op.Request(t.ctx, operation.Args{Role: ask.Role, Proof: proof, Inputs: ask.Inputs, Query: ask.Query, Omit: map[string]bool{ask.Omit: true}, Credential: t.Client.Credential}))
	walk := t.Client.Walk(req.URL, ask.Role, ask.Decision)
	walk.Popup, walk.Alter = ask.Popup, ask.Alter
	if ask.Slow > 0 {
		walk.Pause = func(ctx context.Context) error { return t.Trial.Wait(ctx, t.Now().Add(ask.Slow)) }
	}
	if ask.RedirectURI != "" {
		walk.Also = []string{ask.RedirectURI}
	}
	w := &watcher{trial: t, op: op}
	result, err := t.walk(driver, w, walk)
	out := &Consented{Result: result, Op: op, Doing: ask.Doing, Steps: w.sent}
	if result.Redirect != nil || ask.Popup {
		out.Reply = w.last
	}
	for _, params := range append(handedParams(result), result.Params) {
		for kind, value := range redirectTokens(t.Dialect, params) {
			t.Secret(kind, value)
			t.Prove(value, proof)
		}
	}
	var lost *consent.Error
	if errors.As(err, &lost) {
		if ask.Alter != nil && t.Target.Consent.Mode == target.ConsentBrowser && lost.Kind != consent.Abroad {
			t.NotExercised("the page takes a browser, and what it carries is changed in forms alone: %v", lost)
		}
		if mayEnd && (lost.Kind == consent.CannotSee || lost.Kind == consent.Loop) {
			return out
		}
		if lost.Kind == consent.Abroad {
			t.FoundConsent(out, "the user's password on no host but those that the document and the target file name", lost.Error())
		}
		if lost.Kind == consent.SignInRefused {
			t.CouldNotRun("consent: %v; check credentials.%s in the target file", lost, t.Human())
		}
		t.CouldNotRun("consent: %v", lost)
	}
	t.Stop(err)
	return out
}

// signIn is what a run knows of the user's signing in. It is locked by the walk that finds out.
type signIn struct {
	sync.Mutex
	known   bool
	refused *consent.Error
}

func (t *Trial) hasSignedIn() bool {
	t.run.signIn.Lock()
	defer t.run.signIn.Unlock()
	return t.run.signIn.known
}

// walk takes a walk through the page. The first one that signs in goes alone, while the others wait for how it
// ends: wrong credentials would be tried by every case, and a target may lock the account.
func (t *Trial) walk(driver consent.Driver, w *watcher, r consent.Request) (consent.Result, error) {
	if r.Decision == consent.Open {
		return driver.Decide(t.ctx, w, r)
	}
	first := &t.run.signIn
	first.Lock()
	if first.known {
		first.Unlock()
		return driver.Decide(t.ctx, w, r)
	}
	defer first.Unlock()
	if first.refused != nil {
		return consent.Result{}, first.refused
	}
	result, err := driver.Decide(t.ctx, w, r)
	var lost *consent.Error
	if errors.As(err, &lost) && lost.Kind == consent.SignInRefused {
		first.refused = lost
	}
	first.known = result.SignedIn && first.refused == nil
	return result, err
}

func redirectTokens(d *specs.Dialect, params url.Values) map[string]string {
	found := map[string]string{}
	for _, kind := range d.Tokens {
		if name, ok := kind.At.InLocation(); ok && params.Get(name) != "" {
			found[kind.Name] = params.Get(name)
		}
	}
	return found
}

// Human is the role that signs in on pages, empty if the dialect has none.
func (s *Subject) Human() string { return s.Dialect.Human().Role }

// RedirectInput is the input of the authorize operation that says where the browser is sent back to.
func (s *Subject) RedirectInput() (specs.Input, bool) {
	if op := s.Ops.First(specs.RoleAuthorize); op != nil {
		return op.RedirectInput()
	}
	return specs.Input{}, false
}

// ClientInput is the input of an operation that names the client: its role's first field.
func (s *Subject) ClientInput(op *operation.Op) (specs.Input, bool) {
	primary, _ := s.Dialect.Credential(operation.Primary)
	for _, input := range op.Inputs {
		if len(primary.Fields) > 0 && input.From.Field == primary.Fields[0] {
			return input, true
		}
	}
	return specs.Input{}, false
}

// RedirectURI is a role's registered redirect URI.
func (t *Trial) RedirectURI(role string) string {
	if input, ok := t.RedirectInput(); ok {
		return t.Credential(role, input.From.Field)
	}
	return ""
}
