package watch

import (
	"context"
	"fmt"

	"gonogo/internal/client"
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
	{id: "short-life", title: "an access token is announced with a very short life", lacks: announces, play: (*stage).playShort},
	{id: "refused-address", title: "the API answers 403", play: (*stage).playForbidden},
	{id: "restart", title: "the client is started again", lacks: commanded, play: (*stage).playRestart, restarts: true},
	{id: "consent", title: "a user is asked for consent, and the code refused once", lacks: asks, play: (*stage).playConsent},
	{id: "forged-state", title: "the user comes back with another state", lacks: asks, play: (*stage).playForged},
	{id: "session-ends", title: "the client's user ends the session", lacks: revokes, play: (*stage).playSessionEnds},
	// The last one: the secret before it is restored when the client has ended, and who goes on with either is not harmed.
	{id: "new-secret", title: "the operator has made a new secret", lacks: rotates, play: (*stage).playNewSecret, announces: true},
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
	case s.user != nil:
		return ""
	case c.Hook == "" && !s.follows():
		return "the client follows no situation, and there is no --hook and no --page"
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

func rotates(s *stage, c Config) string {
	switch {
	case c.Target.Operator.RotateSecret == nil:
		return "the target file has no operator.rotate_secret"
	case c.Hook == "" && !s.follows():
		return "nobody can hand a new secret to the client: it follows no situation, and there is no --hook"
	}
	return ""
}

func commanded(_ *stage, c Config) string {
	if c.Command == "" {
		return "the client runs by itself; with --run the watch starts it again"
	}
	return ""
}
