package oauth2

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"gonogo/reference/kit"
)

// desk is a server of this dialect alone, without sockets.
type desk struct {
	t    testing.TB
	host *kit.Host
	door http.Handler
}

// open makes a server with some quirks on.
func open(t testing.TB, quirks ...string) *desk {
	t.Helper()
	host := &kit.Host{API: "https://issuer.example.com", Pages: "https://www.example.com", Seeded: seeds, Log: log.New(io.Discard, "", 0), Closing: make(chan struct{})}
	var err error
	if host.Accounts, err = kit.NewDirectory(seeds); err != nil {
		t.Fatal(err)
	}
	service, routes := Dialect.Open(host, func(id string) bool { return slices.Contains(quirks, id) })
	all := kit.Routes{}
	for _, r := range routes {
		all.Add(service, r)
	}
	return &desk{t, host, &kit.Dispatch{Host: host, Routes: all, Unknown: service, Seen: func(_ *kit.Call, _ *kit.Service, _ *kit.Route, a kit.Answer) kit.Answer { return a }}}
}

// got is an answer; its status is 0 where there was none.
type got struct {
	status int
	header http.Header
	body   string
	json   map[string]any
	extra  string // how it travelled
}

func (g got) text(name string) string { s, _ := g.json[name].(string); return s }

// do sends a request; header is a list of names and values.
func (d *desk) do(method, path, body string, header ...string) (g got) {
	d.t.Helper()
	defer func() {
		if p := recover(); p != nil {
			if p != http.ErrAbortHandler {
				panic(p)
			}
			g = got{}
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	r := httptest.NewRequest(method, path, strings.NewReader(body)).WithContext(ctx)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	d.door.ServeHTTP(w, r)
	g = got{status: w.Code, header: w.Header(), body: w.Body.String(), extra: fmt.Sprint(w.Flushed)}
	content := io.Reader(bytes.NewReader(w.Body.Bytes()))
	if packed, err := gzip.NewReader(bytes.NewReader(w.Body.Bytes())); err == nil {
		content = packed
	}
	decoder := json.NewDecoder(content)
	decoder.UseNumber()
	_ = decoder.Decode(&g.json)
	return g
}

// post sends a form; pairs are its names and values.
func (d *desk) post(path, authorization string, pairs ...string) got {
	d.t.Helper()
	form := []string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form = append(form, url.QueryEscape(pairs[i])+"="+url.QueryEscape(pairs[i+1]))
	}
	header := []string{"Content-Type", "application/x-www-form-urlencoded"}
	if authorization != "" {
		header = append(header, "Authorization", authorization)
	}
	return d.do("POST", path, strings.Join(form, "&"), header...)
}

var one, two, public = seeds.Clients[0], seeds.Clients[1], seeds.Clients[2]

func basic(id, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(id)+":"+url.QueryEscape(secret)))
}

func as(who kit.Client) string { return basic(who.ID, who.Secret) }

// grant gets a client its own token.
func (d *desk) grant(who kit.Client, pairs ...string) got {
	d.t.Helper()
	return d.post("/token", as(who), append([]string{"grant_type", "client_credentials"}, pairs...)...)
}

func (d *desk) token(who kit.Client, pairs ...string) string {
	d.t.Helper()
	return d.grant(who, pairs...).text("access_token")
}

func (d *desk) use(token string) got {
	d.t.Helper()
	return d.do("GET", "/resource", "", "Authorization", "Bearer "+token)
}

func (d *desk) introspect(who kit.Client, token string, pairs ...string) got {
	d.t.Helper()
	return d.post("/introspect", as(who), append([]string{"token", token}, pairs...)...)
}

func (d *desk) revoke(who kit.Client, token string, pairs ...string) got {
	d.t.Helper()
	return d.post("/revoke", as(who), append([]string{"token", token}, pairs...)...)
}

func (d *desk) advance(by time.Duration) {
	if _, err := d.host.Clock.Advance(by); err != nil {
		d.t.Fatal(err)
	}
}
