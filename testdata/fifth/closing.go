package fifth

import "net/http"

// close answers POST /oauth2/close, the revocation of RFC 7009.
func (s *Server) close(q ask) answer {
	form, no := s.form(q)
	if no != nil {
		return *no
	}
	c, no := s.knock(q)
	if no != nil && !s.options.has(CloseAnybody) {
		return *no
	}
	if form.Get("token") == "" {
		return refusal(http.StatusBadRequest, "token is missing")
	}
	s.do(func(b *book) {
		p := b.papers[form.Get("token")]
		if p == nil || p.kind != refresh {
			return
		}
		if p.family.client == c || s.options.has(CloseOthers) || s.options.has(CloseAnybody) {
			p.family.closed = true
			p.access.spent = !s.options.has(CloseLeavesOpen) // it may be of an earlier session, handed out again
		}
	})
	if no != nil {
		return *no
	}
	return data(http.StatusOK, struct{}{})
}
