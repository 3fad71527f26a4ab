package reference

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"gonogo/reference/kit"
)

// controlAPI is what an operator can do to the server. It listens on loopback
// only, and refuses what a web page in a browser on the same machine could
// send: requests of another origin, and host names that are not loopback.
func (s *Server) controlAPI() http.Handler {
	actions := map[string]map[string]func(*http.Request) (int, any, error){
		"/__control/health":        {"GET": s.health},
		"/__control/clock":         {"GET": s.readClock, "POST": s.advanceClock},
		"/__control/rotate-secret": {"POST": s.rotateSecret},
		"/__control/clients":       {"POST": s.createClient},
		"/__control/users":         {"POST": s.createUser},
		"/__control/requests":      {"GET": s.listRequests},
	}
	return http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = s.host.Clock.DateHeader(s.host.Clock.Now())
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		status, result, err := s.act(actions, w, r)
		if err != nil {
			result = map[string]string{"error": err.Error()}
		}
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(result)
	}))
}

func (s *Server) act(actions map[string]map[string]func(*http.Request) (int, any, error), w http.ResponseWriter, r *http.Request) (int, any, error) {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = strings.Trim(r.Host, "[]")
	}
	if !strings.EqualFold(host, "localhost") && !net.ParseIP(host).IsLoopback() {
		return http.StatusForbidden, nil, errors.New("the control API answers to loopback addresses only")
	}
	methods, ok := actions[r.URL.Path]
	if !ok {
		return http.StatusNotFound, nil, errors.New("no such control; there are clock, rotate-secret, clients, users, requests and health under /__control/")
	}
	do, ok := methods[r.Method]
	if !ok {
		var allow []string
		for m := range methods {
			allow = append(allow, m)
		}
		slices.Sort(allow)
		w.Header().Set("Allow", strings.Join(allow, ", "))
		return http.StatusMethodNotAllowed, nil, fmt.Errorf("%s knows %s", r.URL.Path, strings.Join(allow, ", "))
	}
	r.Body = http.MaxBytesReader(w, r.Body, kit.MaxBody)
	return do(r)
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

func (s *Server) advanceClock(r *http.Request) (int, any, error) {
	var in struct {
		Advance string `json:"advance"`
	}
	if err := readControl(r, &in); err != nil {
		return http.StatusBadRequest, nil, err
	}
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

// rotateSecret regenerates a client's secret, as the kitchenhub document
// promises for a compromised one. The old secret is dead in the same step.
func (s *Server) rotateSecret(r *http.Request) (int, any, error) {
	var in struct {
		ClientID string  `json:"client_id"`
		Secret   *string `json:"client_secret"`
	}
	if err := readControl(r, &in); err != nil {
		return http.StatusBadRequest, nil, err
	}
	for {
		old, err := s.host.Accounts.ClientNamed(in.ClientID)
		if err != nil {
			return http.StatusNotFound, nil, err
		}
		d := s.services[old.Dialect]
		shown, changed := kit.RandomToken(), *old
		if in.Secret != nil {
			if shown = *in.Secret; shown == "" {
				return http.StatusBadRequest, nil, errors.New("client_secret cannot be empty")
			}
		}
		changed.Secret = shown
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

func (s *Server) createClient(r *http.Request) (int, any, error) {
	var in struct {
		Dialect     string `json:"dialect"`
		Role        string `json:"role"`
		ID          string `json:"client_id"`
		Secret      string `json:"client_secret"`
		RedirectURI string `json:"redirect_uri"`
		ActsAs      int    `json:"acts_as"`
	}
	if err := readControl(r, &in); err != nil {
		return http.StatusBadRequest, nil, err
	}
	dialect, err := s.dialectOf(in.Dialect)
	if err != nil {
		return http.StatusBadRequest, nil, err
	}
	c := Client{Dialect: dialect, Role: in.Role, ID: in.ID, Secret: in.Secret, RedirectURI: in.RedirectURI, ActsAs: in.ActsAs}
	c.ID = cmp.Or(c.ID, "client-"+kit.RandomToken()[:12])
	c.Secret = cmp.Or(c.Secret, kit.RandomToken())
	if c.ActsAs == 0 && s.services[dialect].ClientsAct {
		c.ActsAs = s.host.Accounts.NextUser()
	}
	if err := s.host.Accounts.AddClient(c); err != nil {
		return http.StatusConflict, nil, err
	}
	return http.StatusCreated, map[string]any{"dialect": c.Dialect, "role": c.Role, "client_id": c.ID,
		"client_secret": c.Secret, "redirect_uri": c.RedirectURI, "acts_as": c.ActsAs}, nil
}

func (s *Server) createUser(r *http.Request) (int, any, error) {
	var in struct {
		Dialect  string   `json:"dialect"`
		Role     string   `json:"role"`
		Username string   `json:"username"`
		Password string   `json:"password"`
		ActsAs   int      `json:"acts_as"`
		Allow    []string `json:"allow"`
	}
	if err := readControl(r, &in); err != nil {
		return http.StatusBadRequest, nil, err
	}
	dialect, err := s.dialectOf(in.Dialect)
	if err != nil {
		return http.StatusBadRequest, nil, err
	}
	u := User{Dialect: dialect, Role: in.Role, Username: in.Username, Password: in.Password, ActsAs: in.ActsAs, Allow: in.Allow}
	u.Username = cmp.Or(u.Username, "user-"+kit.RandomToken()[:12])
	u.Password = cmp.Or(u.Password, kit.RandomToken())
	if u.ActsAs == 0 {
		u.ActsAs = s.host.Accounts.NextUser()
	}
	if err := s.host.Accounts.AddUser(u); err != nil {
		return http.StatusConflict, nil, err
	}
	return http.StatusCreated, map[string]any{"dialect": u.Dialect, "role": u.Role, "username": u.Username,
		"password": u.Password, "acts_as": u.ActsAs, "allow": u.Allow}, nil
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
