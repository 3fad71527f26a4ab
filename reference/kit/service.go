package kit

import (
	"net/http"
	"time"
)

// MaxTokens is about 1 GB of tokens: several minutes of a saturating load.
const MaxTokens = 8 << 20

// Service is the server of one dialect. Its handlers are the dialect's
// document. What quirks may change of it stands here and in the struct that
// embeds it: values, steps that can be replaced, and changes of answers. All of
// it is fixed before the first request, so that a server without quirks has
// nothing to ask.
type Service struct {
	*Host
	Dialect string

	// Policy and the minters are what Tokens is made with, after all deeds.
	Policy
	Mint       func() string // codes and refresh tokens, and access tokens …
	MintAccess func() string // … unless they have a format of their own
	Tokens     *Issuer

	// Media says what is wrong with the media type of a body, Read what a body
	// has in it.
	Media func(*Call) *BodyFault
	Read  func(c *Call, body []byte) (Fields, *BodyFault)

	// Handle is what the store knows a token of a kind by; nil is by itself.
	Handle func(k Kind, token string) (handle string, is bool)

	// Respell is the path that another spelling stands for; nil: each stands for itself.
	Respell func(path string) string

	// Trim is how a credential or token of a request is read.
	Trim func(string) string
	// Coerce says which members that are no strings are taken as they are written.
	Coerce func(Field) bool
	// CodeLeeway is how long a code is accepted after its end.
	CodeLeeway time.Duration
	// Shape is how the dialect's document wants an error to look; nil where it
	// is silent.
	Shape func(status int, said string) Answer
	// ClientsAct: a client's own tokens act for a user.
	ClientsAct bool
	// Rotating may change what a regenerated secret does, Rotated what
	// becomes of the client's tokens; nil is the usual.
	Rotating func(changed *KnownClient)
	Rotated  func(old *KnownClient)
	// Settings are what a client must be told, because the document leaves it open.
	Settings map[string]string
	// Sweeps forget what has expired.
	Sweeps []func(now time.Time)

	before  []func(*Call) (Answer, bool)
	changes [][]Change // by occasion
	every   []Change
	sending []Change
	headers []func(http.Header, Answer)
	send    func(w http.ResponseWriter, status int, body []byte)
}

// NewService makes the plain server of a dialect.
func NewService(h *Host, dialect string) *Service {
	return &Service{Host: h, Dialect: dialect, Mint: RandomToken, Trim: func(s string) string { return s }, Media: jsonOrNone, Settings: map[string]string{},
		Read: func(_ *Call, body []byte) (Fields, *BodyFault) { return ReadObject(body) }}
}

// Base is the service itself, for deeds that any dialect can have.
func (s *Service) Base() *Service { return s }

// Occasion says why an answer is what it is: a deed is bound to one. Each
// dialect names its own, after those that all share.
type Occasion uint8

const (
	Any          Occasion = iota // no particular one
	Unauthorized                 // a request for a resource has no live access token
	Own                          // the first of a dialect's own
)

// Change makes another answer of one that a handler gave.
type Change func(*Call, Answer) Answer

// When is a condition of a change.
type When func(*Call) bool

// On has answers of an occasion changed when all conditions hold.
func (s *Service) On(o Occasion, change Change, when ...When) {
	for len(s.changes) <= int(o) {
		s.changes = append(s.changes, nil)
	}
	s.changes[o] = append(s.changes[o], conditional(change, when))
}

// OnEvery has every answer changed, whoever decided on it.
func (s *Service) OnEvery(change Change, when ...When) {
	s.every = append(s.every, conditional(change, when))
}

// OnSending changes how answers travel, not what they say.
func (s *Service) OnSending(change Change) { s.sending = append(s.sending, change) }

// OnHeader changes the header of answers.
func (s *Service) OnHeader(change func(http.Header, Answer)) { s.headers = append(s.headers, change) }

// Before may answer in a handler's place, before the request has had any effect.
func (s *Service) Before(instead func(*Call) (Answer, bool)) { s.before = append(s.before, instead) }

func conditional(change Change, when []When) Change {
	if len(when) == 0 {
		return change
	}
	due := Both(when...)
	return func(c *Call, a Answer) Answer {
		if due(c) {
			a = change(c, a)
		}
		return a
	}
}

// settle applies the changes that are due on an answer.
func (s *Service) settle(c *Call, a Answer) Answer {
	if int(a.Why) < len(s.changes) {
		for _, change := range s.changes[a.Why] {
			a = change(c, a)
		}
	}
	for _, change := range s.every {
		a = change(c, a)
	}
	return a
}

