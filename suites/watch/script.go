package watch

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/front"
	"gonogo/internal/lineage"
	"gonogo/specs"
)

// situation is one scene of the script: what happens to the client, and what it is waited for.
type situation struct {
	id    string
	title string
	lacks func(*stage, Config) string // why it cannot be played here; empty: it can
	play  func(*stage, context.Context, *scene) error

	announces bool // it announces itself, with what it carries
	restarts  bool // it ends the command
}

// scene is a situation that is being played.
type scene struct {
	Config
	watched *watched
	reached bool
	why     string // why the client did not reach it
}

// leftOut says why the client did not reach the situation.
func (s *scene) leftOut(format string, values ...any) error {
	s.why = fmt.Sprintf(format, values...)
	return nil
}

// script is every situation, in the order in which they are played. The list is closed: clients act by these words.
var script = []situation{
	{id: "calls", title: "the client begins to call", play: (*stage).playCalls},
	{id: "access-ended", title: "the access token ends", play: (*stage).playEnd},
	{id: "ended-thrice", title: "it ends two times more", play: (*stage).playEndAgain},
	{id: "busy-at-end", title: "it ends while the client has many calls under way", play: (*stage).playBusy},
	{id: "refresh-lost", title: "the API acts on a refresh, and its answer is lost", lacks: refreshes, play: (*stage).playLost},
	{id: "refresh-dead", title: "the refresh token has ended, too", lacks: refreshes, play: (*stage).playDead},
	{id: "invalid", title: "a token is said to be invalid before its end", play: (*stage).playInvalid},
	{id: "throttled", title: "the API answers 429 with Retry-After", play: (*stage).playThrottled},
	{id: "unavailable", title: "the API answers 503 with Retry-After", play: (*stage).playUnavailable},
	{id: "elsewhere", title: "a call is redirected to another host", play: (*stage).playElsewhere},
	{id: "odd-answers", title: "a refresh is answered in an odd form that is allowed", lacks: refreshes, play: (*stage).playOdd},
	{id: "short-life", title: "an access token of the shortest life that can be announced", lacks: announces, play: (*stage).playShort},
	{id: "refused-address", title: "the API answers 403", play: (*stage).playForbidden},
	{id: "new-secret", title: "the operator has made a new secret", lacks: rotates, play: (*stage).playNewSecret, announces: true},
	{id: "restart", title: "the client is started again", lacks: commanded, play: (*stage).playRestart, restarts: true},
	{id: "consent", title: "a user is asked for consent, and the code refused once", lacks: asks, play: (*stage).playConsent},
	{id: "forged-state", title: "the user comes back with another state", lacks: asks, play: (*stage).playForged},
	{id: "session-ends", title: "the client's user ends the session", lacks: revokes, play: (*stage).playSessionEnds},
}

func refreshes(s *stage, _ Config) string {
	if len(s.dialect.ByRole(specs.RoleRefresh)) == 0 {
		return "the document has no refresh"
	}
	return ""
}

func revokes(s *stage, c Config) string {
	switch {
	case len(s.dialect.ByRole(specs.RoleRevoke)) == 0:
		return "the document has no revocation"
	case c.Hook == "" && !s.follows():
		return "the client follows no situation, and there is no --hook"
	}
	return ""
}

func asks(s *stage, c Config) string {
	switch {
	case len(s.dialect.ByRole(specs.RoleAuthorize)) == 0:
		return "the document has no consent"
	case c.Hook == "" && !s.follows():
		return "the client follows no situation, and there is no --hook"
	}
	return ""
}

func announces(s *stage, _ Config) string {
	kind, _ := s.dialect.Token(client.Access)
	if kind.Lifetime.Announced == "" {
		return "no answer of the document announces how long a token lives"
	}
	return ""
}

func rotates(_ *stage, c Config) string {
	if c.Target.Operator.RotateSecret == nil {
		return "the target file has no operator.rotate_secret"
	}
	return ""
}

func commanded(_ *stage, c Config) string {
	if c.Command == "" {
		return "the client runs by itself; with --run the watch starts it again"
	}
	return ""
}

// good is a use that was answered well, with a token newer than old.
func good(old *lineage.Token) func(*lineage.Event) bool {
	return func(e *lineage.Event) bool {
		t := e.Of(client.Access)
		return isUse(e) && e.OK() && t != nil && (old == nil || t != old && t.Given.Number > old.Given.Number)
	}
}

