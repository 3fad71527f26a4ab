package kit

import (
	"mime"
	"strings"
)

// IsJSON: application/json with any parameters, in any case, or a +json type.
func IsJSON(contentType string) bool {
	if contentType == "application/json" { // what nearly everybody sends
		return true
	}
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (media == "application/json" ||
		strings.HasPrefix(media, "application/") && strings.HasSuffix(media, "+json"))
}

// IsForm: application/x-www-form-urlencoded with any parameters.
func IsForm(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == "application/x-www-form-urlencoded"
}
