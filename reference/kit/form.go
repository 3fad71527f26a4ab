package kit

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"unicode/utf8"
)

// BodyForm is wrong with a body that should be a form.
var BodyForm = &BodyFault{http.StatusBadRequest, "the body is no well-formed form."}

// ReadForm is as strict as ReadObject: well-formed UTF-8 and no member twice. The members of a form are
// strings.
func ReadForm(body string) (Fields, *BodyFault) {
	if body == "" {
		return nil, BodyEmpty
	}
	form, err := url.ParseQuery(body)
	if err != nil {
		return nil, BodyForm
	}
	if len(form) > MaxMembers {
		return nil, BodyCrowded
	}
	found := Fields{}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		values := form[name]
		if len(values) > 1 {
			return nil, BodyDuplicate
		}
		if !utf8.ValidString(name) || !utf8.ValidString(values[0]) {
			return nil, BodyForm
		}
		found = append(found, Field{Name: name, Raw: AppendString(nil, values[0])})
	}
	return found, nil
}
