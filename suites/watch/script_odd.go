package watch

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/front"
	"gonogo/internal/lineage"
	"gonogo/internal/operation"
	"gonogo/specs"
)

// counter counts down, for several at once.
type counter struct {
	mu   sync.Mutex
	left int
}

func newCounter(n int) *counter { return &counter{left: n} }

func (c *counter) take() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left--
	return c.left >= 0
}

// playElsewhere redirects a call to a host of our own. That listens until the watch ends, so what arrives there counts whenever it does: of a
// client that does several things at once the other calls go on meanwhile.
func (s *stage) playElsewhere(ctx context.Context, c *scene) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	told := newGate()
	defer told.open()
	var e *lineage.Event // nil: nothing was redirected; read when told is open
	var once sync.Once
	arrived := make(chan struct{})
	s.elsewhere = &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		told.pass(r.Context())
		if r.Context().Err() == nil && e != nil {
			s.searchOther(e, r)
			once.Do(func() { close(arrived) })
		}
		_, _ = w.Write([]byte("{}"))
	})}
	go func() { _ = s.elsewhere.Serve(listener) }()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	to := fmt.Sprintf("http://localhost:%s/elsewhere", port) // a name that is not the API's, whatever a client thinks of ports
	s.meddle(atMost(1, isUse, front.Deed{Name: "elsewhere", Instead: &front.Answer{Status: http.StatusTemporaryRedirect, Header: http.Header{"Location": {to}}}}))
	e = s.patient(ctx, c, func(e *lineage.Event) bool { return e.Deed == "elsewhere" })
	told.open()
	if e == nil {
		return c.leftOut("%s", s.uncalled())
	}
	c.reached = true
	next := make(chan struct{})
	go func() {
		defer close(next)
		// Who was redirected goes on over its connection, as a rule; another worker's call says nothing of it.
		s.await(ctx, min(shortly, c.Patience), func(after *lineage.Event) bool { return after.From == e.From && after.Arrived.After(e.Done) })
		s.resumed(ctx, c, e)
	}()
	select {
	case <-arrived:
	case <-next:
	}
	return nil
}

// closeElsewhere ends the host to which a call was redirected.
func (s *stage) closeElsewhere() {
	if s.elsewhere != nil {
		_ = s.elsewhere.Close()
	}
}

// playOdd has a refresh answered in a form that no document forbids.
func (s *stage) playOdd(ctx context.Context, c *scene) error {
	odd := func(a *front.Answer) {
		changeJSON(a, func(body map[string]any) {
			more := map[string]any{"id": "a-member-that-no-document-has", "parts": []any{1, nil}}
			body["x_request"] = more
			if kind, _ := s.dialect.Token(client.Access); holder(body, kind.At) != nil {
				holder(body, kind.At)["x_request"] = more
			}
			for _, kind := range s.dialect.Tokens {
				if text, ok := get(body, kind.Lifetime.Announced).(string); ok && kind.Lifetime.Unit == specs.RFC3339 {
					if at, err := time.Parse(time.RFC3339, text); err == nil {
						set(body, kind.Lifetime.Announced, at.In(time.FixedZone("", 2*60*60)).Format(time.RFC3339))
					}
				}
			}
		})
	}
	timed, goesByTime := s.declares("time")
	for met, tries := false, 0; !met && tries < mostEnds; tries++ {
		if err := s.playChanged(ctx, c, 1, nil, front.Deed{Name: "odd", Change: odd}); err != nil || c.why != "" {
			return err
		}
		if met = !goesByTime; met {
			break
		}
		s.meddle(nil) // whether the moment was read shows at the token's end
		given := s.held().access
		if err := s.end(ctx, c, given, true); err != nil {
			return err
		}
		s.well(ctx, c, given, nil)
		met = given.Refused == nil || given.Ended(given.Refused)
	}
	if declared, is := s.declares("envelope"); is {
		no := func(a *front.Answer) {
			changeJSON(a, func(body map[string]any) { set(body, specs.Pointer(declared.Params["success_at"]), false) })
		}
		if err := s.playChanged(ctx, c, 1, nil, front.Deed{Name: "unsuccessful", Change: no}); err != nil || c.why != "" {
			return err
		}
	}
	if _, is := s.declares("not-retried"); is {
		if err := s.playChanged(ctx, c, mostTries, refresh, front.Deed{Name: "malformed", Instead: refusal(http.StatusBadRequest)}); err != nil {
			return err
		}
		c.why = "" // who does not refresh is asked nothing
	}
	if goesByTime && timed.Params["skewed"] != "" && s.clock {
		return s.playSkewed(ctx, c)
	}
	return nil
}

// mostEnds is how often an end is tried again that a call under way has met, and been refused for: what the client makes of the time shows in
// what it does afterwards.
const mostEnds = 5

// declares is what the document says in a flow of clients.
func (s *stage) declares(name string) (specs.Flow, bool) {
	i := slices.IndexFunc(s.dialect.ClientFlows, func(f specs.Flow) bool { return f.Name == name })
	if i < 0 {
		return specs.Flow{}, false
	}
	return s.dialect.ClientFlows[i], true
}

// skew is by how much the API's time is ahead of the client's.
const skew = 10 * time.Minute

