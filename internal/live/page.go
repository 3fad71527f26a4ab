package live

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"sync"

	"gonogo/reports/html"
)

//go:embed page.html
var pageText string

//go:embed live.css
var ownStyle string

//go:embed live.js
var script string

var pageTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.New("").Parse(pageText)) })

// page is the page, and the policy that it is served under: its own style and script, and connections to where it came from.
func page(title string) (text []byte, policy string) {
	style := html.Style() + ownStyle
	var b bytes.Buffer
	if err := pageTemplate().Execute(&b, map[string]any{"Title": title, "Style": template.CSS(style), "Script": template.JS(script)}); err != nil {
		panic(err) // it is part of the program
	}
	return b.Bytes(), "default-src 'none'; script-src '" + hash(script) + "'; style-src '" + hash(style) + "'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
