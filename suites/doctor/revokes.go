package doctor

import (
	"net/http"
	"net/url"

	"gonogo/internal/operation"
	"gonogo/suites/scene"
)

// revokes looks whether anybody is at the path that the target file names. Without a token nothing ends.
func revokes(t *scene.Trial, op *operation.Op) {
	reply := t.Call(op, operation.Args{NoAuth: true}, "without a token")
	where := op.Name()
	if at, err := url.Parse(reply.URL); err == nil {
		where = reply.Method + " " + at.Path // the target file's, and not the document's
	}
	got := where + " without a token is answered " + reply.Got()
	if reply.Status == http.StatusNotFound || reply.Status == http.StatusMethodNotAllowed {
		t.CouldNotRun("%s; check settings.revoke_path in the target file", got)
	}
	well(t, "%s", got)
}
