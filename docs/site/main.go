// Command site makes plain HTML of README.md and the pages of docs, which can be read and searched without a network: make docs.
package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

//go:embed page.html
var layout string

//go:embed site.css
var style []byte

//go:embed search.js
var script []byte

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: site TREE DIR")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// page is one of the site's.
type page struct {
	Source string // in the tree, with slashes
	File   string // in the site
	Title  string
	Body   template.HTML
	Depth  string // what leads from the page to the site's root

	document ast.Node
	markdown []byte
	headings []string // ids
	entries  []entry
}

// entry is what a search finds: a part of a page, from one heading to the next.
type entry struct {
	File    string `json:"file"`
	Page    string `json:"page"`
	ID      string `json:"id"`
	Heading string `json:"heading"`
	Text    string `json:"text"`
}

// write makes the site of a tree in a folder. The error has every link that leads nowhere, a line each.
func write(tree, dir string) error {
	pages, err := read(tree)
	if err != nil {
		return err
	}
	shown, err := template.New("page").Parse(layout)
	if err != nil {
		return err
	}
	files := map[string][]byte{"site.css": style, "search.js": script}
	var found []entry
	var wrong []error
	for _, p := range pages {
		wrong = append(wrong, p.link(tree, pages)...)
		var body, whole bytes.Buffer
		if err := markdown().Renderer().Render(&body, p.markdown, p.document); err != nil {
			return err
		}
		p.Body = template.HTML(body.String()) // of our own documents
		if err := shown.Execute(&whole, struct {
			*page
			Pages []*page
		}{p, pages}); err != nil {
			return err
		}
		files[p.File] = whole.Bytes()
		found = append(found, p.entries...)
	}
	if err := errors.Join(wrong...); err != nil {
		return err
	}
	index, err := json.Marshal(found)
	if err != nil {
		return err
	}
	files["index.js"] = slices.Concat([]byte("const entries = "), index, []byte(";\n"))
	for name, data := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func markdown() goldmark.Markdown {
	return goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithParserOptions(parser.WithAutoHeadingID()))
}

// read reads the pages of a tree: the README first, then where to begin, then the others by name.
func read(tree string) (pages []*page, err error) {
	var sources []string
	for _, pattern := range []string{"README.md", "docs/start.md", "docs/*.md", "deploy/*.md"} {
		found, err := filepath.Glob(filepath.Join(tree, filepath.FromSlash(pattern)))
		if err != nil {
			return nil, err
		}
		for _, file := range found {
			source, err := filepath.Rel(tree, file)
			if err != nil {
				return nil, err
			}
			if source = filepath.ToSlash(source); !slices.Contains(sources, source) {
				sources = append(sources, source)
			}
		}
	}
	for _, source := range sources {
		p := &page{Source: source, File: strings.TrimSuffix(source, ".md") + ".html"}
		if source == "README.md" {
			p.File = "index.html"
		}
		p.Depth = strings.Repeat("../", strings.Count(p.File, "/"))
		if p.markdown, err = os.ReadFile(filepath.Join(tree, filepath.FromSlash(source))); err != nil {
			return nil, err
		}
		p.document = markdown().Parser().Parse(text.NewReader(p.markdown), parser.WithContext(parser.NewContext(parser.WithIDs(ids{}))))
		p.index()
		pages = append(pages, p)
	}
	return pages, nil
}

// index notes the page's headings, and what stands below each.
func (p *page) index() {
	for node := p.document.FirstChild(); node != nil; node = node.NextSibling() {
		if heading, is := node.(*ast.Heading); is {
			id, _ := heading.AttributeString("id")
			words := plain(heading, p.markdown)
			if p.Title == "" {
				p.Title = words
			}
			p.headings = append(p.headings, string(id.([]byte)))
			p.entries = append(p.entries, entry{File: p.File, Page: p.Title, ID: string(id.([]byte)), Heading: words})
		} else if last := len(p.entries) - 1; last >= 0 {
			p.entries[last].Text += plain(node, p.markdown) + "\n"
		}
	}
}

// plain is a node's text without its markup.
func plain(node ast.Node, source []byte) string {
	var out strings.Builder
	_ = ast.Walk(node, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // this walker has no errors
		switch n := n.(type) {
		case *ast.Text:
			if entering {
				out.Write(n.Segment.Value(source))
				out.WriteByte(' ')
			}
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			if entering {
				out.Write(n.Lines().Value(source))
			}
		}
		return ast.WalkContinue, nil
	})
	return strings.Join(strings.Fields(out.String()), " ")
}

// link has the page's links lead to pages of the site, and those to other files of the tree nowhere: they are named, and not there to be read.
func (p *page) link(tree string, pages []*page) (wrong []error) {
	_ = ast.Walk(p.document, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		link, is := n.(*ast.Link)
		if !is || !entering || strings.Contains(string(link.Destination), "://") {
			return ast.WalkContinue, nil
		}
		file, id, _ := strings.Cut(string(link.Destination), "#")
		to := p
		if file != "" {
			source := path.Join(path.Dir(p.Source), file)
			at := slices.IndexFunc(pages, func(other *page) bool { return other.Source == source })
			if at < 0 {
				if _, err := os.Stat(filepath.Join(tree, filepath.FromSlash(source))); err != nil {
					wrong = append(wrong, fmt.Errorf("%s: there is no %s", p.Source, source))
				}
				link.Destination, link.Title = []byte("#"), []byte(source+" of the source tree")
				return ast.WalkContinue, nil
			}
			to = pages[at]
		}
		if id != "" && !slices.Contains(to.headings, id) {
			wrong = append(wrong, fmt.Errorf("%s: %s has no heading #%s", p.Source, to.Source, id))
		}
		link.Destination = []byte(p.Depth + to.File)
		if id != "" {
			link.Destination = []byte(p.Depth + to.File + "#" + id)
		}
		return ast.WalkContinue, nil
	})
	return wrong
}

// ids names headings as the places do where people read Markdown, so that a link leads to the same heading everywhere.
type ids map[string]int

func (i ids) Generate(value []byte, _ ast.NodeKind) []byte {
	var id strings.Builder
	for _, r := range strings.ToLower(string(value)) {
		switch {
		case r == ' ':
			id.WriteByte('-')
		case r == '-', r == '_', r >= '0' && r <= '9', r >= 'a' && r <= 'z', r > 0x7f && r != '…' && r != '’' && r != '→':
			id.WriteRune(r)
		}
	}
	n := i[id.String()]
	i[id.String()]++
	if n > 0 {
		return fmt.Appendf(nil, "%s-%d", id.String(), n)
	}
	return []byte(id.String())
}

func (i ids) Put(value []byte) { i[string(value)]++ }
