package b2b

import (
	"net/http"
	"strings"

	"gonogo/reference/kit"
)

// fault is what an error is called.
type fault struct{ name, code string }

// "Common Error Codes" of the document, and in their manner what else a server
// has to refuse. A body that is no JSON has an entry of its own: syntax.
var faults = map[int]fault{
	http.StatusBadRequest:   {"ValidationException", "VALIDATION_FAILURE"},
	http.StatusUnauthorized: {"UnauthorizedError", "UNAUTHORIZED"},
	http.StatusForbidden:    {"ForbiddenError", "FORBIDDEN"},

	http.StatusNotFound:              {"NotFoundError", "NOT_FOUND"},
	http.StatusMethodNotAllowed:      {"MethodNotAllowedError", "METHOD_NOT_ALLOWED"},
	http.StatusRequestEntityTooLarge: {"PayloadTooLargeError", "PAYLOAD_TOO_LARGE"},
	http.StatusUnsupportedMediaType:  {"UnsupportedMediaTypeError", "UNSUPPORTED_MEDIA_TYPE"},
	http.StatusTooManyRequests:       {"TooManyRequestsError", "TOO_MANY_REQUESTS"},
	http.StatusInternalServerError:   {"InternalServerError", "INTERNAL_SERVER_ERROR"},
	http.StatusServiceUnavailable:    {"ServiceUnavailableError", "SERVICE_UNAVAILABLE"},
}

var syntax = fault{"SyntaxError", "SYNTAX_ERROR"}

// fail answers an error that has the usual name of its status.
func (m *b2b) fail(status int, message string) kit.Answer {
	return refusal(status, faults[status], message)
}

// refusal puts an error into its envelope: {"error": {"name", "code", "message"}}.
// The message must not repeat anything that could be a secret.
func refusal(status int, f fault, message string) kit.Answer {
	a := kit.Answer{Status: status, Token: true, Body: kit.Object{{"error", kit.Nested(kit.Object{
		{"name", kit.Text(f.name)}, {"code", kit.Text(f.code)}, {"message", kit.Text(message)}})}}}
	if status == http.StatusUnauthorized {
		a.Challenge = `Bearer realm="` + id + `"`
	}
	return a
}

// envelope: {"success": true, "data": {…}}
func envelope(data kit.Object) kit.Object {
	return kit.Object{{"success", kit.Truth(true)}, {"data", kit.Nested(data)}}
}

// succeed answers the data of an authentication endpoint.
func succeed(data kit.Object) kit.Answer { return kit.Issued(envelope(data)) }

// body reads a JSON body, or answers the refusal of one that is none. An empty
// body is no JSON; JSON that is no object lacks every field.
func (m *b2b) body(c *kit.Call) *kit.Answer {
	switch m.ReadFields(c) {
	case nil:
		return nil
	case kit.BodyMalformed, kit.BodyBroken, kit.BodyEmpty:
		return new(refusal(c.Fault.Status, syntax, c.Fault.Said).As(misread))
	}
	return new(m.fail(c.Fault.Status, c.Fault.Said).As(misread))
}

// members reads members that must be there, must be strings and must not be
// empty; there are two at most. The refusal names every one that is not.
func (m *b2b) members(c *kit.Call, names ...string) (values [2]string, refusal *kit.Answer) {
	var complaints []string
	for i, name := range names {
		f, found := c.Fields.Get(name)
		switch {
		case !found:
			complaints = append(complaints, name+" is missing")
		case !f.IsText():
			complaints = append(complaints, name+" must be a string")
		default:
			if values[i] = m.Trim(f.Text()); values[i] == "" {
				complaints = append(complaints, name+" is empty")
			}
		}
	}
	if complaints == nil {
		return values, nil
	}
	return values, new(m.fail(http.StatusBadRequest, "Validation failed: "+strings.Join(complaints, ", ")+".").As(invalid))
}
