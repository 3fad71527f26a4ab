package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"gonogo/internal/exchange"
	"gonogo/internal/operation"
	"gonogo/specs"
)

// Habits are what a target does where its document leaves it open, and how its clock stands. All of it is legal; whoever
// sends must know it.
type Habits struct {
	RepeatsAccess  bool // a second issue hands out the same access token, while it lives
	RepeatsRefresh bool // or the same refresh token
	OneSession     bool // a second session of an account ends the first
	FewSessions    bool // some more do
	SessionsUntold bool // whether they do was not tried, for that takes many logins
	LateRefresh    bool // a refresh token is refused while the access token of its grant lives
	EarlyRefresh   bool // one was seen to be taken while that lives, where it might be refused
	OneCode        bool // a new code of a user ends the older one that nobody has used
	OneConsent     bool // the tokens of a new code end those of the one before
	Remembers      bool // a user who has approved a client is not asked again
	BodyClient     bool // a client's credentials are taken in the form, and not in the header that the document has for them

	PlainAt   []string      // the paths that take a client's id and secret in a Basic header as they are, and not form-encoded as the document has it
	NoAccount string        // why no account could be registered; empty: nothing kept one from it
	Skew      time.Duration // of the target's Date against our time, before anybody moved its clock
	Dated     bool          // there is such a skew
	Lacks     []string      // what is not to be had of this target, or not by this client, as sentences
}

// Repeats reports that a second issue hands out a live token again.
func (h Habits) Repeats() bool { return h.RepeatsAccess || h.RepeatsRefresh }

// TakeTurns reports that two sessions of an account cannot be had side by side.
func (h Habits) TakeTurns() bool {
	return h.OneSession || h.FewSessions || h.SessionsUntold || h.Repeats()
}

// TakesPlain reports a path that takes a client's id and secret in a Basic header as they are.
func (h Habits) TakesPlain(path string) bool { return slices.Contains(h.PlainAt, path) }

// Notes say what is worth telling of the habits, in sentences. They are told once and judge nothing.
func (h Habits) Notes() []string {
	var notes []string
	if h.Skew.Abs() > 2*time.Second {
		notes = append(notes, fmt.Sprintf("the target's clock is off by %s", h.Skew))
	}
	notes = append(notes, h.Lacks...)
	if len(h.PlainAt) > 0 {
		notes = append(notes, "the target takes a client's id and secret in the Basic header as they are, and not form-encoded, at "+strings.Join(h.PlainAt, " and ")+"; all cases but the one that looks at it send them so")
	}
	if h.BodyClient {
		notes = append(notes, "the target takes a client's credentials in the form and not in the Basic header; all cases send them there")
	}
	switch {
	case h.Repeats():
		notes = append(notes, "the target hands out a live token again; cases of one account take turns")
	case h.OneSession:
		notes = append(notes, "a second session of an account ends the first; cases of one account take turns")
	case h.SessionsUntold:
		notes = append(notes, "how many sessions an account may have was not tried, for that takes many logins; its cases take turns")
	case h.FewSessions:
		notes = append(notes, "an account has only a few sessions at this target; its cases take turns")
	}
	switch {
	case h.OneCode:
		notes = append(notes, "a new code of a user ends the older one; cases that take a code take turns")
	case h.OneConsent:
		notes = append(notes, "the tokens of a new code end those of the code before; cases that take a code take turns")
	}
	if h.Remembers {
		notes = append(notes, "the target asks no user again: it remembers an approval, or takes it for granted")
	}
	if h.LateRefresh {
		notes = append(notes, "the target refuses a refresh while the access token lives; cases that refresh wait for its end")
	}
	return notes
}

// Habits are what has been found out so far.
func (m *Memory) Habits() Habits {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.habits
}

func (m *Memory) learn(what func(*Habits)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	what(&m.habits)
}

// Lives asks an operation whether an access token works; nil asks nobody, and then it is not known to.
func (c *Client) Lives(ctx context.Context, op *operation.Op, access string) (bool, error) {
	if op == nil {
		return false, nil
	}
	reply, err := c.Use(ctx, op, access, "to see whether the token is live")
	return err == nil && reply.Affirms(), err
}

