package specs

import (
	"net/url"
	"strconv"
	"strings"
)

// Pointer names a value in an answer: a JSON pointer into the body ("/data/access_token", RFC 6901), or a
// query parameter of a redirect's Location ("location?code").
type Pointer string

const locationPrefix = "location?"

// InLocation reports the name of the Location parameter, if p is one.
func (p Pointer) InLocation() (parameter string, ok bool) {
	return strings.CutPrefix(string(p), locationPrefix)
}

// Body looks p up in a decoded JSON body.
func (p Pointer) Body(body any) (any, bool) {
	if p == "" || p[0] != '/' {
		return nil, false
	}
	for _, step := range p.Steps() {
		switch v := body.(type) {
		case map[string]any:
			member, ok := v[step]
			if !ok {
				return nil, false
			}
			body = member
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(v) || step != strconv.Itoa(i) { // RFC 6901 section 4: no sign, no leading zero
				return nil, false
			}
			body = v[i]
		default:
			return nil, false
		}
	}
	return body, true
}

// Location looks p up in the query of a redirect's Location.
func (p Pointer) Location(location *url.URL) (string, bool) {
	name, ok := p.InLocation()
	if !ok || !location.Query().Has(name) {
		return "", false
	}
	return location.Query().Get(name), true
}

// Scalars is every text, number and truth value in a decoded JSON value, by its pointer.
func Scalars(value any) map[Pointer]any {
	all := map[Pointer]any{}
	scalars(all, "", value)
	return all
}

func scalars(all map[Pointer]any, at Pointer, value any) {
	switch value := value.(type) {
	case nil:
	case map[string]any:
		for name, member := range value {
			scalars(all, at.To(name), member)
		}
	case []any:
		for i, member := range value {
			scalars(all, at.To(strconv.Itoa(i)), member)
		}
	default:
		all[at] = value
	}
}

// RFC 6901 section 3.
var (
	escaped   = strings.NewReplacer("~", "~0", "/", "~1")
	unescaped = strings.NewReplacer("~1", "/", "~0", "~")
)

// To is the pointer to a member of what p names (RFC 6901 section 3).
func (p Pointer) To(member string) Pointer {
	return p + "/" + Pointer(escaped.Replace(member))
}

// Steps are the names that a JSON pointer goes through.
func (p Pointer) Steps() []string {
	steps := strings.Split(strings.TrimPrefix(string(p), "/"), "/")
	for i, step := range steps {
		steps[i] = unescaped.Replace(step)
	}
	return steps
}

// Last is the name at the end of the pointer, the member or parameter that carries the value.
func (p Pointer) Last() string {
	if name, ok := p.InLocation(); ok {
		return name
	}
	steps := p.Steps()
	return steps[len(steps)-1]
}
