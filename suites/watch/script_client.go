package watch

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"gonogo/internal/client"
	"gonogo/internal/front"
	"gonogo/internal/lineage"
	"gonogo/internal/operation"
	"gonogo/specs"
)

// playNewSecret has the operator make a new secret, hands it to the client, and ends all its tokens, so that it has to sign in with it.
func (s *stage) playNewSecret(ctx context.Context, c *scene) error {
	field := ""
	for _, declared := range s.dialect.Flows {
		if declared.Params["secret"] != "" {
			field = declared.Params["secret"]
		}
	}
	if field == "" {
		return c.leftOut("the document has no secret that is regenerated")
	}
	operator := s.client(c.Target)
	if err := operator.RotateSecret(ctx, operation.Primary, field); err != nil {
		return err
	}
	c.watched.restore = func() { operator.RestoreSecret(context.WithoutCancel(ctx), operation.Primary) }
	credentials := map[string]any{}
	for name, value := range c.Target.Credentials[operation.Primary].Fields {
		credentials[name] = value
	}
	fresh, _ := operator.Credential(operation.Primary, field)
	credentials[field] = fresh
	s.mu.Lock()
	s.secrets = append(s.secrets, newSecret(field, fresh))
	s.mu.Unlock()
	c.watched.announce(ctx, "new-secret", "the operator has made a new secret", map[string]any{"credentials": credentials})
	s.settle(ctx, c)
	old := s.held().access
	if t := s.held().refresh; t != nil && s.clock && !t.Ends.IsZero() {
		if err := s.advance(ctx, t.Ends.Add(client.Leeway)); err != nil {
			return err
		}
	} else if old != nil && s.clock && !old.Ends.IsZero() {
		if err := s.advance(ctx, old.Ends.Add(client.Leeway)); err != nil {
			return err
		}
	} else {
		return c.leftOut("the tokens of the client outlive the situation: nobody moves the API's clock")
	}
	signedIn := func(e *lineage.Event) bool { return e.Seen.Fields[field] == fresh }
	if s.await(ctx, c.Patience, signedIn) == nil {
		c.reached = s.await(ctx, 0, tokenCall) != nil
		return c.leftOut("the client was told of the new secret, and did not sign in with it within %s", c.Patience)
	}
	c.reached = true
	if !s.well(ctx, c, old, nil) && s.await(ctx, 0, func(e *lineage.Event) bool { return signedIn(e) && e.OK() }) == nil {
		return c.leftOut("no request with the new secret was answered well within %s", c.Patience)
	}
	return nil
}

// playRestart ends the command and starts it again.
func (s *stage) playRestart(ctx context.Context, c *scene) error {
	if old := s.held().access; old != nil && old.Generation == 0 { // what was stored is to be no older than the last refresh
		if err := s.end(ctx, c, old, false); err != nil {
			return err
		}
		s.well(ctx, c, old, nil)
		s.meddle(nil)
	}
	next, end, err := c.watched.process.Restart()
	if err != nil {
		return err
	}
	c.watched.process = next
	if !end.Good() {
		return c.leftOut("the command ended with exit code %d when it was told to", end.Code)
	}
	since := end.At
	s.mu.Lock()
	s.again = since
	s.mu.Unlock()
	if old := s.held().access; old != nil {
		if err := s.end(ctx, c, old, false); err != nil {
			return err
		}
	}
	called := func(e *lineage.Event) bool { return e.Arrived.After(since) && isUse(e) && e.OK() }
	if s.user != nil && s.await(ctx, shortly, called) == nil { // it may have kept nothing
		if err := s.arrives(ctx, c, false); err != nil {
			return err
		}
	}
	c.reached = s.await(ctx, c.Patience, called) != nil
	if !c.reached {
		return c.leftOut("the client made no call that was answered well within %s of its start", c.Patience)
	}
	return nil
}

