package kit

import (
	"net/http"
	"path"
	"strings"
)

// paths are the quirks of how the path of a request is read, under ids of a dialect's own. row says that what is no live token opens
// nothing, and letIn opens it.
func paths[D Served](dialect, row string, letIn func(...When) func(D)) (all []Declared[D]) {
	respells := func(respell func(string) string) func(D) {
		return func(d D) { d.Base().Respell = respell }
	}
	opens := func(id, text string, respell func(string) string) {
		all = append(all, Defect(dialect+"-"+id, row, text+" opens it without a token.", respells(respell), letIn(respelt)))
	}
	opens("slash-opens", "A slash after a protected path", func(p string) string { return strings.TrimSuffix(p, "/") })
	opens("doubled-slash-opens", "A doubled slash in a protected path", func(p string) string { return strings.ReplaceAll(p, "//", "/") })
	opens("other-case-opens", "A protected path in upper case", strings.ToLower)
	opens("dot-segment-opens", "A dot segment in a protected path", path.Clean)
	opens("path-parameter-opens", "A parameter in the last segment of a protected path", func(p string) string { bare, _, _ := strings.Cut(p, ";"); return bare })
	all = append(all, Defect(dialect+"-slash-shows-less", row, "A slash after a protected path opens it without a token, and shows a list without elements.",
		respells(func(p string) string { return strings.TrimSuffix(p, "/") }), letIn(respelt), func(d D) {
			d.Base().OnSending(func(c *Call, a Answer) Answer {
				if c.At != "" && respelt(c) && !a.Refusal() && len(a.Body) > 0 {
					a.Body = Object{{a.Body[0].Name, Raw("[]")}}
				}
				return a
			})
		}))
	all = append(all, Defect(dialect+"-escaped-letter-opens", row, "A letter of a protected path that is escaped opens it without a token.", letIn(func(c *Call) bool { return c.URL.RawPath != "" })))
	liberty := func(id, text string, deeds ...func(D)) {
		all = append(all, Liberty(dialect+"-"+id, row, text, deeds...))
	}
	normal := func(p string) string { return strings.ToLower(path.Clean(p)) }
	liberty("paths-normalized", "Slashes, dot segments and case make no difference to a path.", respells(normal))
	liberty("paths-redirected", "Other spellings of a path are redirected to it.", respells(normal), func(d D) {
		d.Base().Before(func(c *Call) (Answer, bool) {
			return Answer{Status: http.StatusPermanentRedirect, Location: c.At, Page: []byte{}}, respelt(c)
		})
	})
	liberty("unknown-paths-200", "What is at no path is answered with a page and 200.", func(d D) {
		d.Base().OnEvery(func(c *Call, a Answer) Answer {
			a.Status, a.Page = http.StatusOK, []byte("<!DOCTYPE html><title>Welcome</title>\n")
			return a
		}, At(""))
	})
	return all
}

// respelt: the path of the request is not written as that of its route.
func respelt(c *Call) bool { return c.URL.Path != c.At }
