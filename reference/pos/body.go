package pos

import (
	"net/http"

	"gonogo/reference/kit"
)

var (
	bodyEither    = &kit.BodyFault{Status: http.StatusUnsupportedMediaType, Said: "the body must be sent as application/json or application/x-www-form-urlencoded."}
	bodyFormMedia = &kit.BodyFault{Status: http.StatusUnsupportedMediaType, Said: "the body must be sent as application/x-www-form-urlencoded."}
)

func isForm(c *kit.Call) bool { return kit.IsForm(c.Header.Get("Content-Type")) }

// jsonOrForm: a body is JSON, also without a media type, or a form.
func jsonOrForm(c *kit.Call) *kit.BodyFault {
	if media := c.Header.Get("Content-Type"); media != "" && !kit.IsJSON(media) && !kit.IsForm(media) {
		return bodyEither
	}
	return nil
}

// read makes the same of both encodings: members with JSON values, those of a
// form being strings.
func read(c *kit.Call, body []byte) (kit.Fields, *kit.BodyFault) {
	if isForm(c) {
		return kit.ReadForm(string(body))
	}
	return kit.ReadObject(body)
}

// body reads the body, or answers the refusal of one that could not be read.
func (p *pos) body(c *kit.Call) *kit.Answer {
	if fault := p.ReadFields(c); fault != nil {
		return new(fault.Refuse().As(misread))
	}
	return nil
}

// text is a member that must be a string that is not empty.
func (p *pos) text(c *kit.Call, name string) (string, *kit.Answer) {
	text, wrong := p.TextMember(c, name)
	if wrong != nil {
		wrong.Why = bad
	}
	return text, wrong
}

// badMember refuses a request for what is in one member.
func badMember(c *kit.Call, name, code, said string) *kit.Answer {
	c.Member = name
	return new(kit.Refused(http.StatusBadRequest, code, said).As(bad))
}