// playSessionEnds waits until a client that was told so has ended its session.
func (s *stage) playSessionEnds(ctx context.Context, c *scene) error {
	ended := s.patient(ctx, c, func(e *lineage.Event) bool {
		return e.Role() == specs.RoleRevoke || e.Role() == specs.RoleIssue && e.OK()
	})
	if ended == nil {
		return c.leftOut("the client ended no session within %s", c.Patience)
	}
	c.reached = true
	return nil
}

// playConsent waits for a user's consent, and refuses the first code that comes of it.
func (s *stage) playConsent(ctx context.Context, c *scene) error {
	exchange := func(e *lineage.Event) bool { return e.Role() == specs.RoleExchange }
	s.meddle(s.refusing("refused", 1, exchange, http.StatusBadRequest))
	if err := s.arrives(ctx, c, false); err != nil {
		return err
	}
	told := s.patient(ctx, c, func(e *lineage.Event) bool { return e.Deed == "refused" })
	if told == nil {
		return c.leftOut("the client exchanged no code within %s", c.Patience)
	}
	c.reached = true
	again := func(e *lineage.Event) bool { return exchange(e) && e.Before(told) }
	if s.user != nil && s.await(ctx, 0, again) == nil {
		if err := s.arrives(ctx, c, false); err != nil {
			return err
		}
	}
	s.patient(ctx, c, again)
	return nil
}

// playForged has a user come back with another state than the client sent, and once more with another issuer than the API named. A user of
// whose coming the watch knows comes once more as if nothing had been.
func (s *stage) playForged(ctx context.Context, c *scene) error {
	told, err := s.forged(ctx, c, "forged", "state")
	if err != nil {
		return err
	}
	c.reached = told != nil || s.wasForged()
	if declared, is := s.declares("issuer"); is && told != nil {
		if _, err := s.forged(ctx, c, "other-issuer", declared.Params["parameter"]); err != nil {
			return err
		}
	}
	s.meddle(nil)
	if err := s.arrives(ctx, c, false); err != nil {
		return err
	}
	if !c.reached {
		return c.leftOut("no user came back within %s", c.Patience)
	}
	s.settle(ctx, c)
	return nil
}

// forged waits for a redirect that was given another value of a parameter; nil: none came.
func (s *stage) forged(ctx context.Context, c *scene, deed, parameter string) (*lineage.Event, error) {
	var done atomic.Bool
	s.meddle(func(e *lineage.Event) front.Deed {
		if done.Load() || e.Role() != "" && e.Role() != specs.RoleAuthorize {
			return front.Deed{}
		}
		return front.Deed{Name: deed, Change: func(a *front.Answer) {
			if forge(a, parameter) {
				done.Store(true)
			}
		}}
	})
	came := func(e *lineage.Event) bool { return isForged(e, deed, parameter) && len(e.Gave) > 0 }
	if s.user != nil {
		err := s.arrives(ctx, c, true)
		return s.await(ctx, 0, came), err
	}
	return s.patient(ctx, c, came), nil
}

// madeUpValue begins the values that a watch makes up.
const madeUpValue = "forged-"

// isForged reports whether a redirect got a value that was made up, by a deed. One without the parameter is as the API gave it.
func isForged(e *lineage.Event, deed, parameter string) bool {
	if e.Deed != deed || e.Exchange.Answer == nil {
		return false
	}
	at, err := url.Parse(e.Exchange.Answer.Header.Get("Location"))
	return err == nil && strings.HasPrefix(at.Query().Get(parameter), madeUpValue)
}

// forge puts another value of a parameter into a redirect that has one and a code, and reports whether it did.
func forge(a *front.Answer, parameter string) bool {
	at, err := url.Parse(a.Header.Get("Location"))
	if err != nil || a.Status/100 != 3 {
		return false
	}
	query := at.Query()
	if query.Get(parameter) == "" || query.Get("code") == "" {
		return false
	}
	query.Set(parameter, madeUpValue+operation.Unique())
	at.RawQuery = query.Encode()
	a.Header.Set("Location", at.String())
	return true
}
