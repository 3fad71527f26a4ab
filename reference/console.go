package reference

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"gonogo/reference/kit"

	swagger "github.com/swaggest/swgui/v5/static"
)

// swaggerUI is the part of Swagger UI that the console loads, by file name.
var swaggerUI = map[string]func() []byte{
	"swagger-ui.css":                  swaggerFile("swagger-ui.css"),
	"swagger-ui-bundle.js":            swaggerFile("swagger-ui-bundle.js"),
	"swagger-ui-standalone-preset.js": swaggerFile("swagger-ui-standalone-preset.js"),
}

// swaggerFile is a file as it was before it was compressed: a browser on
// loopback does not need it so.
func swaggerFile(name string) func() []byte {
	return sync.OnceValue(func() (content []byte) {
		compressed, err := swagger.FS.ReadFile(name + ".gz")
		var unzip *gzip.Reader
		if err == nil {
			unzip, err = gzip.NewReader(bytes.NewReader(compressed))
		}
		if err == nil {
			content, err = io.ReadAll(unzip)
		}
		if err != nil {
			panic("reference: " + err.Error()) // a broken build, never input
		}
		return content
	})
}

// consolePage is the console of all documents, for a human to try what they
// describe. "View the various API methods available, their required
// parameters, and try them out using the API Test Console"
func (s *Server) consolePage(c *kit.Call) kit.Answer {
	type entry struct {
		URL  string `json:"url"`
		Name string `json:"name"`
	}
	entries := []entry{}
	for _, dialect := range s.config.Dialects {
		if documents()[dialect] != nil {
			entries = append(entries, entry{docsPath + dialect + ".json", dialect})
		}
	}
	list, err := json.Marshal(entries)
	if err != nil {
		panic(err)
	}
	return sitePage("console", s.consolePolicy(c.Request), struct {
		frame
		Documents string
	}{s.frame("Console", consolePath), string(list)})
}

// consolePolicy lets the console try the consent page of a WWW listener too.
func (s *Server) consolePolicy(r *http.Request) string {
	if s.www == nil {
		return sitePolicy
	}
	return strings.Replace(sitePolicy, "connect-src 'self'", "connect-src 'self' "+s.addressOf(s.www, r), 1)
}

// consoleOf is the console with a dialect's document chosen.
func consoleOf(dialect string) string {
	return consolePath + "?urls.primaryName=" + url.QueryEscape(dialect)
}
