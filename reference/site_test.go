package reference

import (
	"context"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonogo/reference/kitchenmonki"

	"github.com/getkin/kin-openapi/openapi3"
)

func TestSitePages(t *testing.T) {
	c := talk(t, start(t, Config{WWW: "127.0.0.1:0"}))
	for path, media := range map[string]string{
		startPath: "text/html; charset=utf-8", helperPath: "text/html; charset=utf-8", consolePath: "text/html; charset=utf-8",
		assetsPath + "site.css": "text/css; charset=utf-8", assetsPath + "helper.js": "text/javascript; charset=utf-8", assetsPath + "icon.svg": "image/svg+xml",
		docsPath + "swagger-ui.css": "text/css; charset=utf-8", docsPath + "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
		docsPath + "kitchenmonki.json": "application/json",
	} {
		g := c.do("GET", path, "")
		if g.status != 200 || g.header.Get("Content-Type") != media || g.header.Get("X-Content-Type-Options") != "nosniff" || g.header.Get("Cache-Control") != "no-store" || len(g.body) < 100 {
			t.Errorf("%s: %d %v and %d bytes", path, g.status, g.header, len(g.body))
		}
		if head := c.do("HEAD", path, ""); head.status != 200 || head.header.Get("Content-Type") != media || head.body != "" {
			t.Errorf("HEAD %s: %d %v", path, head.status, head.header)
		}
		if post := c.do("POST", path, "{}"); post.status != 405 || post.header.Get("Allow") != "GET, HEAD, OPTIONS" {
			t.Errorf("POST %s: %d %v", path, post.status, post.header)
		}
		policy := g.header.Get("Content-Security-Policy")
		if strings.HasPrefix(media, "text/html") && (!strings.HasPrefix(policy, "default-src 'none'; style-src 'self'; script-src 'self'; ") || strings.Contains(policy, "unsafe")) {
			t.Errorf("%s has the policy %s", path, policy)
		}
	}
	for _, path := range []string{helperPath, consolePath + "?urls.primaryName=kitchenmonki", docsPath + "kitchenhub.json"} {
		if g := c.do("GET", c.s.WWWURL()+path, ""); g.status != 307 || g.header.Get("Location") != c.s.URL()+path {
			t.Errorf("the WWW listener answers %s with %d %s", path, g.status, g.header.Get("Location"))
		}
	}
	if g := c.do("GET", c.s.WWWURL()+"/", ""); g.status != 200 || !strings.Contains(g.body, c.s.URL()) || !strings.Contains(g.body, c.s.WWWURL()) {
		t.Errorf("the start page of the WWW listener: %d %s", g.status, g.body)
	}
}

func TestSiteOfOneDialect(t *testing.T) {
	c := talk(t, start(t, Config{Dialects: []string{"kitchenhub"}, Control: "off"}))
	if g := c.do("GET", "/", ""); strings.Contains(g.body, "kitchenmonki") || strings.Contains(g.body, helperPath) || !strings.Contains(g.body, "Control API</dt><dd>off") {
		t.Errorf("the start page of kitchenhub alone:\n%s", g.body)
	}
	c.refusedLike(c.do("GET", helperPath, ""), 404)
	c.refusedLike(c.do("GET", docsPath+"kitchenmonki.json", ""), 404)
	if g := c.do("GET", consolePath, ""); !strings.Contains(g.body, "kitchenhub.json") || strings.Contains(g.body, "kitchenmonki") {
		t.Errorf("the console of kitchenhub alone:\n%s", g.body)
	}
}

// A dialect's quirk must not change the pages that explain it.
func TestQuirksLeaveTheSiteAlone(t *testing.T) {
	var ids []string
	for _, q := range Liberties() {
		ids = append(ids, q.ID)
	}
	c := talk(t, start(t, Config{Liberties: ids}))
	for range 30 { // the liberties that act now and then do so within 17 requests
		if g := c.do("GET", consolePath, ""); g.err != nil || g.status != 200 || g.resp.Close {
			t.Fatalf("%d %v %v", g.status, g.header, g.err)
		}
	}
}

