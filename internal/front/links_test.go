package front_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gonogo/internal/front"
)

// elsewhere is a transport that finds an upstream of any name at one address.
func elsewhere(at *url.URL) http.RoundTripper {
	transport := &http.Transport{DisableCompression: true}
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		r.URL.Scheme, r.URL.Host = at.Scheme, at.Host
		return transport.RoundTrip(r)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func address(text string) *url.URL {
	u, err := url.Parse(text)
	if err != nil {
		panic(err)
	}
	return u
}

// staged puts a front before upstreams of the given names; all of them say one answer.
func staged(t *testing.T, servers map[string]string, says func(w http.ResponseWriter, r *http.Request)) (*front.Front, *seen) {
	t.Helper()
	return stand(t, http.HandlerFunc(says), func(c *front.Config) {
		c.Transport = elsewhere(c.Servers[""].Upstream)
		c.Servers = map[string]front.Server{}
		for name, upstream := range servers {
			c.Servers[name] = front.Server{Upstream: address(upstream)}
		}
	})
}

// TestLinksLeadToTheWatchedAddress, in whatever form a text has them. A and B stand for the two watched addresses.
func TestLinksLeadToTheWatchedAddress(t *testing.T) {
	var says, kind, coding string
	f, s := staged(t, map[string]string{"": "https://api.example.com/v2", "consent": "http://www.example.com:8080"}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		if coding != "" {
			w.Header().Set("Content-Encoding", coding)
		}
		w.Header().Set("Content-Digest", "sha-256=:x:")
		_, _ = io.WriteString(w, says)
	})
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	defer client.CloseIdleConnections()
	try := func(t *testing.T, want string) {
		t.Helper()
		response, err := client.Get(f.URL("").String())
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		want = strings.NewReplacer("{A}", f.URL("").Host, "{B}", f.URL("consent").Host, "{A%}", url.QueryEscape(f.URL("").Host), "{B%}", url.QueryEscape(f.URL("consent").Host)).Replace(want)
		if string(body) != want {
			t.Errorf("%q became\n%q, want\n%q", says, body, want)
		}
		x := s.next(t)
		if changed := string(body) != says; string(x.Answer.Body) != string(body) || string(x.Origin.Body) != says || x.Deed != "" || changed == (response.Header.Get("Content-Digest") != "") {
			t.Errorf("%+v %q %v", x, x.Answer.Body, response.Header)
		}
	}
	for _, c := range [][2]string{
		{`{"next": "https://api.example.com/v2/orders?page=2"}`, `{"next": "http://{A}/v2/orders?page=2"}`},
		{`{"next": "https:\/\/api.example.com\/v2"}`, `{"next": "http:\/\/{A}\/v2"}`},
		{`{"next": "https:\u002f\u002Fapi.example.com\u002fv2"}`, `{"next": "http:\u002f\u002F{A}\u002fv2"}`},
		{`{"issuer":"https://api.example.com","a":"http://www.example.com:8080/x"}`, `{"issuer":"http://{A}","a":"http://{B}/x"}`},
		{`<a href="/login?then=https%3A%2F%2Fapi.example.com%2Fv2">`, `<a href="/login?then=http%3A%2F%2F{A%}%2Fv2">`},
		{`<a href=/?then%3Dhttp%3A%2F%2Fwww.example.com%3A8080%2Fx>`, `<a href=/?then%3Dhttp%3A%2F%2F{B%}%2Fx>`},
		{`<form action="https:&#x2F;&#x2F;api.example.com&#x2F;v2">`, `<form action="http:&#x2F;&#x2F;{A}&#x2F;v2">`},
		{`<script src="//www.example.com:8080/a.js">`, `<script src="//{B}/a.js">`},
		{`https://api.example.com:443/v2 and https://api.example.com/v2`, `http://{A}/v2 and http://{A}/v2`},
		// what only looks like it
		{`https://api.example.com.evil.example/ https://api.example.com:8443/ https://api.example.com-x/`, `https://api.example.com.evil.example/ https://api.example.com:8443/ https://api.example.com-x/`},
		{`https://api.example.com@evil.example/ http://api.example.com/ http://www.example.com/`, `https://api.example.com@evil.example/ http://api.example.com/ http://www.example.com/`},
		{`https://www.example.com:8080/ http://www.example.com:80800/ api.example.com // api.example.com`, `https://www.example.com:8080/ http://www.example.com:80800/ api.example.com // api.example.com`},
		{`a comment //api.example.com is no link`, `a comment //api.example.com is no link`},
	} {
		for kind = range strings.SplitSeq("application/json|text/html; charset=utf-8|application/problem+json|application/x-www-form-urlencoded|TEXT/PLAIN|", "|") {
			says = c[0]
			try(t, c[1])
		}
	}
	says = "https://api.example.com/v2"
	for kind = range strings.SplitSeq("image/png|application/octet-stream|application/zip", "|") {
		try(t, says)
	}
	kind, coding = "application/json", "gzip"
	says = zipped(`{"next": "https://api.example.com/v2"}`)
	try(t, `{"next": "http://{A}/v2"}`)
	says = zipped(`{"next": null}`)
	try(t, says)
	coding, says = "br", "https://api.example.com/v2, which no one can read"
	try(t, says)
}