// well waits until a call is answered well, with a token newer than old, after an exchange. It gives a client that pauses for a while the
// time for it, by the API's clock too.
func (s *stage) well(ctx context.Context, c *scene, old *lineage.Token, after *lineage.Event) bool {
	return s.patient(ctx, c, func(e *lineage.Event) bool { return (after == nil || e.Arrived.After(after.Arrived)) && good(old)(e) }) != nil
}

// resumed waits until the client calls again.
func (s *stage) resumed(ctx context.Context, c *scene, after *lineage.Event) bool {
	return s.patient(ctx, c, func(e *lineage.Event) bool { return e.Arrived.After(after.Done) && isUse(e) }) != nil
}

// longestPause is what a client may pause by the API's clock, and shortly how long it is waited for before that is moved.
const (
	longestPause = time.Minute
	shortly      = 3 * time.Second
)

func (s *stage) patient(ctx context.Context, c *scene, want func(*lineage.Event) bool) *lineage.Event {
	first := min(shortly, c.Patience)
	if e := s.await(ctx, first, want); e != nil {
		return e
	}
	if s.clock && ctx.Err() == nil && s.advance(ctx, s.now().Add(longestPause)) != nil {
		return nil
	}
	return s.await(ctx, c.Patience-first, want)
}

// tokenCall is a request for tokens.
func tokenCall(e *lineage.Event) bool {
	switch e.Role() {
	case specs.RoleIssue, specs.RoleRefresh, specs.RoleExchange:
		return true
	}
	return false
}

func refresh(e *lineage.Event) bool { return e.Role() == specs.RoleRefresh }

func (s *stage) playCalls(ctx context.Context, c *scene) error {
	if c.reached = s.times(ctx, 3, c.Patience, good(nil)); !c.reached {
		return c.leftOut("the client did not make three calls that were answered well within %s", c.Patience)
	}
	return nil
}

// playEnd lets the access token come to its end.
func (s *stage) playEnd(ctx context.Context, c *scene) error {
	old := s.book.Newest(client.Access)
	if old == nil {
		return c.leftOut("the client has no access token")
	}
	if err := s.end(ctx, c, old, true); err != nil {
		return err
	}
	if !s.well(ctx, c, old, nil) {
		c.reached = s.await(ctx, 0, isUse) != nil
		return c.leftOut("no call was answered well after it within %s", c.Patience)
	}
	c.reached = true
	return nil
}

func (s *stage) playEndAgain(ctx context.Context, c *scene) error {
	for range 2 {
		if err := s.playEnd(ctx, c); err != nil || c.why != "" {
			return err
		}
	}
	return nil
}

// behind is by how much answers to further refreshes with one token come later than the first: whoever loses a race hears of it last.
const behind = onTheWay + onTheWay/2

// playBusy lets it come to its end while the client is busy.
func (s *stage) playBusy(ctx context.Context, c *scene) error {
	spent := s.book.Newest(client.Refresh)
	var tries atomic.Int64
	s.meddle(func(e *lineage.Event) front.Deed {
		if refresh(e) && spent != nil && e.Of(client.Refresh) == spent && tries.Add(1) > 1 {
			return front.Deed{Name: "behind", Delay: behind}
		}
		return front.Deed{}
	})
	if err := s.playEnd(ctx, c); err != nil || c.why != "" {
		return err
	}
	if tries.Load() < 2 {
		return nil
	}
	if last := s.await(ctx, 2*behind, func(e *lineage.Event) bool { return e.Deed == "behind" }); last != nil {
		s.times(ctx, 3, c.Patience/3, func(e *lineage.Event) bool { return isUse(e) && e.Arrived.After(last.Done) })
	}
	return nil
}

// end ends an access token: by the clock, first to its last minutes, in which some clients renew it, or with 401 where nobody moves the
// clock.
func (s *stage) end(ctx context.Context, c *scene, t *lineage.Token, slowly bool) error {
	if s.lifetimes[t.Kind] > 0 {
		s.until(ctx, t.Ends)
		return nil
	}
	if !s.clock || t.Ends.IsZero() {
		s.meddle(func(e *lineage.Event) front.Deed {
			if isUse(e) && e.Of(client.Access) == t {
				return front.Deed{Name: "ended", Instead: refusal(http.StatusUnauthorized)}
			}
			return front.Deed{}
		})
		return nil
	}
	life := t.Ends.Sub(t.Given.At)
	if misread := t.Given.At.Add(life/60 + 5*time.Second); slowly && life >= 30*time.Minute && misread.After(s.now()) { // when it ends for who takes the next smaller unit
		if err := s.advance(ctx, misread); err != nil {
			return err
		}
		s.settle(ctx, c)
	}
	for _, left := range lastMinutes {
		early := t.Ends.Add(-min(life/12, left))
		if !slowly || life < 3*time.Minute || s.book.Newest(client.Access) != t || !early.After(s.now()) {
			continue
		}
		if err := s.advance(ctx, early); err != nil {
			return err
		}
		s.settle(ctx, c)
	}
	if s.book.Newest(client.Access) != t {
		return nil // it was renewed in time
	}
	return s.advance(ctx, t.Ends.Add(client.Leeway))
}

