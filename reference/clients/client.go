package clients

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// dialect is what one document tells a client: its requests, and where the answers have the tokens.
type dialect struct {
	name     string
	sessions []string                                    // whose tokens the client holds
	login    func(c *client, who string) (answer, error) // a new session
	refresh  func(c *client, p pair) request
	use      func(c *client) request
	validate func(c *client, p pair) request // nil where the document has none
	valid    string                          // the member that says it
	revoke   func(c *client, p pair) request // nil where the document has none

	authorize func(c *client, a *attempt) request // the link for the user's browser
	redeem    func(c *client, a *attempt) request // the exchange of the code that came back
	popups    bool                                // that link can be for a popup
	code      string                              // what the code is called in the redirect; empty: code
	issuer    func(c *client) string              // who the server says it is; nil where the document has no such thing

	envelope string                                // the member that wraps a success
	flat     func(m map[string]any) map[string]any // an answer with its tokens where the others have them; nil: it has
	members  []string                              // of a token answer
	life     string                                // the member that announces the lifetime of the access token, in units
	unit     time.Duration                         //
	ends     string                                // or the one that announces its end, as text or in units since 1970
	refused  func(m map[string]any) bool           // what the error of a refresh says whose token is not good; nil: the status says it
	refusal  int                                   // the status of a call whose token is not good; 0: 401
	lasts    time.Duration                         // what the document says of the lifetime, for answers that do not
	lead     time.Duration                         // how long before that the document wants the refresh; 0: it wants it after
}

// client is a program that calls an API for its users until it is told to stop.
type client struct {
	dialect
	habits
	world
	store *store
	http  *http.Client
	edits map[op][]func(c *client, r *request) // what a fault does to a request
	first map[op]func(c *client, r *request)   // what a fault tries before it does as documented

	account   account    // pos: made by the client itself
	registers sync.Mutex // of the account

	busy     atomic.Bool // several calls at once
	calls    atomic.Int64
	renewed  atomic.Int64 // refreshes that were answered well
	vain     atomic.Int64
	margin   float64 // of its early refreshes, its own
	mu       sync.Mutex
	until    time.Time // it pauses until then, by the API's clock
	troubles int       // answers in a row that said that the server cannot now
}

var (
	errPaused  = errors.New("the client pauses")
	errRefused = errors.New("refused")
	errLost    = errors.New("no answer that could be read")
	errBrittle = errors.New("the access token is not good any more")
)

func newClient(d dialect, h habits, w world, s *store) *client {
	c := &client{dialect: d, habits: h, world: w, store: s, edits: map[op][]func(*client, *request){}, first: map[op]func(*client, *request){}}
	c.margin = 0.6 + 0.4*rand.Float64()
	// Connections of its own, as those of a process are.
	c.http = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone(), Timeout: 10 * time.Second, CheckRedirect: c.redirected}
	return c
}

// call makes one call for a session's user: with tokens that should be good, and after a 401 once more with new ones.
func (c *client) call(who string) error {
	if c.muddles && c.calls.Load()%5 == 0 {
		who = "own"
	}
	had := c.store.get(who, c.shared)
	again := had.Access != "" || had.Refresh == "" // what only now takes the place of a refused token is not replaced at once
	p, err := c.tokens(who)
	if err != nil {
		return err
	}
	a, err := c.used(p)
	for i := 0; i < c.stale && err == nil && c.dead(a); i++ {
		a, err = c.used(p)
	}
	for i := 0; i < c.repeats && again && !c.sure && err == nil && c.dead(a); i++ {
		if c.brittle {
			return errBrittle
		}
		if p, err = c.renew(who, p, true); err == nil {
			a, err = c.used(p)
		}
	}
	for i := 0; i < 5 && c.pushy && err == nil && a.status == http.StatusForbidden; i++ {
		if p, err = c.renew(who, p, false); err == nil {
			a, err = c.used(p)
		}
	}
	if err == nil {
		err = a.err()
	}
	if c.dead(a) && !c.sure {
		unlock := c.store.lock()
		err = errors.Join(err, c.spoil(who, p))
		unlock()
	}
	if errors.Is(err, errRefused) && !c.sure {
		c.pause(10 * time.Second)
	}
	return err
}

// spoil strikes out an access token that was refused, unless somebody has a newer one already. Its caller has the lock.
func (c *client) spoil(who string, p pair) error {
	if now := c.store.get(who, c.shared); now.Access != p.Access || p.Access == "" {
		return nil
	}
	p.Access = ""
	return c.store.put(who, p, c.saves(true))
}

// dead tells whether an answer refuses the token.
func (c *client) dead(a answer) bool { return a.status == cmp.Or(c.refusal, http.StatusUnauthorized) }

func (c *client) used(p pair) (answer, error) {
	r := c.use(c)
	r.bearer(p.Access)
	return c.send(r)
}

