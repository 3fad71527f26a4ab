// Package reftest starts the reference server for the tests of a client, as net/http/httptest starts a server:
//
//	api := reftest.Start(t, "kitchenhub")
//	mine := api.Client("primary")
//	client := NewClient(api.URL, mine.ID, mine.Secret)
//	…
//	api.Advance(61 * time.Minute) // its access token has ended
//
// What such a client ought to do all the while, package watch judges.
package reftest

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"gonogo/reference"
)

// Server is a reference server of one dialect, with accounts and a clock of its own. It ends with its test.
type Server struct {
	URL   string // where the API is
	Pages string // where the pages for its users are; the same, where the document has no host of their own

	t      testing.TB
	server *reference.Server
}

// Start starts a server for the time of a test, on a free port of this machine. Quirks are ids of defects and liberties, in which it then
// differs from its document. The test fails at once where the dialect or a quirk is none.
func Start(t testing.TB, dialect string, quirks ...string) *Server {
	t.Helper()
	config := reference.Config{Dialects: []string{dialect}, WWW: "127.0.0.1:0"}
	for _, id := range quirks {
		if slices.ContainsFunc(reference.Liberties(), func(q reference.Quirk) bool { return q.ID == id }) {
			config.Liberties = append(config.Liberties, id)
		} else {
			config.Defects = append(config.Defects, id)
		}
	}
	server, err := reference.Start(t.Context(), config)
	if err != nil {
		t.Fatalf("reftest: %v", err)
	}
	t.Cleanup(server.Kill)
	return &Server{URL: server.URL(), Pages: server.WWWURL(), t: t, server: server}
}

// Client is the account of a client, by its role in the document: "primary", "second" and so on.
func (s *Server) Client(role string) reference.Client {
	s.t.Helper()
	return named(s.t, "client", role, s.server.Accounts().Clients, func(c reference.Client) string { return c.Role })
}

// User is the account of a user, or of a client that signs in with a name and a password.
func (s *Server) User(role string) reference.User {
	s.t.Helper()
	return named(s.t, "user", role, s.server.Accounts().Users, func(u reference.User) string { return u.Role })
}

// named is the account of a role; a role that is none fails the test.
func named[A any](t testing.TB, what, role string, all []A, roleOf func(A) string) (account A) {
	t.Helper()
	var roles []string
	for _, account := range all {
		if roleOf(account) == role {
			return account
		}
		roles = append(roles, roleOf(account))
	}
	t.Fatalf("reftest: there is no %s %q; there is %s", what, role, strings.Join(roles, ", "))
	return account
}

// Advance moves the server's clock, as if that time had passed: tokens come to their ends.
func (s *Server) Advance(by time.Duration) {
	s.t.Helper()
	answer, err := http.Post(s.server.ControlURL()+"/__control/clock", "application/json", strings.NewReader(fmt.Sprintf(`{"advance":%q}`, by)))
	if err != nil {
		s.t.Fatalf("reftest: the clock does not move: %v", err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		why, _ := io.ReadAll(answer.Body)
		s.t.Fatalf("reftest: the clock does not move by %s: %s", by, strings.TrimSpace(string(why)))
	}
}