// lastMinutes is what a token has left when a client is given time to renew it: some do it five minutes before its end, others ten seconds.
var lastMinutes = []time.Duration{4 * time.Minute, 9 * time.Second}

// settle gives the client the time of some calls, after those that were under way before.
func (s *stage) settle(ctx context.Context, c *scene) {
	pass(ctx, onTheWay)
	since := time.Now()
	s.times(ctx, 3, min(shortly, c.Patience), func(e *lineage.Event) bool { return isUse(e) && e.Arrived.After(since) })
}

// pass lets time pass: what was under way before has arrived then. No event says so.
func pass(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// mostCut is how many answers to a refresh are lost at the most: enough to see who tries for ever.
const mostCut = mostTries + 2

func (s *stage) playLost(ctx context.Context, c *scene) error {
	old := s.book.Newest(client.Access)
	if old == nil {
		return c.leftOut("the client has no access token")
	}
	spent := s.book.Newest(client.Refresh)
	which := func(e *lineage.Event) bool {
		return refresh(e) && e.Of(client.Refresh) != nil && e.Of(client.Refresh) == spent
	}
	if err := s.advanceOrRefuse(ctx, old, atMost(mostCut, which, front.Deed{Name: "lost", Cut: true})); err != nil {
		return err
	}
	lost := s.patient(ctx, c, func(e *lineage.Event) bool { return e.Deed == "lost" })
	if lost == nil {
		return c.leftOut("the client refreshed nothing within %s", c.Patience)
	}
	c.reached = true
	if !s.well(ctx, c, old, lost) {
		return c.leftOut("no call was answered well after it within %s", c.Patience)
	}
	return nil
}

// advanceOrRefuse ends an access token at once, and does something else to other exchanges meanwhile.
func (s *stage) advanceOrRefuse(ctx context.Context, t *lineage.Token, other func(*lineage.Event) front.Deed) error {
	if s.clock && !t.Ends.IsZero() {
		s.meddle(other)
		return s.advance(ctx, t.Ends.Add(client.Leeway))
	}
	if s.lifetimes[t.Kind] > 0 {
		s.meddle(other)
		s.until(ctx, t.Ends)
		return nil
	}
	s.meddle(func(e *lineage.Event) front.Deed {
		if isUse(e) && e.Of(client.Access) == t {
			return front.Deed{Name: "ended", Instead: refusal(http.StatusUnauthorized)}
		}
		return other(e)
	})
	return nil
}

// atMost does something to the first exchanges of a sort.
func atMost(n int, which func(*lineage.Event) bool, deed front.Deed) func(*lineage.Event) front.Deed {
	left := newCounter(n)
	return func(e *lineage.Event) front.Deed {
		if !which(e) || !left.take() {
			return front.Deed{}
		}
		return deed
	}
}

func (s *stage) playDead(ctx context.Context, c *scene) error {
	dead := s.book.Newest(client.Refresh)
	old := s.book.Newest(client.Access)
	if dead == nil || old == nil {
		return c.leftOut("the client has no refresh token")
	}
	refused := func(e *lineage.Event) front.Deed {
		if refresh(e) && len(e.Shown) > 0 && e.Shown[0].Family == dead.Family {
			return front.Deed{Name: "dead", Instead: refusal(http.StatusUnauthorized)}
		}
		return front.Deed{}
	}
	if s.clock && !dead.Ends.IsZero() {
		if err := s.advance(ctx, dead.Ends.Add(client.Leeway)); err != nil {
			return err
		}
	} else if err := s.advanceOrRefuse(ctx, old, refused); err != nil {
		return err
	}
	tried := func(e *lineage.Event) bool { return refresh(e) && !e.OK() }
	c.reached = s.patient(ctx, c, func(e *lineage.Event) bool { return tried(e) || good(old)(e) }) != nil && s.await(ctx, 0, tried) != nil
	if !s.well(ctx, c, old, nil) {
		return c.leftOut("no call was answered well after it within %s", c.Patience)
	}
	if !c.reached {
		return c.leftOut("the client did not try the refresh token")
	}
	return nil
}

// mostRefused is how many calls are refused, whatever their token: enough to see a loop.
const mostRefused = 10

func (s *stage) playInvalid(ctx context.Context, c *scene) error {
	old := s.book.Newest(client.Access)
	if old == nil {
		return c.leftOut("the client has no access token")
	}
	if len(s.of(specs.RoleValidate)) > 0 {
		s.meddle(atMost(1, func(e *lineage.Event) bool { return e.Role() == specs.RoleValidate && e.Of(client.Access) == old }, front.Deed{Name: "invalid", Change: s.invalid}))
		if told := s.await(ctx, c.Patience, func(e *lineage.Event) bool { return e.Deed == "invalid" }); told != nil {
			c.reached = true
			s.await(ctx, c.Patience, good(old))
		}
	}
	s.meddle(atMost(mostRefused, isUse, front.Deed{Name: "unexpected", Instead: refusal(http.StatusUnauthorized)}))
	told := s.patient(ctx, c, func(e *lineage.Event) bool { return e.Deed == "unexpected" })
	if told == nil {
		return c.leftOut("the client made no call")
	}
	c.reached = true
	s.times(ctx, mostRefused, onTheWay, isUse) // a loop is through sooner
	s.meddle(nil)
	if s.patient(ctx, c, func(e *lineage.Event) bool { return e.Arrived.After(told.Arrived) && isUse(e) && e.OK() }) == nil {
		return c.leftOut("no call was answered well after it within %s", c.Patience)
	}
	return nil
}

// invalid is an answer that says that a token is not valid.
func (s *stage) invalid(a *front.Answer) {
	for _, op := range s.dialect.ByRole(specs.RoleValidate) {
		if op.Says != nil {
			changeJSON(a, func(body map[string]any) { set(body, op.Says.Valid, false) })
		}
	}
}

func (s *stage) playThrottled(ctx context.Context, c *scene) error {
	return s.playPause(ctx, c, "throttled", http.StatusTooManyRequests, 1)
}

func (s *stage) playUnavailable(ctx context.Context, c *scene) error {
	return s.playPause(ctx, c, "unavailable", http.StatusServiceUnavailable, 1)
}

// pause is what Retry-After asks for.
const pause = 2 * time.Second

// playPause ends the access token, and has the request for another one wait.
func (s *stage) playPause(ctx context.Context, c *scene, name string, status, times int) error {
	old := s.book.Newest(client.Access)
	if old == nil {
		return c.leftOut("the client has no access token")
	}
	answer := refusal(status)
	answer.Header.Set("Retry-After", fmt.Sprint(int(pause/time.Second)))
	if err := s.advanceOrRefuse(ctx, old, atMost(times, tokenCall, front.Deed{Name: name, Instead: answer})); err != nil {
		return err
	}
	if s.patient(ctx, c, func(e *lineage.Event) bool { return e.Deed == name }) == nil {
		return c.leftOut("the client asked for no token within %s", c.Patience)
	}
	c.reached = true
	if !s.well(ctx, c, old, nil) {
		return c.leftOut("no call was answered well after it within %s", c.Patience)
	}
	return nil
}

func (s *stage) playForbidden(ctx context.Context, c *scene) error {
	s.meddle(atMost(1, isUse, front.Deed{Name: "forbidden", Instead: refusal(http.StatusForbidden)}))
	e := s.patient(ctx, c, func(e *lineage.Event) bool { return e.Deed == "forbidden" })
	if e == nil {
		return c.leftOut("the client made no call")
	}
	c.reached = true
	s.resumed(ctx, c, e)
	return nil
}

// refusal is an answer of an intermediary: what the API itself would add is not known here.
func refusal(status int) *front.Answer {
	a := &front.Answer{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte("{}")}
	if status == http.StatusUnauthorized {
		a.Header.Set("WWW-Authenticate", `Bearer error="invalid_token"`)
	}
	return a
}

// of are the kept exchanges of a role.
func (s *stage) of(role specs.Role) []*lineage.Event {
	var found []*lineage.Event
	for _, e := range s.all() {
		if e.Role() == role {
			found = append(found, e)
		}
	}
	return found
}
