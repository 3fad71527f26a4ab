package reference

import (
	"fmt"
	"net/http"
	"strings"
)

// bbFault is an error of the dialect before it is put into its envelope.
type bbFault struct {
	status              int
	name, code, message string
	tokenSent           bool // RFC 6750 3.1: the challenge has an error code only then
	bare                bool // a defect leaves the envelope out
}

// "Common Error Codes" of the document, and in their manner what else a server
// has to refuse. A body that is no JSON has an entry of its own: syntaxError.
var bbErrors = map[int]bbFault{
	http.StatusBadRequest:   {name: "ValidationException", code: "VALIDATION_FAILURE"},
	http.StatusUnauthorized: {name: "UnauthorizedError", code: "UNAUTHORIZED"},
	http.StatusForbidden:    {name: "ForbiddenError", code: "FORBIDDEN"},

	http.StatusNotFound:              {name: "NotFoundError", code: "NOT_FOUND"},
	http.StatusMethodNotAllowed:      {name: "MethodNotAllowedError", code: "METHOD_NOT_ALLOWED"},
	http.StatusRequestEntityTooLarge: {name: "PayloadTooLargeError", code: "PAYLOAD_TOO_LARGE"},
	http.StatusUnsupportedMediaType:  {name: "UnsupportedMediaTypeError", code: "UNSUPPORTED_MEDIA_TYPE"},
	http.StatusTooManyRequests:       {name: "TooManyRequestsError", code: "TOO_MANY_REQUESTS"},
	http.StatusInternalServerError:   {name: "InternalServerError", code: "INTERNAL_SERVER_ERROR"},
	http.StatusServiceUnavailable:    {name: "ServiceUnavailableError", code: "SERVICE_UNAVAILABLE"},
}

func bbFaultOf(status int, message string) bbFault {
	f := bbErrors[status]
	f.status, f.message = status, message
	return f
}

func syntaxError(message string) bbFault {
	return bbFault{status: http.StatusBadRequest, name: "SyntaxError", code: "SYNTAX_ERROR", message: message}
}

// fail answers an error that has the usual name of its status.
func (m *b2b) fail(status int, message string) answer { return m.refusal(bbFaultOf(status, message)) }

// full answers errFull.
func (m *b2b) full() answer {
	return m.fail(http.StatusServiceUnavailable, "The test server is full; restart it.")
}

// refusal puts an error into its envelope: {"error": {"name", "code", "message"}}.
// The message must not repeat anything that could be a secret.
func (m *b2b) refusal(f bbFault) answer {
	a := answer{status: f.status, token: true}
	if f.status == http.StatusUnauthorized && !m.has(bbNoChallenge) {
		a.challenge = `Bearer realm="` + m.dialect + `"`
		if f.tokenSent {
			a.challenge += `, error="invalid_token"`
		}
	}
	inner := m.errorMemberQuirks(f, object{{"name", text(f.name)}, {"code", text(f.code)}, {"message", text(f.message)}})
	a.body = object{{"error", m.nest(inner)}}
	return m.errorQuirks(a, f)
}

// succeed puts the data of an authentication endpoint into its envelope:
// {"success": true, "data": {…}}.
func (m *b2b) succeed(at place, data object) answer {
	return issued(m.successQuirks(at, object{{"success", truth(true)}, {"data", m.nest(data)}}, data))
}

// nest is an object as a member of another: what the liberties do to the
// members of an answer, they do here too.
func (m *b2b) nest(o object) value {
	if m.has(m.common.extraMembers) {
		o = append(o[:len(o):len(o)], member{"note", text("nested")})
	}
	return nested(o)
}

// read reads a JSON body.
func (m *b2b) read(c *call, at place) (fields, *answer) {
	media := c.Header.Get("Content-Type")
	body, fault := c.body()
	switch {
	case media != "" && !isJSON(media) && !m.has(bbAnyMedia):
		fault = bodyMedia
	case fault == "":
		if at == atLogin && m.has(bbLoginTrailing) || at == atRefresh && m.has(bbRefreshTrailing) {
			body = firstValue(body)
		}
		in, why := readObject(body)
		if why == "" {
			return in, nil
		}
		fault = why
	}
	a := m.misread(at, fault)
	return nil, &a
}

// misread refuses a body that is no JSON object. An empty body is no JSON;
// JSON that is no object lacks every field.
func (m *b2b) misread(at place, fault bodyFault) answer {
	f := bbFaultOf(http.StatusBadRequest, "")
	switch fault {
	case bodyLarge:
		f = bbFaultOf(http.StatusRequestEntityTooLarge, "")
	case bodyMedia:
		f = bbFaultOf(http.StatusUnsupportedMediaType, "")
	case bodyMalformed, bodyBroken, bodyEmpty:
		f = syntaxError("")
	}
	f.message = string(fault) + "."
	return m.refusal(m.misreadQuirks(at, fault, f))
}

// members reads members that must be there, must be strings and must not be
// empty; there are two at most. The refusal names every one that is not.
func (m *b2b) members(at place, in fields, names ...string) (values [2]string, refusal *answer) {
	var complaints []string
	for i, name := range names {
		f, found := in.get(name)
		switch {
		case !found:
			complaints = append(complaints, name+" is missing")
		case !f.isText():
			complaints = append(complaints, name+" must be a string")
		default:
			if values[i] = trimmed(f.text(), m.has(m.common.trims)); values[i] == "" {
				complaints = append(complaints, name+" is empty")
			}
		}
	}
	if complaints == nil {
		return values, nil
	}
	f := bbFaultOf(http.StatusBadRequest, fmt.Sprintf("Validation failed: %s.", strings.Join(complaints, ", ")))
	a := m.invalidQuirks(at, in, names, f)
	return values, &a
}
