package reference

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"gonogo/specs"
)

// documents are the OpenAPI documents of the dialects, as the console shows
// them: members in the order of the text, without the harness's own extension.
// Only their text comes from the harness; what it makes of them never does.
var documents = sync.OnceValue(func() map[string]yaml.MapSlice {
	read := map[string]yaml.MapSlice{}
	for _, d := range dialects {
		_, text, err := specs.Open(d.ID)
		if err != nil {
			continue // served without a document: the console does not list it
		}
		var document yaml.MapSlice
		if err := yaml.UnmarshalWithOptions(text, &document, yaml.UseOrderedMap()); err != nil {
			panic(fmt.Sprintf("reference: the document of %s: %v", d.ID, err)) // a broken build, never input
		}
		read[d.ID] = withoutExtension(document).(yaml.MapSlice)
	}
	return read
})

func withoutExtension(v any) any {
	switch v := v.(type) {
	case yaml.MapSlice:
		kept := make(yaml.MapSlice, 0, len(v))
		for _, item := range v {
			if item.Key != "x-gonogo" {
				kept = append(kept, yaml.MapItem{Key: item.Key, Value: withoutExtension(item.Value)})
			}
		}
		return kept
	case []any:
		kept := make([]any, len(v))
		for i := range v {
			kept[i] = withoutExtension(v[i])
		}
		return kept
	}
	return v
}

// publish is a dialect's document as JSON, its servers replaced by the
// listeners of this server.
func (s *Server) publish(dialect string, r *http.Request) []byte {
	at := func(l *listener, what string) any {
		return []any{yaml.MapSlice{{Key: "url", Value: s.addressOf(l, r)}, {Key: "description", Value: "this test server, " + what}}}
	}
	document := with(documents()[dialect], "servers", at(s.api, "API"))
	paths := s.served(dialect)
	for i, item := range paths {
		operations, isPath := item.Value.(yaml.MapSlice)
		if !isPath {
			continue
		}
		operations = without(operations, "servers")
		for j, operation := range operations {
			if fields, isOperation := operation.Value.(yaml.MapSlice); isOperation {
				operations[j].Value = without(fields, "servers")
			}
		}
		if s.onWWW(dialect, fmt.Sprint(item.Key)) {
			operations = with(operations, "servers", at(s.www, "consent pages"))
		}
		paths[i].Value = operations
	}
	text, err := yaml.MarshalWithOptions(with(document, "paths", paths), yaml.JSON())
	if err != nil {
		panic(err) // a broken build, never input
	}
	return text
}

// endpoint is one documented operation.
type endpoint struct {
	Method  string
	Path    string
	Summary string
	OnWWW   bool   // on the listener for humans
	Try     string // the operation in the console
}

// endpoints are a document's operations in its own order.
func (s *Server) endpoints(dialect string) []endpoint {
	var list []endpoint
	for _, item := range s.served(dialect) {
		operations, _ := item.Value.(yaml.MapSlice)
		for _, operation := range operations {
			method := strings.ToUpper(fmt.Sprint(operation.Key))
			fields, isOperation := operation.Value.(yaml.MapSlice)
			if !isOperation || !slices.Contains([]string{"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"}, method) {
				continue
			}
			e := endpoint{Method: method, Path: fmt.Sprint(item.Key), Summary: line(fields, "summary"), Try: consoleOf(dialect)}
			e.OnWWW = s.onWWW(dialect, e.Path)
			if tags, _ := valueOf(fields, "tags").([]any); len(tags) > 0 && line(fields, "operationId") != "" {
				e.Try += fmt.Sprintf("#/%v/%s", tags[0], line(fields, "operationId"))
			}
			list = append(list, e)
		}
	}
	return list
}

// served are the documented paths that there are here: a document can name more places than one for the same thing.
func (s *Server) served(dialect string) (paths yaml.MapSlice) {
	for _, item := range section(documents()[dialect], "paths") {
		if slices.Contains(s.paths[dialect], fmt.Sprint(item.Key)) {
			paths = append(paths, item)
		}
	}
	return paths
}

// onWWW: the path is answered on the WWW listener.
func (s *Server) onWWW(dialect, path string) bool {
	return s.www != nil && slices.Contains(s.pages[dialect], path)
}

func valueOf(m yaml.MapSlice, name string) any {
	for _, item := range m {
		if item.Key == name {
			return item.Value
		}
	}
	return nil
}

func section(m yaml.MapSlice, name string) yaml.MapSlice {
	inner, _ := valueOf(m, name).(yaml.MapSlice)
	return inner
}

func line(m yaml.MapSlice, name string) string {
	text, _ := valueOf(m, name).(string)
	return text
}

// with is a copy with one member replaced in its place, or added.
func with(m yaml.MapSlice, name string, value any) yaml.MapSlice {
	m = slices.Clone(m)
	at := slices.IndexFunc(m, func(item yaml.MapItem) bool { return item.Key == name })
	if at < 0 {
		return append(m, yaml.MapItem{Key: name, Value: value})
	}
	m[at].Value = value
	return m
}

// without is a copy lacking one member.
func without(m yaml.MapSlice, name string) yaml.MapSlice {
	return slices.DeleteFunc(slices.Clone(m), func(item yaml.MapItem) bool { return item.Key == name })
}
