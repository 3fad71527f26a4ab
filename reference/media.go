package reference

import (
	"mime"
	"strings"
)

// isJSON: application/json with any parameters, in any case, or a +json type.
func isJSON(contentType string) bool {
	if contentType == "application/json" { // what nearly everybody sends
		return true
	}
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (media == "application/json" ||
		strings.HasPrefix(media, "application/") && strings.HasSuffix(media, "+json"))
}

// isForm: application/x-www-form-urlencoded with any parameters.
func isForm(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == "application/x-www-form-urlencoded"
}
