package fifth

import (
	"net/http"
	"strings"
)

// shelves answers GET /shelves.
func (s *Server) shelves(q ask) answer {
	value, no := s.presented(q)
	if no != nil {
		return *no
	}
	var reply struct {
		Keeper struct {
			Number int    `json:"number"`
			Name   string `json:"name"`
		} `json:"keeper"`
		Shelves []string `json:"shelves"`
	}
	var opened bool
	s.do(func(b *book) {
		var h Human
		if h, opened = b.opener(value, q.header.Get("X-Pantry-Token") != ""); opened {
			reply.Keeper.Number, reply.Keeper.Name = h.Number, h.Name
		}
	})
	if !opened {
		return text(http.StatusForbidden, "that opens nothing")
	}
	reply.Shelves = []string{"beans", "rice", "vinegar"}
	return data(http.StatusOK, reply)
}

// presented finds the token in one of its two places.
func (s *Server) presented(q ask) (value string, no *answer) {
	fail := func(a answer) (string, *answer) { return "", &a }
	own, authorization := q.header.Get("X-Pantry-Token"), q.header.Get("Authorization")
	if s.options.has(HeaderShut) {
		own = ""
	}
	switch {
	case own != "" && authorization != "": // RFC 6750 section 2: one method per request
		return fail(text(http.StatusBadRequest, "one token is enough"))
	case own != "":
		return own, nil
	}
	scheme, value, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return fail(text(http.StatusUnauthorized, "show a token").with("WWW-Authenticate", `Bearer realm="shelves"`))
	}
	if value = strings.TrimSpace(value); value == "" || strings.ContainsAny(value, " ,") {
		return fail(text(http.StatusBadRequest, "that is no token"))
	}
	return value, nil
}

// opener finds the human whose shelves a token opens.
func (b *book) opener(value string, inHeader bool) (Human, bool) {
	p := b.papers[value]
	if long := len("pa_") + 40; p == nil && b.options.has(LongerAccess) && len(value) > long {
		p = b.papers[value[:long]]
	}
	switch {
	case p != nil && p.trades > 0 && p.family.client.ID == Second.ID && b.options.has(SecondTradesShut):
		return Human{}, false
	case p != nil && p.kind == access && (b.live(p) || inHeader && b.options.has(HeaderEternal)):
		return p.human, true
	case p != nil && p.kind == refresh && b.live(p) && b.options.has(RefreshOpens):
		return p.human, true
	case inHeader && b.options.has(HeaderOpen):
		return Keeper, true
	}
	return Human{}, false
}

// look answers POST /oauth2/look, the introspection of RFC 7662.
func (s *Server) look(q ask) answer {
	form, no := s.form(q)
	if no != nil {
		return *no
	}
	c, no := s.knock(q)
	if no != nil {
		return *no
	}
	if form.Get("token") == "" {
		return refusal(http.StatusBadRequest, "token is missing")
	}
	var known struct {
		Active bool   `json:"active"`
		Exp    int64  `json:"exp,omitempty"`
		Client string `json:"client_id,omitempty"`
		Sub    string `json:"sub,omitempty"`
	}
	s.do(func(b *book) {
		p := b.papers[form.Get("token")]
		if !b.visible(p, c) {
			known.Active = s.options.has(ActiveAnything)
			return
		}
		known.Active, known.Exp, known.Client, known.Sub = true, p.until.Unix(), p.family.client.ID, p.human.Name
		if s.options.has(MovingExp) || s.options.has(TradedMovingExp) && p.trades > 0 {
			known.Exp = b.now().Add(accessLife).Unix()
		}
	})
	return data(http.StatusOK, known).with("Cache-Control", "no-store")
}

// visible reports whether a client is told about a paper.
func (b *book) visible(p *paper, c *client) bool {
	if p == nil || p.kind != access || p.family.client != c && !b.options.takes(OpenIntrospection) {
		return false
	}
	return b.live(p) || b.options.has(ActiveForEver) || b.options.has(CloseLeavesLook) && p.family.closed
}
