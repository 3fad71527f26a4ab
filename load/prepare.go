package load

import (
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

// shortfall is why a run came to no verdict, as a sentence. It is nothing that the target did wrong.
type shortfall struct {
	why   string
	again bool // there was an answer, and asking once more may have another
}

func (s shortfall) Error() string { return s.why }

func shortOf(format string, args ...any) error { return shortfall{why: fmt.Sprintf(format, args...)} }

// grant is what was handed out before the attack.
type grant struct {
	*operation.Answer
	access, refresh string
	ends            time.Time // of the access token, by our clock
	life            time.Duration
}

// call sends a request that is no part of the load.
func (r *run) call(ctx context.Context, e *errand, tokens map[string]string) (*operation.Answer, error) {
	request, err := e.op.Request(ctx, operation.Args{Tokens: tokens})
	if lacking, ok := errors.AsType[*operation.NoCredential](err); ok {
		return nil, shortOf("%v", lacking)
	}
	if err != nil {
		return nil, err
	}
	x, err := r.client.Send(ctx, request)
	if err != nil {
		return nil, r.silence(ctx, e, x, err)
	}
	answer := e.op.Read(x)
	for kind, value := range answer.Tokens {
		r.redactor.Add(kind, value)
	}
	return answer, nil
}

// silence says why no answer came.
func (r *run) silence(ctx context.Context, e *errand, x *exchange.Exchange, err error) error {
	if ctx.Err() != nil {
		return shortOf("the run was interrupted")
	}
	why := err.Error()
	if x != nil && x.Err != nil {
		why = x.Err.Error()
	}
	if errors.Is(err, exchange.ErrGone) {
		return shortOf("the target cannot be reached at %s: %s", r.script.target.BaseURL.Redacted(), r.redactor.Answer(why))
	}
	return shortOf("%s was not answered before the attack: %s", e.op.Name(), r.redactor.Answer(why))
}

// granted reads an answer that carries tokens. What is wrong with it is a violation as it would be in the attack.
func (r *run) granted(e *errand, answer *operation.Answer) *grant {
	g := &grant{Answer: answer, access: answer.Tokens[access], refresh: answer.Tokens[refresh]}
	if kind, ok := r.script.dialect.Token(access); ok {
		g.life = r.lifetime(kind, answer)
		if g.life > 0 {
			g.ends = answer.Exchange.Sent.Add(g.life)
		}
	}
	if len(answer.Mismatches) > 0 && answer.Succeeded() {
		m := answer.Mismatches[0]
		r.accuse(undocumented, e, "to have tokens before the attack", strings.TrimPrefix(m.At+": "+m.Wanted, ": "), m.Got, func() *exchange.Exchange { return answer.Exchange })
	}
	return g
}

// lifetime is how long a token lives: what the target file expects, else the documented number, shortened to what
// the answer announces.
func (r *run) lifetime(kind specs.TokenKind, answer *operation.Answer) time.Duration {
	lifetime := kind.Lifetime.Documented
	if declared, ok := r.script.target.Lifetime(kind.Name); ok {
		lifetime = declared
	}
	if announced, _, ok := answer.Lifetime(kind); ok && announced > 0 && (lifetime == 0 || announced < lifetime) {
		return announced
	}
	return lifetime
}

// obtain issues tokens for the account of the run. They are for the working set, so failing is the end of the run.
func (r *run) obtain(ctx context.Context) (*grant, error) {
	e := r.script.issue
	answer, err := r.call(ctx, e, nil)
	if err != nil {
		return nil, err
	}
	g := r.granted(e, answer)
	if !answer.Succeeded() || g.access == "" {
		advice := ""
		if answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden || answer.Status == http.StatusBadRequest {
			advice = "; check credentials in the target file"
		}
		if answer.Status == http.StatusNotFound || answer.Status == http.StatusMethodNotAllowed {
			advice = "; check base_url in the target file"
		}
		return nil, shortfall{
			why:   fmt.Sprintf("no tokens could be had to begin with: %s was answered %s%s", e.op.Name(), statusText(answer.Status), advice),
			again: advice == "" && !answer.Succeeded(),
		}
	}
	return g, nil
}

func statusText(status int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
}

// settleIn makes the run's own account where the document has users register, unless the target file gives one.
func (r *run) settleIn(ctx context.Context) error {
	s := r.script
	i := slices.IndexFunc(s.dialect.Credentials, func(c specs.Credential) bool { return c.Registered })
	if i < 0 || len(s.target.Credentials[s.dialect.Credentials[i].Role].Fields) > 0 {
		return nil
	}
	role := s.dialect.Credentials[i]
	register := s.ops.First(specs.RoleRegister)
	if register == nil {
		return nil
	}
	account := operation.NewAccount(role)
	for _, field := range role.Fields[1:] {
		r.redactor.Add(field, account[field])
	}
	s.ops.Credential = func(of, field string) (string, bool) {
		if of == role.Role {
			value, ok := account[field]
			return value, ok
		}
		value, ok := s.target.Credentials[of].Fields[field]
		return value, ok
	}
	answer, err := r.call(ctx, &errand{op: register}, nil)
	if err != nil {
		return err
	}
	if !answer.Succeeded() {
		return shortOf("no account could be made to act as: %s was answered %s; check credentials.%s in the target file, or give credentials.%s",
			register.Name(), statusText(answer.Status), operation.Primary, role.Role)
	}
	return nil
}

// prepare finds out what the attack has to know, and fills what it draws from.
func (r *run) prepare(ctx context.Context) error {
	if err := r.settleIn(ctx); err != nil {
		return err
	}
	first, err := r.insist(ctx)
	if err != nil {
		return err
	}
	r.client.KnownGood(func(ctx context.Context) *http.Request {
		request, err := r.script.issue.op.Request(ctx, operation.Args{})
		if err != nil {
			return nil
		}
		return request
	})
	second, err := r.insist(ctx)
	if err != nil {
		return err
	}
	r.script.issue.bears = [2]bool{first.access != "", first.refresh != ""}
	if err := r.compare(ctx, first, second); err != nil {
		return err
	}
	r.life = first.life
	r.remember(first)
	r.remember(second)
	if r.scenario.has(refreshPart) {
		if err := r.tryRefresh(ctx, second); err != nil {
			return err
		}
	}
	if err := r.script.compile(r.Agent); err != nil {
		return err
	}
	if err := r.possible(); err != nil {
		return err
	}
	return r.stockUp(ctx)
}
