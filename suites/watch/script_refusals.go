package watch

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/front"
	"gonogo/internal/lineage"
	"gonogo/specs"
)

// mostRefused is how many calls are refused, whatever their token: enough to see a loop.
const mostRefused = 10

func (s *stage) playInvalid(ctx context.Context, c *scene) error {
	old := s.held().access
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
	used := func(e *lineage.Event) bool {
		return isUse(e) && e.Of(client.Access) != nil && e.Of(client.Access).Grant == old.Grant
	}
	s.meddle(s.refusing("unexpected", mostRefused, used, http.StatusUnauthorized))
	told := s.patient(ctx, c, func(e *lineage.Event) bool { return e.Deed == "unexpected" })
	if told == nil {
		return c.leftOut("%s", s.uncalled())
	}
	c.reached = true
	s.bout(ctx, c, told, mostRefused, used)
	s.meddle(nil)
	if s.patient(ctx, c, func(e *lineage.Event) bool { return e.Arrived.After(told.Arrived) && used(e) && e.OK() }) == nil {
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
	old := s.held().access
	if old == nil {
		return c.leftOut("the client has no access token")
	}
	answer := refusal(status)
	answer.Header.Set("Retry-After", fmt.Sprint(int(pause/time.Second)))
	if err := s.advanceOrRefuse(ctx, old, atMost(times, asksFor(old.Grant), front.Deed{Name: name, Instead: answer})); err != nil {
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
		return c.leftOut("%s", s.uncalled())
	}
	c.reached = true
	s.resumed(ctx, c, e)
	return nil
}
