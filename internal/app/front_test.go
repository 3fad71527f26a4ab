package app_test

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// front stands before a reference server, as a gateway stands before a vendor's.
type front struct {
	url    string
	seen   atomic.Int64
	server *http.Server
	gone   chan struct{} // closed when it died
	once   sync.Once
}

// proxyTo passes requests on, without the path prefix.
func proxyTo(t *testing.T, backend, prefix string) *httputil.ReverseProxy {
	t.Helper()
	to, err := url.Parse(backend)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	return &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.URL.Path = strings.TrimPrefix(r.In.URL.Path, prefix)
			r.Out.URL.RawPath = ""
			r.SetXForwarded()
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
}

// dyingFront answers a number of requests and then closes its listener and every connection, as a server does
// that is killed in the middle of a run.
func dyingFront(t *testing.T, backend string, after int64) *front {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &front{url: "http://" + listener.Addr().String(), gone: make(chan struct{})}
	proxy := proxyTo(t, backend, "")
	f.server = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.seen.Add(1) > after {
			f.once.Do(func() {
				_ = f.server.Close()
				close(f.gone)
			})
			panic(http.ErrAbortHandler)
		}
		proxy.ServeHTTP(w, r)
	})}
	go func() { _ = f.server.Serve(listener) }()
	t.Cleanup(func() { _ = f.server.Close() })
	return f
}

// gateway serves the backend under a prefix, for those who have the key.
func gateway(t *testing.T, backend, prefix, key string) string {
	t.Helper()
	proxy := proxyTo(t, backend, prefix)
	g := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Gateway-Key") != key {
			http.Error(w, "who are you?", http.StatusForbidden)
			return
		}
		if !strings.HasPrefix(r.URL.Path, prefix+"/") {
			http.NotFound(w, r)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(g.Close)
	return g.URL + prefix
}

// encrypted serves the backend over TLS and returns its authority as a PEM file.
func encrypted(t *testing.T, backend string) (address, caFile string) {
	t.Helper()
	s := httptest.NewUnstartedServer(proxyTo(t, backend, ""))
	s.Config.ErrorLog = quietLog()
	s.StartTLS()
	t.Cleanup(s.Close)
	block := &pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}
	return s.URL, written(t, "ca.pem", string(pem.EncodeToMemory(block)))
}

// recorder is a front that remembers every secret that passes it.
type recorder struct {
	mu     sync.Mutex
	values map[string]bool // secrets
	sent   map[string]bool // whatever stood where secrets stand in a request
}

// secretNames are members, parameters and cookies whose values nobody else may see.
var secretNames = []string{"access_token", "refresh_token", "client_secret", "code", "password", "cookie"}

func (r *recorder) add(value string) {
	if len(value) < 8 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.values[value] = true
}

func (r *recorder) read(header http.Header, body []byte) {
	var members map[string]any
	if json.Unmarshal(body, &members) == nil {
		for _, name := range secretNames {
			if value, ok := members[name].(string); ok {
				r.add(value)
			}
		}
	}
	if location, err := url.Parse(header.Get("Location")); err == nil {
		r.add(location.Query().Get("code"))
	}
	for _, cookie := range (&http.Response{Header: header}).Cookies() {
		r.add(cookie.Value)
	}
}

// readRequest remembers what a request carries: near misses of secrets are as good as half of one.
func (r *recorder) readRequest(request *http.Request) {
	var sent []string
	for _, values := range request.URL.Query() {
		sent = append(sent, values...)
	}
	_, credentials, _ := strings.Cut(request.Header.Get("Authorization"), " ")
	body := drained(request.Body)
	request.Body = io.NopCloser(bytes.NewReader(body))
	var members map[string]any
	_ = json.Unmarshal(body, &members)
	for _, member := range members {
		if value, ok := member.(string); ok {
			sent = append(sent, value)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, value := range append(sent, credentials) {
		r.sent[value] = true
	}
}

// secrets are all values to search for: what is secret, and what begins like it.
func (r *recorder) secrets() []string {
	const alike = 8
	r.mu.Lock()
	defer r.mu.Unlock()
	begin := map[string]bool{}
	for value := range r.values {
		begin[value[:alike]] = true
	}
	found := slices.Collect(maps.Keys(r.values))
	for value := range r.sent {
		if len(value) >= alike && begin[value[:alike]] && !r.values[value] {
			found = append(found, value)
		}
	}
	return found
}

// recording passes on to a backend and remembers what it is sent and what it answers.
func (r *recorder) recording(t *testing.T, backend string) string {
	t.Helper()
	proxy := proxyTo(t, backend, "")
	proxy.ModifyResponse = func(response *http.Response) error {
		body := drained(response.Body)
		response.Body = io.NopCloser(bytes.NewReader(body))
		r.read(response.Header, body)
		return nil
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r.readRequest(request)
		proxy.ServeHTTP(w, request)
	}))
	t.Cleanup(s.Close)
	return s.URL
}