// TryCompanions tries the operations of which the document only speaks with a live token, before anybody relies on them:
// they may be elsewhere at a target, or want another body. What refuses the token itself is for others to judge, and so is
// a request that gets no answer.
func (c *Client) TryCompanions(ctx context.Context, access string) error {
	for _, op := range c.Ops.ByRole(specs.RoleUse) {
		if !op.Companion {
			continue
		}
		reply, err := c.Use(ctx, op, access, "to see whether the target has it")
		if _, silent := errors.AsType[*exchange.NoAnswer](err); silent {
			continue
		}
		if err != nil {
			return err
		}
		if reply.Refused() && reply.Status != http.StatusUnauthorized && reply.Status != http.StatusForbidden {
			c.lacks(op, fmt.Sprintf("%s is not documented, and this target answers %d to a live token there; settings.use of the target file can name other protected operations", op.Name(), reply.Status))
		}
	}
	return nil
}

// TryInquiries asks about a live token wherever only an issuer's metadata say that one can: who may ask they do not say, and who may
// not is refused, or told that the token is not active (RFC 7662 section 2.2). An endpoint that somebody named for this client is
// left to those who judge.
func (c *Client) TryInquiries(ctx context.Context, access string) error {
	if !c.Target.Discovered {
		return nil
	}
	for _, op := range c.Ops.ByRole(specs.RoleValidate) {
		reply, err := c.Use(ctx, op, access, "to see whether this client may ask about its own token")
		if _, silent := errors.AsType[*exchange.NoAnswer](err); silent {
			continue
		}
		if err != nil {
			return err
		}
		got, refused := reply.Got(), reply.Status == http.StatusUnauthorized || reply.Status == http.StatusForbidden
		if op.Says != nil && reply.Succeeded() {
			valid, _ := reply.Value(op.Says.Valid)
			got, refused = got+fmt.Sprintf(", %s false", op.Says.Valid), valid == false
		}
		if refused {
			c.lacks(op, fmt.Sprintf("this client is told nothing of its own live token (%s was answered %s): it may be one that must not ask; name %s under endpoints in a target file to have that judged", op.Name(), got, cmp.Or(op.Doc.OperationID, op.ID)))
		}
	}
	return nil
}

// SecondIssue finds out what a second issue does to the first one's tokens: both to hand out a live token again and to
// end the first session are legal. It returns what the second handed out; nil if the first was not seen to work, and so
// nothing can be found out.
func (c *Client) SecondIssue(ctx context.Context, first *Grant) (*Grant, error) {
	use := c.First(specs.RoleUse)
	if use != nil && !c.Has(use) {
		return nil, nil
	}
	if before, err := c.Lives(ctx, use, first.Value(Access)); err != nil || !before {
		return nil, err
	}
	reply, err := c.Call(ctx, c.First(specs.RoleIssue), operation.Args{Role: first.Role}, "a second time, to see what becomes of the first tokens")
	if err != nil {
		return nil, err
	}
	second := c.Collect(first.Role, reply)
	if access, refresh := Same(first, second); access || refresh {
		c.learn(func(h *Habits) { h.RepeatsAccess, h.RepeatsRefresh = access, refresh })
		return second, nil
	}
	after, err := c.Lives(ctx, use, first.Value(Access))
	if err != nil {
		return second, err
	}
	if !after {
		c.learn(func(h *Habits) { h.OneSession = true })
		return second, nil
	}
	return c.moreIssues(ctx, use, first, second)
}

// manySessions is how many sessions of an account a target has to bear for its cases to go side by side.
const manySessions = 32

// moreIssues finds out whether an account has only a few sessions, and returns what the last issue handed out.
func (c *Client) moreIssues(ctx context.Context, use *operation.Op, first, last *Grant) (*Grant, error) {
	if use == nil {
		return last, nil
	}
	if c.Target.Limits.Gentle {
		c.learn(func(h *Habits) { h.SessionsUntold = true })
		return last, nil
	}
	for range manySessions - 2 {
		reply, err := c.Call(ctx, c.First(specs.RoleIssue), operation.Args{Role: first.Role}, "once more, to see how many sessions an account has")
		if err != nil {
			return last, err
		}
		if !reply.Succeeded() {
			return last, nil // for the cases to judge
		}
		last = c.Collect(first.Role, reply)
	}
	after, err := c.Lives(ctx, use, first.Value(Access))
	if err == nil && !after {
		c.learn(func(h *Habits) { h.FewSessions = true })
	}
	return last, err
}

// Same says which tokens two grants have in common.
func Same(first, second *Grant) (access, refresh bool) {
	return second.Value(Access) == first.Value(Access), second.Value(Refresh) != "" && second.Value(Refresh) == first.Value(Refresh)
}