func (s *Service) interlude(c *Call, at *Route) (Answer, bool) {
	if s.before == nil || at == nil || at.Page {
		return Answer{}, false
	}
	for _, instead := range s.before {
		if a, is := instead(c); is {
			return s.settle(c, a), true
		}
	}
	return Answer{}, false
}

// StandIn has a service answer for paths that are nobody's in the manner of
// the one dialect that is served.
func (s *Service) StandIn(only *Service) { s.Shape, s.every = only.Shape, only.every }

// open makes what the deeds have had their say on.
func (s *Service) open() {
	if s.MintAccess == nil {
		s.MintAccess = s.Mint
	}
	s.Tokens = NewIssuer(s.MintAccess, s.Mint, s.Policy)
	s.Sweeps = append(s.Sweeps, s.Tokens.Sweep)
}

// Sweep forgets everything that has expired.
func (s *Service) Sweep(now time.Time) {
	for _, sweep := range s.Sweeps {
		sweep(now)
	}
}

// Refuse is a refusal that no handler of the dialect decided on.
func (s *Service) Refuse(status int, code, description string) Answer {
	if s.Shape != nil {
		return s.Shape(status, description)
	}
	return Refused(status, code, description)
}

// Unauthorized refuses a request for what its token is or is not, with the
// challenge of RFC 6750 3: no error code where no token was sent.
func (s *Service) Unauthorized(c *Call) Answer {
	if c.How == CarriesNone || c.How == CarriesOther {
		return s.Challenge(s.Refuse(http.StatusUnauthorized, "unauthorized", "This needs an access token: Authorization: Bearer <token>."), "").As(Unauthorized)
	}
	return s.Challenge(s.Refuse(http.StatusUnauthorized, "invalid_token", "The access token is invalid, expired or revoked."), "invalid_token").As(Unauthorized)
}

// Challenge adds the challenge of RFC 6750 3, with its error code if there is one.
func (s *Service) Challenge(a Answer, code string) Answer {
	a.Challenge = `Bearer realm="` + s.Dialect + `"`
	if code != "" {
		a.Challenge += `, error="` + code + `"`
	}
	return a
}

// Issue starts a session of an account, which the call then knows. A full
// store ends the call.
func (s *Service) Issue(c *Call, a Account) { s.IssueIn(c, a, s.Tokens.NewFamily()) }

// IssueIn is Issue in a family that is there already.
func (s *Service) IssueIn(c *Call, a Account, family uint64) {
	var err error
	if c.Pair, err = s.Tokens.Issue(a, family, c.Now); err != nil {
		panic(err)
	}
}

// Rotate replaces a redeemed refresh token by a pair, which the call then
// knows. A full store ends the call.
func (s *Service) Rotate(c *Call, old Entry[Grant]) {
	var err error
	c.Grant = old.Value
	if c.Pair, err = s.Tokens.Rotate(old, c.Now); err != nil {
		panic(err)
	}
}

// ReadFields reads the body of a call, once.
func (s *Service) ReadFields(c *Call) *BodyFault {
	if c.Fields != nil || c.Fault != nil {
		return c.Fault
	}
	if c.Fault = s.Media(c); c.Fault != nil {
		return c.Fault
	}
	body, fault := c.ReadBody()
	if c.Fault = fault; fault == nil {
		c.Fields, c.Fault = s.Read(c, body)
	}
	return c.Fault
}

// jsonOrNone: a body is JSON by its media type, or has none.
func jsonOrNone(c *Call) *BodyFault {
	if media := c.Header.Get("Content-Type"); media != "" && !IsJSON(media) {
		return BodyMedia
	}
	return nil
}

// TextMember is a member that must be there, must be a string and must not be
// empty, or the refusal of a body where it is not.
func (s *Service) TextMember(c *Call, name string) (string, *Answer) {
	f, found := c.Fields.Get(name)
	why := ""
	switch {
	case !found:
		why = "is missing"
	case f.IsText():
		if text := s.Trim(f.Text()); text != "" {
			return text, nil
		}
		why = "is empty"
	case s.Coerce != nil && s.Coerce(f):
		return string(f.Raw), nil
	default:
		why = "must be a string"
	}
	c.Member = name
	return "", new(Refused(http.StatusBadRequest, "invalid_request", "The member "+name+" "+why+"."))
}

// Knows: the server has issued the token, and has not forgotten it.
func (s *Service) Knows(token string) bool {
	_, known := s.Tokens.Tokens.Get(KeyOf(token))
	return known
}

// lives finds what a token stands for, if it is alive as one of the kind.
func (s *Service) lives(k Kind, token string, now time.Time) (Grant, bool) {
	if s.Handle != nil {
		handle, is := s.Handle(k, token)
		if !is {
			return Grant{}, false
		}
		token = handle
	}
	e, live := s.Tokens.Find(k, token, now)
	return e.Value, live
}