// tokens answers what the store has, as long as it is good for a call.
func (c *client) tokens(who string) (pair, error) {
	p := c.store.get(who, c.shared)
	if p.Access == "" || c.due(p) {
		return c.renew(who, p, false)
	}
	if c.validates && c.validate != nil {
		a, err := c.send(c.validate(c, p))
		if err == nil && a.err() == nil && a.members()[c.valid] == false && !c.gullible {
			return c.renew(who, p, true)
		}
	}
	return p, nil
}

// due tells whether it is time to refresh, for clients and documents that go by time.
func (c *client) due(p pair) bool {
	if p.Life == 0 || !c.byTime && c.lead == 0 && c.fixed == 0 {
		return false
	}
	margin := time.Duration(c.early * float64(p.Life))
	if c.lead > 0 {
		margin = min(c.lead, p.Life/4)
	}
	if c.spread {
		margin = time.Duration(c.margin * float64(margin))
	}
	return !c.now().Before(p.Ends.Add(-max(margin, c.fixed)))
}

// renew answers tokens that are newer than the old ones: those that somebody else got meanwhile, refreshed ones, or
// those of a new session.
func (c *client) renew(who string, old pair, refused bool) (pair, error) {
	if c.alone {
		defer c.store.lock()()
		if p := c.store.get(who, c.shared); p.Access != "" && p.Access != old.Access {
			return p, nil
		} else if refused && p.Access != "" {
			if err := c.spoil(who, p); err != nil {
				return pair{}, err
			}
		}
		old = c.store.get(who, false)
	}
	if c.paused() {
		return pair{}, errPaused
	}
	before := c.renewed.Load()
	for try := 1; c.renewals && old.Refresh != ""; try++ {
		p, err := c.refreshed(old)
		if err == nil {
			c.renewed.Add(1)
			p = c.keep(old, p)
			return p, c.store.put(who, p, c.saves(true))
		}
		if errors.Is(err, errPaused) && !c.flinches {
			return pair{}, err
		}
		if c.restores && errors.Is(err, errRefused) && c.renewed.Load() != before {
			return old, errors.Join(err, c.store.put(who, old, true))
		}
		if p := c.store.get(who, c.shared); errors.Is(err, errRefused) && p.Refresh != "" && p.Refresh != old.Refresh {
			return p, nil
		}
		if errors.Is(err, errLost) && try < c.attempts || errors.Is(err, errRefused) && try < c.stubborn {
			continue
		}
		if err := c.store.put(who, pair{}, true); err != nil {
			return pair{}, err
		}
		break
	}
	a, err := c.login(c, who)
	if err != nil {
		return pair{}, c.unlucky(err)
	}
	p, err := c.read(a)
	if err != nil {
		return pair{}, c.unlucky(err)
	}
	return p, c.store.put(who, p, c.saves(false))
}

// unlucky waits after a login that was refused: the next one would be, too.
func (c *client) unlucky(err error) error {
	if errors.Is(err, errRefused) {
		c.pause(10 * time.Second)
	}
	return err
}

func (c *client) refreshed(old pair) (pair, error) {
	a, err := c.send(c.refresh(c, old))
	if err != nil {
		return pair{}, err
	}
	if c.literal && c.refused != nil && errors.Is(a.err(), errRefused) && !c.refused(a.members()) {
		return pair{}, errPaused // some other trouble, for which the token is not given up
	}
	p, err := c.read(a)
	if p.Refresh == "" {
		p.Refresh = old.Refresh
	}
	return p, err
}

// end ends the sessions of the client: their tokens are revoked, where that can be done, and forgotten.
func (c *client) end() {
	defer c.store.lock()()
	for _, who := range c.sessions {
		if p := c.store.get(who, c.shared); p.Access != "" && c.revoke != nil && !c.hasty {
			_, _ = c.send(c.revoke(c, p)) // what cannot be revoked is forgotten all the same
		}
		_ = c.store.put(who, pair{}, true)
	}
}

// pause keeps the client from calling for so long.
func (c *client) pause(d time.Duration) {
	until := c.now().Add(d)
	c.mu.Lock()
	defer c.mu.Unlock()
	if until.After(c.until) {
		c.until = until
	}
}

func (c *client) paused() bool {
	c.mu.Lock()
	until := c.until
	c.mu.Unlock()
	return !until.IsZero() && c.now().Before(until)
}

// trouble is an answer that says that the server cannot now: the client waits as long as it is told, or longer each time.
func (c *client) trouble(wait time.Duration) {
	if !c.patient {
		return
	}
	c.mu.Lock()
	if wait == 0 {
		wait = time.Second << min(c.troubles, 5)
	}
	c.troubles++
	c.mu.Unlock()
	c.pause(wait)
}