func TestPublishedDocuments(t *testing.T) {
	for _, cfg := range []Config{{}, {WWW: "127.0.0.1:0"}} {
		c := talk(t, start(t, cfg))
		for _, dialect := range Dialects() {
			g := c.do("GET", docsPath+dialect+".json", "")
			if g.status != 200 {
				t.Errorf("%s has no document: specs/%s.yaml is missing", dialect, dialect)
				continue
			}
			document, err := openapi3.NewLoader().LoadFromData([]byte(g.body))
			if err == nil {
				err = document.Validate(context.Background())
			}
			if err != nil {
				t.Errorf("the document of %s: %v", dialect, err)
				continue
			}
			if strings.Contains(g.body, "x-gonogo") || len(document.Servers) != 1 || document.Servers[0].URL != c.s.URL() {
				t.Errorf("the document of %s is not this server's: %s", dialect, g.body)
			}
			for path, item := range document.Paths.Map() {
				at := c.s.URL()
				if len(item.Servers) > 0 {
					at = item.Servers[0].URL
				}
				if len(item.Servers) > 1 || at != c.s.URL() && at != c.s.WWWURL() {
					t.Errorf("%s of %s is at %v", path, dialect, item.Servers)
				}
				for method := range item.Operations() {
					if allow := c.do("OPTIONS", at+path, "").header.Get("Allow"); !slices.Contains(strings.Split(allow, ", "), method) {
						t.Errorf("%s %s of %s is documented, but the server allows %q", method, path, dialect, allow)
					}
				}
			}
		}
	}
}

func TestDocumentsKeepTheirOrder(t *testing.T) {
	g := talk(t, start(t, Config{})).do("GET", docsPath+"kitchenhub.json", "")
	var last int
	for _, path := range []string{`"openapi"`, `"/v2/auth/token"`, `"/v2/auth/refresh"`, `"/v2/auth/validate"`, `"/v2/orders"`, `"components"`} {
		at := strings.Index(g.body, path)
		if at <= last && last > 0 || at < 0 {
			t.Errorf("%s is at %d, after %d", path, at, last)
		}
		last = at
	}
}

func TestRegeneratedSecretsStayOffThePages(t *testing.T) {
	c := talk(t, start(t, Config{}))
	one := c.account("kitchenmonki", kitchenmonki.HelperRole)
	fresh := c.control("rotate-secret", `{"client_id":"`+one.ID+`"}`).text("client_secret")
	for _, path := range []string{startPath, helperPath} {
		g := c.do("GET", path, "")
		if strings.Contains(g.body, fresh) || strings.Contains(g.body, one.Secret) || !strings.Contains(g.body, one.ID) {
			t.Errorf("%s shows a secret that is dead, or one that is not public:\n%s", path, g.body)
		}
	}
}

func TestHelperClientOfASeedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seeds.yaml")
	writeSeeds(t, path, `clients: [{dialect: kitchenmonki, role: helper, client_id: mine, client_secret: Gk2wHarbor, redirect_uri: "https://x.example.com/cb"}]`)
	if one := talk(t, start(t, Config{SeedFile: path})).account("kitchenmonki", kitchenmonki.HelperRole); one.RedirectURI != "https://x.example.com/cb" {
		t.Errorf("%+v", one)
	}
	writeSeeds(t, path, `clients: [{dialect: kitchenmonki, role: helper, client_id: mine, client_secret: Gk2wHarbor}]`)
	s := start(t, Config{SeedFile: path})
	if one := talk(t, s).account("kitchenmonki", kitchenmonki.HelperRole); one.RedirectURI != s.URL()+helperPath {
		t.Errorf("%+v", one)
	}
}

