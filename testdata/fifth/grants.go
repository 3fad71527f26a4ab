package fifth

import (
	"encoding/base64"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Where refresh tokens' moments are told: a zone of its own, which RFC 3339 allows.
var zone = time.FixedZone("", 2*60*60)

// grant answers POST /oauth2/token.
func (s *Server) grant(q ask) answer {
	form, no := s.form(q)
	if no != nil {
		return *no
	}
	c, no := s.knock(q)
	if no != nil {
		return *no
	}
	var busy bool
	s.do(func(b *book) { busy = b.busy() })
	if busy {
		return refusal(http.StatusTooManyRequests, "one at a time").with("Retry-After", "1")
	}
	var needs []string
	var give func(*client, url.Values) (pair, string)
	switch form.Get("grant_type") {
	case "password":
		needs, give = []string{"username", "password"}, s.byPassword
	case "authorization_code":
		needs, give = []string{"voucher", "return_to"}, s.byVoucher
	case "refresh_token":
		needs, give = []string{"refresh_token"}, s.byRefresh
	default:
		return refusal(http.StatusBadRequest, "no such grant type")
	}
	for _, name := range needs {
		if form.Get(name) == "" {
			return refusal(http.StatusBadRequest, name+" is missing")
		}
	}
	given, why := give(c, form)
	if why != "" {
		return refusal(http.StatusForbidden, why)
	}
	return s.granted(given)
}

func (s *Server) byPassword(c *client, form url.Values) (given pair, why string) {
	s.do(func(b *book) {
		h, ok := b.human(form.Get("username"), form.Get("password"))
		if !ok {
			why = "nobody here has that name and password"
			return
		}
		given = b.give(b.session(c, h), h, nil)
	})
	return given, why
}

func (s *Server) byRefresh(c *client, form url.Values) (given pair, why string) {
	var old *paper
	look := func(b *book) { old, why = b.refreshable(c, form.Get("refresh_token")) }
	take := func(b *book) {
		if why != "" {
			return
		}
		stays := s.options.has(ReplayableRefresh) || old.family.bought && s.options.has(VoucherRefreshStays) || old.trades > 0 && s.options.has(TradedReplay)
		old.spent = !stays
		if s.options.has(TradeProlongs) {
			old.access.until = b.now().Add(accessLife)
		}
		if s.options.takes(OldAccessEnds) {
			old.access.spent = true
		}
		keeper := old.human
		if s.options.has(ForeignRefreshKeeper) {
			keeper = Other
		}
		given = b.give(old.family, keeper, old)
	}
	s.inOneGo(s.options.has(RefreshRace), look, take)
	return given, why
}

// refreshable finds a refresh token that this client may trade now.
func (b *book) refreshable(c *client, value string) (p *paper, why string) {
	p = b.papers[value]
	switch {
	case p == nil || p.kind != refresh:
		return nil, "that refresh token is unknown"
	case p.family.client != c && !b.options.has(UnboundRefresh):
		return nil, "that refresh token is unknown"
	case p.spent:
		if b.options.takes(FamilyRevocation) {
			p.family.ended = true
		}
		return nil, "that refresh token was traded before"
	case !b.live(p), p.trades >= 6 && b.options.has(ChainEnds):
		return nil, "that refresh token has ended"
	}
	return p, ""
}

func (s *Server) byVoucher(c *client, form url.Values) (given pair, why string) {
	var v *paper
	look := func(b *book) { v, why = b.spendable(c, form.Get("voucher"), form.Get("return_to")) }
	take := func(b *book) {
		if why != "" {
			return
		}
		v.spent, v.spentAt = !s.options.has(ReplayableVoucher), b.now()
		keeper := v.human
		if s.options.has(ForeignVoucherKeeper) {
			keeper = Other
		}
		v.family = b.session(c, v.human)
		v.family.bought = true
		given = b.give(v.family, keeper, nil)
	}
	s.inOneGo(s.options.has(VoucherRace), look, take)
	return given, why
}

// spendable finds a voucher that this client may spend now.
func (b *book) spendable(c *client, value, returnTo string) (v *paper, why string) {
	v = b.papers[value]
	if v != nil && v.spent && b.options.has(RevivedVoucher) && b.now().After(v.spentAt.Add(15*time.Second)) {
		v.spent, v.family = false, &family{client: v.family.client, human: v.human}
	}
	switch {
	case v == nil || v.kind != voucher:
		return nil, "that voucher is unknown"
	case (v.family.client != c || v.returnTo != returnTo) && !b.options.has(UnboundVoucher):
		v.spent = v.spent || b.options.takes(BurnedVouchers)
		return nil, "that voucher is not for you"
	case v.spent:
		if !b.options.has(SpentVoucherKeeps) {
			v.family.ended = true
		}
		return nil, "that voucher was spent before"
	case !b.live(v):
		return nil, "that voucher has ended"
	}
	return v, ""
}

// granted writes the tokens into an answer.
func (s *Server) granted(given pair) answer {
	type token struct {
		Value string `json:"value"`
		Until any    `json:"until,omitempty"`
	}
	var reply struct {
		Token struct {
			Access  token `json:"access"`
			Refresh token `json:"refresh"`
		} `json:"token"`
	}
	reply.Token.Access = token{given.access.value, given.access.until.Unix()}
	reply.Token.Refresh = token{given.refresh.value, given.refresh.until.In(zone).Format("2006-01-02T15:04:05.000Z07:00")}
	if s.options.has(MissingMoment) {
		reply.Token.Access.Until = nil
	}
	if s.options.has(WrongZone) {
		reply.Token.Refresh.Until = given.refresh.until.In(zone).Format("2006-01-02T15:04:05.000Z")
	}
	status := http.StatusCreated
	if s.options.has(CreatedAsOK) {
		status = http.StatusOK
	}
	a := data(status, reply)
	if s.options.has(CacheableTokens) {
		return a
	}
	return a.with("Cache-Control", "no-store")
}

// form reads a form body; no is the refusal of what is not one.
func (s *Server) form(q ask) (form url.Values, no *answer) {
	kind, _, _ := mime.ParseMediaType(q.header.Get("Content-Type"))
	form, err := url.ParseQuery(string(q.body))
	if kind != "application/x-www-form-urlencoded" || err != nil {
		a := refusal(http.StatusBadRequest, "that is not a form")
		if s.options.has(BrokenOnMalformed) {
			a = refusal(http.StatusInternalServerError, "something fell off a shelf")
		}
		a.hangUp = s.options.has(DropsOnMalformed)
		return nil, &a
	}
	for _, values := range form {
		if s.options.has(BrokenOnNUL) && strings.ContainsRune(values[0], 0) {
			a := refusal(http.StatusInternalServerError, "something fell off a shelf")
			return nil, &a
		}
		if len(values) > 1 { // RFC 6749 section 3.2: no parameter twice
			a := refusal(http.StatusBadRequest, "something is said twice")
			return nil, &a
		}
	}
	return form, nil
}

// knock finds the client behind the Basic header; no is the refusal of a stranger.
func (s *Server) knock(q ask) (c *client, no *answer) {
	id, secret, ok := basic(q.header)
	if !ok {
		a := refusal(http.StatusUnauthorized, "say who you are")
		return nil, &a
	}
	s.do(func(b *book) {
		if c = b.client(id, secret); c != nil {
			return
		}
		a := refusal(http.StatusForbidden, "you are not who you say")
		if known := b.clients[id]; known != nil && s.options.has(LeakyRefusal) {
			a = refusal(http.StatusForbidden, "wanted "+known.Secret)
		}
		no = &a
	})
	return c, no
}

// basic reads RFC 7617 credentials: everything after the first colon is the secret.
func basic(header http.Header) (id, secret string, ok bool) {
	scheme, encoded, _ := strings.Cut(header.Get("Authorization"), " ")
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if !strings.EqualFold(scheme, "Basic") || err != nil {
		return "", "", false
	}
	return strings.Cut(string(raw), ":")
}

func data(status int, value any) answer {
	body, err := json.Marshal(value)
	if err != nil {
		return refusal(http.StatusInternalServerError, "the answer cannot be written") // plain structs always can
	}
	return answer{status: status, kind: "application/json;charset=UTF-8", body: string(body)}
}
