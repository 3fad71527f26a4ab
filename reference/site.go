package reference

import (
	"bytes"
	"cmp"
	"embed"
	"html/template"
	"net"
	"net/http"
	"net/url"
	"path"
	"strconv"

	"gonogo/reference/kit"
)

// The site is what a human finds here: the start page, the link helper and the
// console. It belongs to no dialect, so that no quirk changes it, and it works
// without any other host: everything it loads comes from this listener.
//
// All of it is on the API listener, because its scripts call the API and no
// other origin may. Where the consent pages have a listener of their own, that
// one shows the start page too and leads to the rest.
const (
	startPath   = "/"
	helperPath  = "/api_helper"
	docsPath    = "/api_docs/"
	consolePath = docsPath + "console" // as the kitchenmonki document names it
	assetsPath  = "/__pages/"
)

// sitePolicy lets a page load what this listener has and nothing else.
const sitePolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

//go:embed site
var siteFiles embed.FS

var siteTemplates = template.Must(template.ParseFS(siteFiles, "site/*.html"))

var mediaTypes = map[string][]string{
	".css":  {"text/css; charset=utf-8"},
	".js":   {"text/javascript; charset=utf-8"},
	".json": {"application/json"},
	".svg":  {"image/svg+xml"},
}

// addSite adds the site to what the listeners serve. The documented path of a
// dialect comes first.
func (s *Server) addSite(api, www kit.Routes) {
	add := func(to kit.Routes, path string, show kit.Handler) {
		if to[path] == nil {
			to.Add(s.unknown, kit.Route{Path: path, Page: true, Methods: map[string]kit.Handler{http.MethodGet: show, http.MethodHead: show}})
		}
	}
	both := func(path string, show kit.Handler) { add(api, path, show); add(www, path, show) }
	apiOnly := func(path string, show kit.Handler) {
		add(api, path, show)
		add(www, path, func(c *kit.Call) kit.Answer {
			to := url.URL{Path: path, RawQuery: c.URL.RawQuery}
			return kit.Answer{Status: http.StatusTemporaryRedirect, Location: s.addressOf(s.api, c.Request) + to.String()}
		})
	}
	both(startPath, s.startPage)
	for _, name := range []string{"site.css", "console.css", "console.js", "helper.js", "icon.svg"} {
		content, err := siteFiles.ReadFile("site/" + name)
		if err != nil {
			panic("reference: " + err.Error()) // a broken build, never input
		}
		both(assetsPath+name, func(*kit.Call) kit.Answer { return file(name, content) })
	}
	if s.services[helperDialect] != nil {
		apiOnly(helperPath, s.helperPage)
	}
	apiOnly(consolePath, s.consolePage)
	for name, content := range swaggerUI {
		add(api, docsPath+name, func(*kit.Call) kit.Answer { return file(name, content()) })
	}
	for _, dialect := range s.config.Dialects {
		if documents()[dialect] != nil {
			name := dialect + ".json"
			apiOnly(docsPath+name, func(c *kit.Call) kit.Answer { return file(name, s.publish(dialect, c.Request)) })
		}
	}
}

// file is an answer with a file's content.
func file(name string, content []byte) kit.Answer {
	return kit.Answer{Status: http.StatusOK, Page: content, Media: mediaTypes[path.Ext(name)]}
}

// sitePage is one of the site's pages.
func sitePage(name, policy string, view any) kit.Answer {
	var b bytes.Buffer
	if err := siteTemplates.ExecuteTemplate(&b, name+".html", view); err != nil {
		panic(err) // answered with 500 by the caller's recover
	}
	return kit.Answer{Status: http.StatusOK, Page: b.Bytes(), Policy: policy}
}

// frame is what the pages have around their content.
type frame struct {
	Title string
	At    string // the page's own path
	Pages []sitemap

	Negative bool // its dark scheme is the negative of the light one
}

type sitemap struct{ Path, Title, Text string }

func (s *Server) frame(title, at string) frame {
	pages := []sitemap{{startPath, "Start", ""}}
	if s.services[helperDialect] != nil {
		pages = append(pages, sitemap{helperPath, "Link helper", "Get tokens by hand, one step at a time: makes the links of the three grants and of the consent page, and takes the code that comes back."})
	}
	pages = append(pages, sitemap{consolePath, "Console", "Try every documented operation: the OpenAPI documents of the dialects, with this server filled in."})
	return frame{title, at, pages, at == consolePath}
}

// addressOf is a listener's address as the sender of a request reaches it. The
// Host header is anybody's claim, and believed only when it says loopback; a
// listener of every address is otherwise where the request arrived.
func (s *Server) addressOf(l *listener, r *http.Request) string {
	host, loopback := loopbackHost(r)
	arrived, _ := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	bound := l.Addr().(*net.TCPAddr)
	switch {
	case arrived == nil:
		return l.url()
	case loopback && arrived.Port == bound.Port:
		return "http://" + r.Host
	case !bound.IP.IsUnspecified():
		return l.url()
	case !loopback:
		host = arrived.IP.String()
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(bound.Port))
}

// loopbackHost is the host name of the Host header, if it is loopback's.
func loopbackHost(r *http.Request) (string, bool) {
	u := url.URL{Host: r.Host}
	host := u.Hostname()
	return host, isLoopback(host)
}

// isConsole: the request comes from the console on the API listener, which is
// another origin than a WWW listener, whose consent page it can try. Nobody is
// signed in there, because browsers send no cookies along.
func (s *Server) isConsole(r *http.Request) bool {
	if s.www == nil || r.Method != http.MethodGet {
		return false
	}
	origin, err := url.Parse(r.Header.Get("Origin"))
	port := strconv.Itoa(s.api.Addr().(*net.TCPAddr).Port)
	if err != nil || origin.Scheme != "http" || cmp.Or(origin.Port(), "80") != port {
		return false
	}
	arrived, _ := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return isLoopback(origin.Hostname()) || arrived != nil && arrived.IP.Equal(net.ParseIP(origin.Hostname()))
}
