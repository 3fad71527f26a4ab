package app_test

import (
	"cmp"
	"crypto/tls"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/goccy/go-yaml"

	frontage "gonogo/internal/front"
)

// TestACheckSeesNoFront: what stands before a server, with a certificate of the run or without, changes nothing that a check could see.
// Only where a request comes from is hidden.
func TestACheckSeesNoFront(t *testing.T) {
	s := serve(t)
	for dialect, secure := range map[string]bool{"kitchenhub": false, "kitchenmonki": true} {
		t.Run(dialect, func(t *testing.T) {
			var file map[string]any
			if err := yaml.Unmarshal([]byte(contents(t, s.file(dialect))), &file); err != nil {
				t.Fatal(err)
			}
			authority, err := frontage.NewAuthority()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = authority.Close() })
			trusted := filepath.Join(t.TempDir(), "ca.pem")
			if err := os.WriteFile(trusted, authority.PEM(), 0o600); err != nil {
				t.Fatal(err)
			}
			c := frontage.Config{Servers: map[string]frontage.Server{}, TLS: map[bool]*tls.Config{true: authority.Config()}[secure]}
			upstream := func(name string, at any) {
				u, err := url.Parse(at.(string))
				if err != nil {
					t.Fatal(err)
				}
				c.Servers[name] = frontage.Server{Upstream: u}
			}
			upstream("", file["base_url"])
			others, _ := file["servers"].(map[string]any)
			for name, at := range others {
				upstream(name, at)
			}
			var all, odd atomic.Int64
			c.Over = func(x *frontage.Exchange) {
				all.Add(1)
				if cmp.Or(x.Deed, x.Why) != "" || x.Answer == nil || x.Origin == nil || !x.Received {
					odd.Add(1)
				}
			}
			f, err := frontage.Listen(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(f.Close)
			file["base_url"] = f.URL("").String()
			for name := range others {
				others[name] = f.URL(name).String()
			}
			if secure {
				file["tls"] = map[string]any{"ca_file": trusted}
			}
			if _, has := file["outsider"]; has {
				delete(file, "outsider")
				file["absent"] = []string{"outsider"}
			}
			text, err := yaml.Marshal(file)
			if err != nil {
				t.Fatal(err)
			}
			target := filepath.Join(t.TempDir(), "target.yaml")
			if err := os.WriteFile(target, text, 0o600); err != nil {
				t.Fatal(err)
			}
			o := gonogo(t, "check", target)
			o.exits(t, 0)
			if !strings.Contains(o.stdout, "\nGO: ") || all.Load() < 100 || odd.Load() > 0 {
				t.Errorf("%d exchanges, %d of them with more than an answer that was received\n%s", all.Load(), odd.Load(), o)
			}
		})
	}
}