// TestWhatAHeadNames: links, and the cookies of upstream's host.
func TestWhatAHeadNames(t *testing.T) {
	says := http.Header{}
	f, s := staged(t, map[string]string{"": "https://api.example.com/v2", "consent": "https://www.example.com"}, func(w http.ResponseWriter, _ *http.Request) {
		for name, values := range says {
			w.Header()[name] = values
		}
		w.WriteHeader(http.StatusFound)
	})
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, c := range [][3]string{
		{"Location", "https://www.example.com/consent?client_id=1", "http://{B}/consent?client_id=1"},
		{"Location", "//www.example.com/consent", "//{B}/consent"},
		{"Location", "/v2/consent", "/v2/consent"},
		{"Location", "https://client.example/cb?iss=https%3A%2F%2Fapi.example.com", "https://client.example/cb?iss=http%3A%2F%2F{A%}"},
		{"Content-Location", "https://api.example.com/v2/orders/1", "http://{A}/v2/orders/1"},
		{"Link", `<https://api.example.com/v2/orders?page=2>; rel="next"`, `<http://{A}/v2/orders?page=2>; rel="next"`},
		{"Www-Authenticate", `Bearer resource_metadata="https://api.example.com/.well-known/x"`, `Bearer resource_metadata="http://{A}/.well-known/x"`},
		{"Content-Security-Policy", "form-action 'self' https://www.example.com; x", "form-action 'self' http://{B}; x"},
		{"Set-Cookie", "a=1; Domain=.example.com; Path=/; HttpOnly", "a=1; Path=/; HttpOnly"},
		{"Set-Cookie", "a=1; domain=api.example.com; Secure; SameSite=None", "a=1"},
		{"Set-Cookie", "a=1; Domain=other.example; Secure; SameSite=Lax", "a=1; Domain=other.example; SameSite=Lax"},
		{"Set-Cookie", "a=Domain=x", "a=Domain=x"},
	} {
		says = http.Header{c[0]: {c[1]}}
		response, err := client.Get(f.URL("").String())
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		want := strings.NewReplacer("{A}", f.URL("").Host, "{B}", f.URL("consent").Host, "{A%}", url.QueryEscape(f.URL("").Host)).Replace(c[2])
		if got := response.Header.Get(c[0]); got != want {
			t.Errorf("%s: %s became %s, want %s", c[0], c[1], got, want)
		}
		if x := s.next(t); x.Origin.Header.Get(c[0]) != c[1] || x.Answer.Header.Get(c[0]) != want {
			t.Errorf("%+v", x)
		}
	}
}

// TestWhatCannotBeRewritten: what upstream has signed stays as it is, and is told.
func TestWhatCannotBeRewritten(t *testing.T) {
	token := func(claims string) string {
		return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"ES256"}`)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2lnbmVk"
	}
	says := ""
	f, s := staged(t, map[string]string{"": "https://api.example.com/v2"}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", r.URL.Query().Get("as"))
		_, _ = io.WriteString(w, says)
	})
	for _, c := range []struct{ as, says, sealed string }{
		{"application/json", `{"id_token":"` + token(`{"iss":"https://api.example.com","sub":"1"}`) + `"}`, "[iss]"},
		{"application/jwt", token(`{"iss":"https://api.example.com/v2","aud":["x","https://api.example.com/v2/orders"],"n":1}`), "[aud iss]"},
		{"application/json", `{"access_token":"` + token(`{"iss":"https://api.example.com.evil.example"}`) + `"}`, "[]"},
		{"application/json", `{"access_token":"eyJub.eyJub.eyJub", "other":"` + token(`[]`) + `"}`, "[]"},
	} {
		says = c.says
		response, err := http.Get(f.URL("").String() + "?as=" + url.QueryEscape(c.as))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if x := s.next(t); string(body) != says || fmt.Sprint(x.Sealed) != c.sealed {
			t.Errorf("%s became %s, with %q sealed, want %s", says, body, x.Sealed, c.sealed)
		}
	}
}

