package sorrel

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"mime"
	"slices"
	"strings"

	"github.com/valyala/fasthttp"
)

// params are request parameters as RFC 6749 section 3.1 sees them: one
// without a value counts as omitted, and none may be given twice.
type params struct {
	values   map[string]string
	repeated []string
}

func newParams(sources ...*fasthttp.Args) params {
	p := params{values: map[string]string{}}
	for _, args := range sources {
		for k, v := range args.All() {
			if len(v) == 0 {
				continue
			}
			name := string(k) // copied: fasthttp reuses its buffers
			if _, dup := p.values[name]; dup {
				p.repeated = append(p.repeated, name)
			}
			p.values[name] = string(v)
		}
	}
	return p
}

func (p params) get(name string) string { return p.values[name] }

func (p params) isRepeated(name string) bool { return slices.Contains(p.repeated, name) }

// mediaType is the request's media type in lower case, without parameters.
func mediaType(ctx *fasthttp.RequestCtx) string {
	t, _, err := mime.ParseMediaType(string(ctx.Request.Header.ContentType()))
	if err != nil {
		return ""
	}
	return t
}

// form is the request's form, empty for any other kind of body and for GET,
// whose body means nothing (RFC 6750 section 2.2). Unlike fasthttp's PostArgs
// it does not depend on the letter case of the media type.
func form(ctx *fasthttp.RequestCtx) *fasthttp.Args {
	args := &fasthttp.Args{}
	if !ctx.IsGet() && mediaType(ctx) == "application/x-www-form-urlencoded" {
		args.ParseBytes(ctx.PostBody())
	}
	return args
}

var errSeveralAuthorizations = errors.New("more than one Authorization header field")

// authorization splits the Authorization header field into scheme and
// credentials; both are empty when there is none.
func authorization(ctx *fasthttp.RequestCtx) (scheme, credentials string, err error) {
	fields := ctx.Request.Header.PeekAll(fasthttp.HeaderAuthorization)
	switch len(fields) {
	case 0:
		return "", "", nil
	case 1:
		scheme, credentials, _ = strings.Cut(string(fields[0]), " ")
		return scheme, strings.TrimSpace(credentials), nil
	default:
		return "", "", errSeveralAuthorizations
	}
}

// basicCredentials decodes the credentials of RFC 7617: everything after the
// first colon is the password.
func basicCredentials(credentials string) (id, secret string, ok bool) {
	raw, err := base64.StdEncoding.DecodeString(credentials)
	if err != nil {
		return "", "", false
	}
	return strings.Cut(string(raw), ":")
}

// allow checks the request's method and answers 405 where it does not fit.
// HEAD must be listed like any other: no token may be spent on it.
func allow(ctx *fasthttp.RequestCtx, methods ...string) bool {
	if slices.Contains(methods, string(ctx.Method())) {
		return true
	}
	ctx.Response.Header.Set(fasthttp.HeaderAllow, strings.Join(methods, ", "))
	fail(ctx, fasthttp.StatusMethodNotAllowed, "method_not_allowed", "use "+strings.Join(methods, " or "))
	return false
}

// reply sends JSON. Nothing here may be cached: the answers hold tokens (RFC
// 6749 section 5.1) or were asked for with one in the URL (RFC 6750 section 2.3).
func reply(ctx *fasthttp.RequestCtx, status int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		panic(err) // only our own plain types come here
	}
	noStore(ctx)
	ctx.SetStatusCode(status)
	ctx.SetContentType("application/json; charset=utf-8")
	ctx.SetBody(append(data, '\n'))
}

func noStore(ctx *fasthttp.RequestCtx) {
	ctx.Response.Header.Set(fasthttp.HeaderCacheControl, "no-store")
	ctx.Response.Header.Set(fasthttp.HeaderPragma, "no-cache")
}

// fail sends an error in the shape of RFC 6749 section 5.2. Neither document
// shows one, so both dialects use it everywhere.
func fail(ctx *fasthttp.RequestCtx, status int, code, description string) {
	reply(ctx, status, struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}{code, description})
}

// failClient refuses a client's own credentials (RFC 6749 section 5.2, RFC 7617).
func failClient(ctx *fasthttp.RequestCtx, realm string) {
	ctx.Response.Header.Set(fasthttp.HeaderWWWAuthenticate, `Basic realm="`+realm+`", charset="UTF-8"`)
	fail(ctx, fasthttp.StatusUnauthorized, "invalid_client", "unknown client, or wrong secret")
}

// failToken refuses a request without a token: RFC 6750 section 3.1 wants no
// error code in the challenge then.
func failToken(ctx *fasthttp.RequestCtx, realm string) {
	ctx.Response.Header.Set(fasthttp.HeaderWWWAuthenticate, `Bearer realm="`+realm+`"`)
	fail(ctx, fasthttp.StatusUnauthorized, "token_required", "this call needs a Bearer token")
}

// failBearer refuses a request with an unusable token, as RFC 6750 section 3.1 does.
func failBearer(ctx *fasthttp.RequestCtx, realm string, status int, code, description string) {
	ctx.Response.Header.Set(fasthttp.HeaderWWWAuthenticate,
		`Bearer realm="`+realm+`", error="`+code+`", error_description="`+description+`"`)
	fail(ctx, status, code, description)
}