func writeSeeds(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// asked sends a GET with a Host header and an origin of the test's choice.
func (c *tester) asked(to, host, origin string) got {
	c.t.Helper()
	r, err := http.NewRequest(http.MethodGet, to, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Host = host
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	resp, err := c.client.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	g := got{status: resp.StatusCode, header: resp.Header}
	var document map[string]any
	if json.NewDecoder(resp.Body).Decode(&document) == nil {
		g.json = document
	}
	return g
}

func (g got) server() string {
	servers, _ := g.json["servers"].([]any)
	if len(servers) != 1 {
		return ""
	}
	first, _ := servers[0].(map[string]any)
	return first["url"].(string)
}

func TestHostHeaderIsBelievedForLoopbackOnly(t *testing.T) {
	for _, listen := range []string{"127.0.0.1:0", "0.0.0.0:0"} {
		c := talk(t, start(t, Config{Listen: listen, ExposeAnyAddress: true}))
		port := strconv.Itoa(c.s.api.Addr().(*net.TCPAddr).Port)
		for host, want := range map[string]string{
			"127.0.0.1:" + port:  "http://127.0.0.1:" + port,
			"localhost:9999":     "http://localhost:9999", // a port that is forwarded to this one
			"evil.example":       "http://127.0.0.1:" + port,
			"10.1.2.3:" + port:   "http://127.0.0.1:" + port,
			"localhost.evil.com": "http://127.0.0.1:" + port,
		} {
			if at := c.asked(c.s.URL()+docsPath+"kitchenhub.json", host, "").server(); at != want {
				t.Errorf("listening on %s and asked for %s, the document's server is %s, not %s", listen, host, at, want)
			}
		}
	}
}

// The code comes back to the registered address of the page, and what the
// browser keeps for another name of the same machine is not there.
func TestHelperHasOneAddress(t *testing.T) {
	c := talk(t, start(t, Config{}))
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(c.s.URL(), "http://"))
	g := c.asked(c.s.URL()+helperPath+"?code=x&state=y", "localhost:"+port, "")
	if g.status != 307 || g.header.Get("Location") != c.s.URL()+helperPath+"?code=x&state=y" {
		t.Errorf("%d %s", g.status, g.header.Get("Location"))
	}
	for _, host := range []string{"127.0.0.1:" + port, "localhost:9999", "evil.example:" + port} {
		if g := c.asked(c.s.URL()+helperPath, host, ""); g.status != 200 {
			t.Errorf("%s: %d %s", host, g.status, g.header.Get("Location"))
		}
	}
}

func TestOnlyTheConsoleReadsTheConsentPage(t *testing.T) {
	c := talk(t, start(t, Config{WWW: "127.0.0.1:0"}))
	one := c.account("kitchenmonki", "primary")
	authorize := c.s.WWWURL() + authorizeURL(one)
	host := strings.TrimPrefix(c.s.WWWURL(), "http://")
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(c.s.URL(), "http://"))
	for origin, readable := range map[string]bool{
		c.s.URL(): true, "http://localhost:" + port: true,
		"": false, "null": false, c.s.WWWURL(): false, "https://127.0.0.1:" + port: false, "http://evil.example:" + port: false, "http://localhost.evil.com:" + port: false, "http://127.0.0.1": false,
	} {
		allowed := c.asked(authorize, host, origin).header.Get("Access-Control-Allow-Origin")
		if readable != (allowed == origin && origin != "") || !readable && allowed != "" {
			t.Errorf("the origin %q is answered with Access-Control-Allow-Origin %q", origin, allowed)
		}
	}
	for _, path := range []string{"/v2/orders", "/v2/queue", "/v2/token/grant", helperPath, docsPath + "kitchenhub.json", startPath} {
		for name := range c.asked(c.s.URL()+path, "", c.s.WWWURL()).header {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s is answered with %s", path, name)
			}
		}
	}
	together := talk(t, start(t, Config{}))
	if g := together.asked(together.s.URL()+authorizeURL(one), "", together.s.URL()); g.header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("one listener for both, and still another origin")
	}
}

// Package doc: the text of the documents, and a guess at a misspelt word, is all that comes from the harness. Within
// the server, the kit knows no dialect and the dialects know the kit alone.
func TestOnlyDocumentsComeFromTheHarness(t *testing.T) {
	may := map[string][]string{".": {"gonogo/specs", "gonogo/internal/spell", "gonogo/reference/kit"}, "kit": {"gonogo/internal/spell"}, "reftest": {"gonogo/reference"}}
	for _, dialect := range Dialects() {
		may[dialect] = []string{"gonogo/reference/kit"}
		may["."] = append(may["."], "gonogo/reference/"+dialect)
	}
	files, err := filepath.Glob("*.go")
	inner, err2 := filepath.Glob("*/*.go")
	if err != nil || err2 != nil || len(files) == 0 || len(inner) == 0 {
		t.Fatal(files, err, inner, err2)
	}
	ours := strings.TrimSuffix(reflect.TypeFor[Config]().PkgPath(), "reference")
	seen := false
	for _, name := range append(files, inner...) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, imported := range tree.Imports {
			path, _ := strconv.Unquote(imported.Path.Value)
			if strings.HasPrefix(path, ours) && !slices.Contains(may[filepath.ToSlash(filepath.Dir(name))], path) || imported.Name != nil && path == "gonogo/specs" {
				t.Errorf("%s imports %s", name, path)
			}
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if selector, ok := n.(*ast.SelectorExpr); ok {
				if from, ok := selector.X.(*ast.Ident); ok && from.Name == "specs" {
					seen = true
					if selector.Sel.Name != "Open" {
						t.Errorf("%s uses specs.%s", name, selector.Sel.Name)
					}
				}
			}
			return true
		})
	}
	if !seen {
		t.Error("nothing uses specs any more")
	}
}
