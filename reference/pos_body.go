package reference

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"unicode/utf8"
)

const (
	bodyForm      bodyFault = "the body is no well-formed form"
	bodyEither    bodyFault = "the body must be sent as application/json or application/x-www-form-urlencoded"
	bodyFormMedia bodyFault = "the body must be sent as application/x-www-form-urlencoded"
)

// read reads the body of an account: JSON, also without a media type, or a form.
func (p *pos) read(c *call) (fields, bodyFault) {
	media := c.Header.Get("Content-Type")
	switch form := isForm(media); {
	case form && p.has(posJSONOnly):
		return nil, bodyMedia
	case !form && p.has(posFormOnly):
		return nil, bodyFormMedia
	}
	return p.readEither(c)
}

// readEither makes the same of both encodings: members with JSON values, those
// of a form being strings.
func (p *pos) readEither(c *call) (fields, bodyFault) {
	media := c.Header.Get("Content-Type")
	form := isForm(media)
	if !form && media != "" && !isJSON(media) {
		return nil, bodyEither
	}
	body, fault := c.body()
	switch {
	case fault != "":
		return nil, fault
	case form:
		return readForm(string(body))
	}
	return readObject(body)
}

// readForm is as strict as readObject: well-formed UTF-8 and no member twice.
func readForm(body string) (fields, bodyFault) {
	if body == "" {
		return nil, bodyEmpty
	}
	form, err := url.ParseQuery(body)
	if err != nil {
		return nil, bodyForm
	}
	if len(form) > maxMembers {
		return nil, bodyCrowded
	}
	var found fields
	for _, name := range slices.Sorted(maps.Keys(form)) {
		values := form[name]
		if len(values) > 1 {
			return nil, bodyDuplicate
		}
		if !utf8.ValidString(name) || !utf8.ValidString(values[0]) {
			return nil, bodyForm
		}
		found = append(found, field{name, appendString(nil, values[0])})
	}
	return found, ""
}

// misread refuses a body that could not be read.
func (p *pos) misread(fault bodyFault) *answer {
	bad := p.bad("invalid_request", string(fault)+".")
	switch fault {
	case bodyLarge:
		bad.status = http.StatusRequestEntityTooLarge
	case bodyMedia, bodyFormMedia, bodyEither:
		if p.has(posMediaCrash) {
			crash("a media type that is neither")
		}
		bad.status = http.StatusUnsupportedMediaType
	}
	return bad
}

// bad refuses a request for what is in it.
func (p *pos) bad(code, description string) *answer {
	a := refused(http.StatusBadRequest, code, description)
	if p.has(posBodyFirst) {
		a.status = http.StatusUnprocessableEntity
	}
	return &a
}

// isNumber: a JSON number is the only value that starts like one.
func (f field) isNumber() bool {
	return len(f.raw) > 0 && (f.raw[0] == '-' || '0' <= f.raw[0] && f.raw[0] <= '9')
}
