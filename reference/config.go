package reference

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"gonogo/internal/spell"
)

// Config says what to serve. The zero value serves every dialect on a free
// loopback port.
type Config struct {
	Dialects  []string      // ids; empty means all that this build knows
	Listen    string        // the API listener, and the consent pages unless WWW is set; default "127.0.0.1:0"
	WWW       string        // a listener of its own for the pages for humans; the kitchenmonki document puts them on another host
	Control   string        // the control API's listener; default "127.0.0.1:0", "off" means none
	Defects   []string      // ids from Defects
	Liberties []string      // ids from Liberties
	SeedFile  string        // YAML with accounts that replace or extend the built-in ones
	Delay     time.Duration // each API answer is held back this long
	Log       io.Writer     // nil is silent; no secret is ever written to it

	// TrustedProxies are the addresses and CIDRs of the proxies in front of
	// the server. From them alone it believes X-Forwarded-For, Forwarded and
	// X-Real-IP when it looks at an allow-list; by default from nobody.
	TrustedProxies []string

	// ExposeAnyAddress lifts the refusal to listen anywhere but on loopback.
	// The accounts of a test server are public.
	ExposeAnyAddress bool
}

const controlOff = "off"

// checked fills in the defaults and refuses what cannot be meant.
func (c Config) checked() (Config, error) {
	known := Dialects()
	if len(c.Dialects) == 0 {
		c.Dialects = known
	}
	for i, id := range c.Dialects {
		if !slices.Contains(known, id) {
			return c, fmt.Errorf("unknown dialect %q; the nearest are %s", id, spell.Join(spell.Nearest(id, known)))
		}
		if slices.Contains(c.Dialects[:i], id) {
			return c, fmt.Errorf("dialect %q is named twice", id)
		}
	}
	if c.Delay < 0 {
		return c, fmt.Errorf("the delay %s is negative", c.Delay)
	}
	c.Listen, c.Control = cmp.Or(c.Listen, "127.0.0.1:0"), cmp.Or(c.Control, "127.0.0.1:0")
	for _, l := range []struct {
		what, address string
		exposable     bool
	}{{"listen", c.Listen, true}, {"www", c.WWW, true}, {"control", c.Control, false}} {
		if l.address == "" || l.what == "control" && l.address == controlOff {
			continue
		}
		host, _, err := net.SplitHostPort(l.address)
		switch {
		case err != nil:
			return c, fmt.Errorf("the %s address %q: want host:port, like 127.0.0.1:8080", l.what, l.address)
		case isLoopback(host):
		case !l.exposable:
			return c, fmt.Errorf("the %s address %q is not on loopback; whoever reaches the control API owns the server, so it stays there", l.what, l.address)
		case !c.ExposeAnyAddress:
			return c, fmt.Errorf("the %s address %q is not on loopback; the accounts of this test server are public, so that needs ExposeAnyAddress", l.what, l.address)
		}
	}
	return c, nil
}

// isLoopback: the host's name is one of this machine's for itself.
func isLoopback(host string) bool {
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
}
