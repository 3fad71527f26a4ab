package clients

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// op is what a request is for.
type op string

const (
	opLogin     op = "login"
	opRegister  op = "register"
	opRefresh   op = "refresh"
	opValidate  op = "validate"
	opUse       op = "use"
	opRevoke    op = "revoke"
	opAuthorize op = "authorize"
	opExchange  op = "exchange"
	opMetadata  op = "metadata"
)

// request is one that has not been written yet, so that a fault can still change it.
type request struct {
	op
	method, server, path string
	query                url.Values
	header               http.Header
	body                 map[string]any
	form                 bool
	raw                  string // at the end of the query, as it is
}

func newRequest(o op, method, path string, body map[string]any) request {
	return request{op: o, method: method, path: path, query: url.Values{}, header: http.Header{}, body: body}
}

func (r *request) bearer(token string) { r.header.Set("Authorization", "Bearer "+token) }

func (r *request) basic(id, secret string) {
	r.header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(id+":"+secret)))
}

// set sets parameters of the query: name, value, and so on.
func (r *request) set(pairs ...string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		r.query.Set(pairs[i], pairs[i+1])
	}
}

// clone is a request that can be changed without the other.
func (r request) clone() request {
	body := map[string]any{}
	for k, v := range r.body {
		body[k] = v
	}
	query := url.Values{}
	for k, v := range r.query {
		query[k] = slices.Clone(v)
	}
	r.body, r.query, r.header = body, query, r.header.Clone()
	return r
}

func (r *request) http() (*http.Request, error) {
	where := r.server + r.path
	if len(r.query) > 0 || r.raw != "" {
		where += "?" + strings.TrimPrefix(r.query.Encode()+r.raw, "&")
	}
	var body io.Reader
	if r.method != http.MethodGet && len(r.body) > 0 {
		media, text := "application/json", []byte(nil)
		if r.form {
			values := url.Values{}
			for k, v := range r.body {
				values.Set(k, fmt.Sprint(v))
			}
			media, text = "application/x-www-form-urlencoded", []byte(values.Encode())
		} else if text, _ = json.Marshal(r.body); r.body == nil {
			text = nil
		}
		body = bytes.NewReader(text)
		r.header.Set("Content-Type", media)
	}
	made, err := http.NewRequest(r.method, where, body)
	if err == nil {
		made.Header = r.header
	}
	return made, err
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
	paused bool
}

// err is what a status says to a client.
func (a answer) err() error {
	switch {
	case a.status >= 200 && a.status < 300:
		return nil
	case a.paused:
		return errPaused
	case a.status >= 500 || a.status < 400: // a redirect that was not followed says nothing of a token
		return fmt.Errorf("%w: status %d", errLost, a.status)
	}
	return fmt.Errorf("%w: status %d", errRefused, a.status)
}

func (a answer) members() map[string]any {
	decoder, m := json.NewDecoder(bytes.NewReader(a.body)), map[string]any{}
	decoder.UseNumber()
	if decoder.Decode(&m) != nil {
		return map[string]any{}
	}
	return m
}

// send sends a request as it is documented, or as the client's fault has it.
func (c *client) send(r request) (answer, error) {
	for _, edit := range c.edits[r.op] {
		edit(c, &r)
	}
	if try := c.first[r.op]; try != nil {
		odd := r.clone()
		try(c, &odd)
		if a, err := c.exchange(odd); err != nil || a.err() == nil {
			return a, err
		}
	}
	return c.exchange(r)
}

func (c *client) exchange(r request) (answer, error) {
	if r.server == "" {
		r.server = c.base
	}
	made, err := r.http()
	if err != nil {
		return answer{}, err
	}
	response, err := c.http.Do(made)
	if err != nil {
		return answer{}, fmt.Errorf("%w: %s", errLost, r.op) // the error's own words may have the URL
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return answer{}, fmt.Errorf("%w: %s", errLost, r.op)
	}
	a := answer{status: response.StatusCode, header: response.Header, body: body}
	switch a.status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		c.trouble(c.retryAfter(a.header.Get("Retry-After")))
		a.paused = true
	case http.StatusForbidden:
		if !c.pushy && !c.dead(a) {
			c.pause(10 * time.Second)
			a.paused = true
		}
	default:
		c.mu.Lock()
		c.troubles = 0
		c.mu.Unlock()
	}
	return a, nil
}

// retryAfter reads either form of the header; 0 is none that could be read.
func (c *client) retryAfter(value string) time.Duration {
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(time.Second, at.Sub(c.now()))
	}
	return 0
}

// redirected follows a redirect within the origin. Beyond it only a call goes, without the token and without a word
// about where it came from; a request for tokens does not.
func (c *client) redirected(next *http.Request, via []*http.Request) error {
	from := via[0]
	if len(via) > 3 {
		return http.ErrUseLastResponse
	}
	next.Header.Del("Referer")
	if c.trusting {
		next.Header.Set("Authorization", from.Header.Get("Authorization"))
		return nil
	}
	if next.URL.Host == from.URL.Host && next.URL.Scheme == from.URL.Scheme {
		return nil
	}
	if from.Method != http.MethodGet || !strings.HasPrefix(from.Header.Get("Authorization"), "Bearer ") || from.URL.RawQuery != "" {
		return http.ErrUseLastResponse
	}
	next.Header.Del("Authorization")
	return nil
}

// read takes the tokens out of an answer. What it does not know it does not mind, and what it cannot read of a lifetime
// leaves the token without one.
func (c *client) read(a answer) (pair, error) {
	if err := a.err(); err != nil {
		return pair{}, err
	}
	m := a.members()
	if c.envelope != "" {
		inner, ok := m[c.envelope].(map[string]any)
		if !c.lax && (!ok || m["success"] == false || m["error"] != nil) {
			return pair{}, fmt.Errorf("%w: the envelope has no success", errRefused)
		}
		if beside := m["access_token"] != nil; ok && !(beside && c.shallow) {
			m = inner
		}
	}
	if c.flat != nil {
		m = c.flat(m)
	}
	if c.strict {
		for name := range m {
			if !slices.Contains(c.members, name) {
				return pair{}, fmt.Errorf("%w: unknown member", errLost)
			}
		}
	}
	now := c.now()
	p := pair{Life: c.lasts, Ends: now.Add(c.lasts)}
	p.Access, _ = m["access_token"].(string)
	p.Refresh, _ = m["refresh_token"].(string)
	if c.ends != "" {
		if at, err := c.moment(fmt.Sprint(m[c.ends])); err == nil {
			p.Ends, p.Life = at, at.Sub(now)
		}
	} else if n, err := strconv.ParseFloat(fmt.Sprint(m[c.life]), 64); err == nil && n > 0 {
		p.Life = time.Duration(n * float64(c.unit))
		p.Ends = now.Add(p.Life)
	}
	if p.Access == "" && !c.lax {
		return pair{}, errors.Join(errLost, errors.New("no access token"))
	}
	return p, nil
}

func (c *client) moment(text string) (time.Time, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && c.unit > 0 {
		return time.Unix(0, n*int64(c.unit)), nil
	}
	if c.timeless && len(text) > len("2006-01-02T15:04:05") {
		return time.Parse("2006-01-02T15:04:05", text[:len("2006-01-02T15:04:05")])
	}
	return time.Parse(time.RFC3339, text)
}