// EarlyRefresh finds out whether the target refuses a refresh while the access token lives, where that is legal. It
// spends the grant's refresh token.
func (c *Client) EarlyRefresh(ctx context.Context, grant *Grant) error {
	kind, ok := c.Dialect.Token(Refresh)
	if !ok || !kind.EarlyRefusable || grant.Value(Refresh) == "" || c.First(specs.RoleRefresh) == nil {
		return nil
	}
	reply, err := c.Refresh(ctx, grant.Role, grant.Value(Refresh), "with a live refresh token")
	switch {
	case err != nil:
		return err
	case reply.Succeeded():
		c.learn(func(h *Habits) { h.EarlyRefresh = true })
		c.Collect(grant.Role, reply)
	case reply.Refused():
		c.learn(func(h *Habits) { h.LateRefresh = true })
	}
	return nil
}

// SecondConsent finds out what became of a code, and of its tokens, when a user consented a second time. exchange trades a
// code for tokens.
func (c *Client) SecondConsent(ctx context.Context, first, second string, exchange func(code string) (*Reply, error)) error {
	older, err := exchange(first)
	if err != nil {
		return err
	}
	newer, err := exchange(second)
	if err != nil || !newer.Succeeded() {
		return err
	}
	if older.Refused() {
		c.learn(func(h *Habits) { h.OneCode = true })
		return nil
	}
	use := c.First(specs.RoleUse)
	if use == nil || !older.Succeeded() {
		return nil
	}
	for i, access := range []string{newer.Tokens[Access], older.Tokens[Access]} {
		lives, err := c.Lives(ctx, use, access)
		switch {
		case err != nil || !lives && i == 0: // for the cases to judge
			return err
		case !lives:
			c.learn(func(h *Habits) { h.OneConsent = true })
		}
	}
	return nil
}

// InBody remembers that a client's credentials are taken in the form alone.
func (c *Client) InBody() { c.learn(func(h *Habits) { h.BodyClient = true }) }

// AsTheyAre remembers that a path takes a client's id and secret without form-encoding.
func (c *Client) AsTheyAre(path string) {
	c.learn(func(h *Habits) { h.PlainAt = append(slices.Clone(h.PlainAt), path) })
}

// AsksOnce remembers that a user who has approved is not asked again.
func (c *Client) AsksOnce() { c.learn(func(h *Habits) { h.Remembers = true }) }

// Skewed remembers how far the target's clock stands from ours. It is told, not judged.
func (c *Client) Skewed(reply *Reply) {
	if date, ok := reply.Date(); ok {
		c.learn(func(h *Habits) { h.Skew, h.Dated = date.Sub(reply.Received).Round(time.Second), true })
	}
}

// aheadOfUs is by how much a target's Date may run ahead of what this run has moved its clock to. Date counts whole
// seconds, an answer may wait for a while, and the clocks of two machines drift apart.
const aheadOfUs = 5 * time.Second

// MovedByOthers is an *Unable when the target's clock stands further ahead than this run has moved it: another run has
// the same clock control, and a token that died early would be blamed on the target.
func (c *Client) MovedByOthers(reply *Reply) error {
	date, ok := reply.Date()
	if !ok {
		return nil
	}
	return c.MovedAt(date, reply.Received)
}

// MovedAt is MovedByOthers of an answer with this Date.
func (c *Client) MovedAt(date, received time.Time) error {
	habits := c.Habits()
	if !habits.Dated {
		return nil
	}
	if ahead := date.Sub(c.TargetTime(received).Add(habits.Skew)); ahead > aheadOfUs {
		return broken("the target's clock is %s ahead of where this run has moved it; does another run use the same clock control?", ahead.Round(time.Second))
	}
	return nil
}

// dateStands reports whether an answer's Date is where it would be if this run had not moved the target's clock. Steps
// that are no longer than Dates may be off by show nothing.
func (m *Memory) dateStands(answer *operation.Answer) bool {
	habits := m.Habits()
	date, ok := answer.Date()
	if !ok || !habits.Dated || answer.Ahead <= 2*aheadOfUs {
		return false
	}
	still := answer.Received.Add(habits.Skew)
	return date.Sub(still).Abs() < date.Sub(still.Add(answer.Ahead)).Abs()
}

// DateShows is how far a target's clock is to be moved before its Date shows whether it follows.
const DateShows = 2*aheadOfUs + time.Second

// DateFollows reports that an answer's Date has moved with the target's clock in this run: so it tells what it was moved before, too.
func (m *Memory) DateFollows(answer *operation.Answer) bool {
	_, ok := answer.Date()
	return ok && m.Habits().Dated && answer.Ahead >= DateShows && !m.dateStands(answer)
}