// playSkewed announces moments as an API does whose clock is ahead of the client's, and has the token end when it does.
func (s *stage) playSkewed(ctx context.Context, c *scene) error {
	old := s.held().access
	if old == nil || old.Ends.IsZero() {
		return nil
	}
	late := func(a *front.Answer) {
		changeJSON(a, func(body map[string]any) {
			for _, kind := range s.dialect.Tokens {
				if text, ok := get(body, kind.Lifetime.Announced).(string); ok && kind.Lifetime.Unit == specs.RFC3339 {
					if at, err := time.Parse(time.RFC3339, text); err == nil {
						set(body, kind.Lifetime.Announced, at.Add(skew).Format(time.RFC3339))
					}
				}
			}
		})
	}
	if err := s.playChanged(ctx, c, 1, nil, front.Deed{Name: "skewed", Change: late}); err != nil || c.why != "" {
		return err
	}
	given := s.held().access
	if given.Given.Deed != "skewed" {
		return nil
	}
	if err := s.advance(ctx, given.Ends.Add(client.Leeway-skew)); err != nil {
		return err
	}
	if !s.well(ctx, c, given, nil) {
		return c.leftOut("no call was answered well within %s of the end of a token that was announced for later", c.Patience)
	}
	return nil
}

// decoy is what begins a value that looks like a token and is none.
const decoy = "decoy-"

// mislead puts values that look like tokens where the document has none, and others must not look for them.
func (s *stage) mislead(e *lineage.Event) front.Deed {
	enveloped := slices.ContainsFunc(s.dialect.Tokens, func(kind specs.TokenKind) bool { return strings.Count(string(kind.At), "/") > 1 })
	if e.Role() != specs.RoleIssue || !enveloped {
		return front.Deed{}
	}
	return front.Deed{Name: "decoy", Change: func(a *front.Answer) {
		changeJSON(a, func(body map[string]any) {
			for _, kind := range s.dialect.Tokens {
				name := string(kind.At)[strings.LastIndexByte(string(kind.At), '/')+1:]
				if _, taken := body[name]; strings.Count(string(kind.At), "/") > 1 && !taken && holder(body, kind.At) != nil {
					body[name] = decoy + operation.Unique()
				}
			}
		})
	}}
}

// shortLived is the shortest life that a token is announced with, where a document counts in seconds: a client on a slow machine makes a few
// calls in half of it.
const shortLived = 5 * time.Second

// playShort has a token announced with a life that is shorter than the margins of many clients.
func (s *stage) playShort(ctx context.Context, c *scene) error {
	kind, _ := s.dialect.Token(client.Access)
	short := func(a *front.Answer) {
		changeJSON(a, func(body map[string]any) {
			var shortest any = 1
			switch kind.Lifetime.Unit {
			case specs.Seconds:
				shortest = int(shortLived / time.Second)
			case specs.RFC3339:
				shortest = s.now().Add(time.Minute).UTC().Format(time.RFC3339)
			case specs.Epoch:
				shortest = s.now().Add(time.Minute).Unix()
			}
			set(body, kind.Lifetime.Announced, shortest)
		})
	}
	old := s.held().access
	if err := s.playChanged(ctx, c, mostRefused, nil, front.Deed{Name: "short", Change: short}); err != nil || !c.reached {
		return err
	}
	// A client that renews its tokens in each call does it in these, however slowly.
	s.times(ctx, mostRefused, 2*c.Patience, func(e *lineage.Event) bool {
		return isUse(e) && e.Of(client.Access) != nil && e.Of(client.Access).Grant == old.Grant
	})
	return nil
}

// playChanged ends the access token, and does something to the answers to requests for another one, or of these to those of a sort.
func (s *stage) playChanged(ctx context.Context, c *scene, times int, sort func(*lineage.Event) bool, deed front.Deed) error {
	old := s.held().access
	if old == nil {
		return c.leftOut("the client has no access token")
	}
	which := func(e *lineage.Event) bool { return asksFor(old.Grant)(e) && (sort == nil || sort(e)) }
	if err := s.advanceOrRefuse(ctx, old, atMost(times, which, deed)); err != nil {
		return err
	}
	if s.patient(ctx, c, func(e *lineage.Event) bool { return e.Deed == deed.Name }) == nil {
		return c.leftOut("the client asked for no token within %s", c.Patience)
	}
	c.reached = true
	if !s.well(ctx, c, old, nil) {
		return c.leftOut("no call was answered well after it within %s", c.Patience)
	}
	return nil
}

// changeJSON changes an answer that is a JSON object; another stays as it is.
func changeJSON(a *front.Answer, change func(map[string]any)) {
	var body map[string]any
	if a.Header.Get("Content-Encoding") != "" || json.Unmarshal(a.Body, &body) != nil {
		return
	}
	change(body)
	if changed, err := json.Marshal(body); err == nil {
		a.Body = changed
		a.Header.Del("Content-Length")
	}
}

// set puts a value where a pointer points; nothing happens where that is not there.
func set(body map[string]any, at specs.Pointer, value any) {
	name := string(at)[strings.LastIndexByte(string(at), '/')+1:]
	if in := holder(body, at); in != nil {
		if _, there := in[name]; there {
			in[name] = value
		}
	}
}

// holder is the object that a pointer's last part is a member of; nil: it is not there.
func holder(body map[string]any, at specs.Pointer) map[string]any {
	parts := strings.Split(strings.TrimPrefix(string(at), "/"), "/")
	for _, part := range parts[:len(parts)-1] {
		body, _ = body[part].(map[string]any)
	}
	return body
}

func get(body map[string]any, at specs.Pointer) any {
	value, _ := at.Body(body)
	return value
}
