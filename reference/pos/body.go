package pos

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"unicode/utf8"

	"gonogo/reference/kit"
)

const (
	bodyForm      kit.BodyFault = "the body is no well-formed form"
	bodyEither    kit.BodyFault = "the body must be sent as application/json or application/x-www-form-urlencoded"
	bodyFormMedia kit.BodyFault = "the body must be sent as application/x-www-form-urlencoded"
)

// readAccount reads the body of an account: JSON, also without a media type,
// or a form. It answers the refusal of a body that could not be read.
func (p *pos) readAccount(c *kit.Call) *kit.Answer {
	if c.Fault = p.encoding(kit.IsForm(c.Header.Get("Content-Type"))); c.Fault != "" {
		return p.misread(c)
	}
	return p.read(c)
}

// read makes the same of both encodings: members with JSON values, those of a
// form being strings.
func (p *pos) read(c *kit.Call) *kit.Answer {
	media := c.Header.Get("Content-Type")
	form := kit.IsForm(media)
	if !form && media != "" && !kit.IsJSON(media) {
		c.Fault = bodyEither
		return p.misread(c)
	}
	body, fault := c.ReadBody()
	switch c.Fault = fault; {
	case fault != "":
	case form:
		c.Fields, c.Fault = readForm(string(body))
	default:
		c.Fields, c.Fault = kit.ReadObject(body)
	}
	if c.Fault != "" {
		return p.misread(c)
	}
	return nil
}

func (p *pos) misread(c *kit.Call) *kit.Answer {
	status := http.StatusBadRequest
	switch c.Fault {
	case kit.BodyLarge:
		status = http.StatusRequestEntityTooLarge
	case kit.BodyMedia, bodyFormMedia, bodyEither:
		status = http.StatusUnsupportedMediaType
	}
	a := kit.Refused(status, "invalid_request", string(c.Fault)+".").As(misread)
	return &a
}

// readForm is as strict as kit.ReadObject: well-formed UTF-8 and no member twice.
func readForm(body string) (kit.Fields, kit.BodyFault) {
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
	var found kit.Fields
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
	return found, ""
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
	a := kit.Refused(http.StatusBadRequest, code, said).As(bad)
	return &a
}