// TestWhatARequestNames: upstream is asked under its own name, from its own pages.
func TestWhatARequestNames(t *testing.T) {
	var got *http.Request
	f, s := staged(t, map[string]string{"": "https://api.example.com/v2", "consent": "https://www.example.com"}, func(_ http.ResponseWriter, r *http.Request) { got = r })
	api, consent := f.URL(""), f.URL("consent")
	for _, c := range []struct{ at, origin, referer, host, wantOrigin, wantReferer string }{
		{api.String(), "http://" + consent.Host, consent.String() + "/consent?a=1", "api.example.com", "https://www.example.com", "https://www.example.com/consent?a=1"},
		{consent.String(), "http://" + consent.Host, consent.String() + "/", "www.example.com", "https://www.example.com", "https://www.example.com/"},
		{api.String(), "null", "https://client.example/", "api.example.com", "null", "https://client.example/"},
		{api.String(), "", "", "api.example.com", "", ""},
		{api.String(), "http://" + api.Host + "0", api.String() + "/x", "api.example.com", "http://" + api.Host + "0", "https://api.example.com/v2/x"},
	} {
		request, err := http.NewRequest(http.MethodPost, c.at, nil)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{"Origin": c.origin, "Referer": c.referer} {
			if value != "" {
				request.Header.Set(name, value)
			}
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if got.Host != c.host || got.Header.Get("Origin") != c.wantOrigin || got.Header.Get("Referer") != c.wantReferer {
			t.Errorf("%s %v, want %+v", got.Host, got.Header, c)
		}
		if x := s.next(t); x.Request.Header.Get("Origin") != c.origin || x.Request.Header.Get("Referer") != c.referer || !strings.HasPrefix(x.Request.URL.String(), c.at) {
			t.Errorf("%+v", x)
		}
	}
}

// TestServersOfOneHost: a link is the server's whose path it is below.
func TestServersOfOneHost(t *testing.T) {
	f, s := staged(t, map[string]string{"": "https://example.com/api", "consent": "https://example.com/api/consent", "www": "https://example.com"}, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `https://example.com/api/token https://example.com/api/consent?x "https:\/\/example.com\/api\/consent\/y" https://example.com/apix https://example.com`)
	})
	response, err := http.Get(f.URL("").String())
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	api, consent, www := f.URL("").Host, f.URL("consent").Host, f.URL("www").Host
	want := fmt.Sprintf(`http://%s/api/token http://%s/api/consent?x "http:\/\/%s\/api\/consent\/y" http://%s/apix http://%s`, api, consent, consent, www, www)
	if string(body) != want {
		t.Errorf("%s, want\n%s", body, want)
	}
	if x := s.next(t); x.Server != "" || f.URL("consent").Path != "/api/consent" || f.URL("nothing") != nil {
		t.Errorf("%+v", x)
	}
}

// TestANameThatClientsKnow: where it listens at every address, links bear the name that the client came by.
func TestANameThatClientsKnow(t *testing.T) {
	f, _ := stand(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "http://api.example.com/a http://www.example.com/b")
	}), func(c *front.Config) {
		c.Transport = elsewhere(c.Servers[""].Upstream)
		c.Servers = map[string]front.Server{"": {Listen: "0.0.0.0:0", Upstream: address("http://api.example.com")}, "consent": {Listen: "0.0.0.0:0", Upstream: address("http://www.example.com")}}
	})
	_, port, _ := net.SplitHostPort(f.URL("consent").Host)
	for host, want := range map[string]string{
		"watched.internal:9000": "http://watched.internal:9000/a http://watched.internal:" + port + "/b",
		"watched.internal":      "http://watched.internal/a http://watched.internal:" + port + "/b",
		"[::1]:9000":            "http://[::1]:9000/a http://[::1]:" + port + "/b",
	} {
		got := raw(t, f, "GET / HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n")
		if _, body, _ := strings.Cut(got, "\r\n\r\n"); body != want {
			t.Errorf("at %s: %s, want %s", host, body, want)
		}
	}
}
