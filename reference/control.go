package reference

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"gonogo/reference/kit"
)

// A control answers a request of the operator's with a status and what is to be
// told, or with what is wrong.
type control func(*http.Request) (status int, told any, err error)

// controlAPI is what an operator can do to the server. It listens on loopback
// only, and refuses what a web page in a browser on the same machine could
// send: requests of another origin, and host names that are not loopback.
func (s *Server) controlAPI() http.Handler {
	controls := map[string]map[string]control{
		"/__control/health":        {"GET": s.health},
		"/__control/clock":         {"GET": s.readClock, "POST": reading(s.advanceClock)},
		"/__control/rotate-secret": {"POST": reading(s.rotateSecret)},
		"/__control/clients":       {"POST": reading(s.createClient)},
		"/__control/users":         {"POST": reading(s.createUser)},
		"/__control/requests":      {"GET": s.listRequests},
	}
	return http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = s.host.Clock.DateHeader(s.host.Clock.Now())
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, kit.MaxBody)
		status, result, err := choose(controls, w, r)(r)
		if err != nil {
			result = map[string]string{"error": err.Error()}
		}
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(result)
	}))
}

// choose finds the control that is asked for, or one that refuses.
func choose(controls map[string]map[string]control, w http.ResponseWriter, r *http.Request) control {
	refuse := func(status int, why string) control {
		return func(*http.Request) (int, any, error) { return status, nil, errors.New(why) }
	}
	if _, loopback := loopbackHost(r); !loopback {
		return refuse(http.StatusForbidden, "the control API answers to loopback addresses only")
	}
	methods := controls[r.URL.Path]
	if methods == nil {
		return refuse(http.StatusNotFound, "no such control; there are clock, rotate-secret, clients, users, requests and health under /__control/")
	}
	if do := methods[r.Method]; do != nil {
		return do
	}
	allow := strings.Join(slices.Sorted(maps.Keys(methods)), ", ")
	w.Header().Set("Allow", allow)
	return refuse(http.StatusMethodNotAllowed, r.URL.Path+" knows "+allow)
}

// reading is a control that is told something: a JSON object.
func reading[In any](do func(In) (int, any, error)) control {
	return func(r *http.Request) (int, any, error) {
		var in In
		if err := readControl(r, &in); err != nil {
			return http.StatusBadRequest, nil, err
		}
		return do(in)
	}
}

// readControl decodes a control's body; a member it does not know is an error,
// because a misspelt one would silently do something else.
func readControl(r *http.Request, into any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		if errors.Is(err, io.EOF) {
			return errors.New("the body is empty; a JSON object belongs there")
		}
		return fmt.Errorf("the body is not the JSON object that belongs here: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("there is something after the JSON object")
	}
	return nil
}

func (s *Server) health(*http.Request) (int, any, error) {
	tokens := 0
	for _, d := range s.services {
		tokens += d.Tokens.Tokens.Len()
	}
	return http.StatusOK, map[string]any{"status": "ok", "dialects": s.config.Dialects, "tokens": tokens}, nil
}

func (s *Server) clockState(now time.Time) any {
	return map[string]string{"now": now.UTC().Format(time.RFC3339), "offset": s.host.Clock.Offset().String()}
}

func (s *Server) readClock(*http.Request) (int, any, error) {
	return http.StatusOK, s.clockState(s.host.Clock.Now()), nil
}

type advance struct {
	Advance string `json:"advance"`
}

func (s *Server) advanceClock(in advance) (int, any, error) {
	d, err := time.ParseDuration(in.Advance)
	if err != nil {
		return http.StatusBadRequest, nil, fmt.Errorf(`advance must be a duration like "1h30m0s", not %q`, in.Advance)
	}
	now, err := s.host.Clock.Advance(d)
	if err != nil {
		return http.StatusBadRequest, nil, err
	}
	return http.StatusOK, s.clockState(now), nil
}

type rotation struct {
	ClientID string  `json:"client_id"`
	Secret   *string `json:"client_secret"`
}

// rotateSecret regenerates a client's secret, as the kitchenhub document
// promises for a compromised one. The old secret is dead in the same step.
func (s *Server) rotateSecret(in rotation) (int, any, error) {
	if in.Secret != nil && *in.Secret == "" {
		return http.StatusBadRequest, nil, errors.New("client_secret cannot be empty")
	}
	for {
		old, err := s.host.Accounts.ClientNamed(in.ClientID)
		if err != nil {
			return http.StatusNotFound, nil, err
		}
		d := s.services[old.Dialect]
		changed := *old
		changed.Secret = kit.RandomToken()
		if in.Secret != nil {
			changed.Secret = *in.Secret
		}
		shown := changed.Secret
		changed.Former = append(slices.Clone(old.Former), old.Secret)
		changed.Former = changed.Former[max(0, len(changed.Former)-10):]
		if in.Secret == nil && d.Rotating != nil {
			d.Rotating(&changed)
		}
		if !s.host.Accounts.Replace(old, changed) {
			continue
		}
		if d.Rotated != nil {
			d.Rotated(old)
		}
		s.host.Log.Printf("control: new secret for client %s", changed.ID)
		return http.StatusOK, map[string]string{"client_id": changed.ID, "client_secret": shown}, nil
	}
}

func (s *Server) createClient(c Client) (_ int, _ any, err error) {
	if c.Dialect, err = s.dialectOf(c.Dialect); err != nil {
		return http.StatusBadRequest, nil, err
	}
	c.ID = cmp.Or(c.ID, "client-"+kit.RandomToken()[:12])
	if !c.Public {
		c.Secret = cmp.Or(c.Secret, kit.RandomToken())
	}
	if c.ActsAs == 0 && s.services[c.Dialect].ClientsAct {
		c.ActsAs = s.host.Accounts.NextUser()
	}
	if err := s.host.Accounts.AddClient(c); err != nil {
		return http.StatusConflict, nil, err
	}
	return http.StatusCreated, c, nil
}

func (s *Server) createUser(u User) (_ int, _ any, err error) {
	if u.Dialect, err = s.dialectOf(u.Dialect); err != nil {
		return http.StatusBadRequest, nil, err
	}
	u.Username = cmp.Or(u.Username, "user-"+kit.RandomToken()[:12])
	u.Password = cmp.Or(u.Password, kit.RandomToken())
	u.ActsAs = cmp.Or(u.ActsAs, s.host.Accounts.NextUser())
	if err := s.host.Accounts.AddUser(u); err != nil {
		return http.StatusConflict, nil, err
	}
	return http.StatusCreated, u, nil
}

// dialectOf is the dialect that a control names, or the only one served.
func (s *Server) dialectOf(named string) (string, error) {
	served := strings.Join(s.config.Dialects, ", ")
	switch {
	case named == "" && len(s.config.Dialects) == 1:
		return s.config.Dialects[0], nil
	case named == "":
		return "", fmt.Errorf("dialect is missing; served are %s", served)
	case s.services[named] == nil:
		return "", fmt.Errorf("dialect %q is not served; served are %s", named, served)
	}
	return named, nil
}

func (s *Server) listRequests(r *http.Request) (int, any, error) {
	var after uint64
	if since := r.URL.Query().Get("since"); since != "" {
		var err error
		if after, err = strconv.ParseUint(since, 10, 64); err != nil {
			return http.StatusBadRequest, nil, fmt.Errorf("since must be a sequence number, not %q", since)
		}
	}
	list, last := s.journal.since(after)
	return http.StatusOK, map[string]any{"requests": list, "last": last}, nil
}
