package pos

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"unicode/utf8"

	"gonogo/reference/kit"
)

var (
	bodyForm      = &kit.BodyFault{Status: http.StatusBadRequest, Said: "the body is no well-formed form."}
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
		return readForm(string(body))
	}
	return kit.ReadObject(body)
}

// readForm is as strict as kit.ReadObject: well-formed UTF-8 and no member twice.
func readForm(body string) (kit.Fields, *kit.BodyFault) {
	if body == "" {
		return nil, kit.BodyEmpty
	}
	form, err := url.ParseQuery(body)
	if err != nil {
		return nil, bodyForm
	}
	if len(form) > kit.MaxMembers {
		return nil, kit.BodyCrowded
	}
	found := kit.Fields{}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		values := form[name]
		if len(values) > 1 {
			return nil, kit.BodyDuplicate
		}
		if !utf8.ValidString(name) || !utf8.ValidString(values[0]) {
			return nil, bodyForm
		}
		found = append(found, kit.Field{Name: name, Raw: kit.AppendString(nil, values[0])})
	}
	return found, nil
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
