package flows

import (
	"fmt"
	"net/netip"
	"strings"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/scene"
)

// forwarding are headers that a proxy says the sender's address with. Only Forwarded is a standard (RFC 7239); the
// others are what servers believe all the same.
var forwarding = []struct{ name, format string }{
	{"X-Forwarded-For", "%s"},
	{"Forwarded", "for=%s"},
	{"X-Real-IP", "%s"},
	{"True-Client-IP", "%s"},
	{"X-Client-IP", "%s"},
}

// believesLoopback is what a finding about a forwarding header must say: who owns the server may know it.
const believesLoopback = "; a server that trusts proxies at this second address, as some frameworks do on loopback, is set up for that"

// plainly is the request that a forged header is compared with.
const plainly = fromElsewhere + ", before the check"

// outside is a request of the listed account from another address, with tokens of its own each time: the target may
// spend those that it refuses.
type outside struct {
	name, suffix string // of its cases
	row          string // the parameter of the flow that names what it violates from an address that is not listed
	title        string // what must not come of it
	send         func(t, from *scene.Trial, header map[string]string, doing string) *client.Reply
}

func (l list) outside() []outside {
	call := func(from *scene.Trial, op *operation.Op, grant *client.Grant, header map[string]string, doing string) *client.Reply {
		args := operation.Args{Role: scene.Listed, Header: header}
		if grant != nil {
			args.Tokens = grant.Held()
		}
		return from.Call(op, args, doing)
	}
	all := []outside{{"login", "", "issue", "lets it log in", func(t, from *scene.Trial, header map[string]string, doing string) *client.Reply {
		t.Grant(scene.Listed)
		return call(from, l.login, nil, header, doing)
	}}, {"refresh", "", "refresh", "makes a refresh token good", func(t, from *scene.Trial, header map[string]string, doing string) *client.Reply {
		return call(from, l.refresh, t.Grant(scene.Listed), header, doing)
	}}}
	for i, use := range l.operations {
		all = append(all, outside{"use", suffix(i, use), "use", "makes an access token good at " + use.Name(), func(t, from *scene.Trial, header map[string]string, doing string) *client.Reply {
			return call(from, use, l.live(t, use), header, doing)
		}})
	}
	return all
}

// spoofed: a header that the sender makes up changes nothing.
func (l list) spoofed() {
	for _, f := range forwarding {
		for _, o := range l.outside() {
			l.Never("spoofed-"+o.name+"-"+strings.ToLower(f.name)+o.suffix, f.name+" of a sender's own never "+o.title, func(t *scene.Trial) {
				address := pretended(t)
				text := address.String()
				if f.name == "Forwarded" && address.Is6() { // RFC 7239 section 6
					text = `"[` + text + `]"`
				}
				o.shutAlready(t)
				believes(t, o.pretends(t, map[string]string{f.name: fmt.Sprintf(f.format, text)}, f.name))
			}, l.Params["spoofed"])
		}
	}
	for _, o := range l.outside() {
		c := l.Never("spoofed-"+o.name+"-other-headers"+o.suffix, "no other forwarding header of a sender's own ever "+o.title, o.oneOfMany, l.Params["spoofed"])
		c.Requests = 24
	}
	l.Works("own-address-after-spoofing", "an account is still let in from its own address after an outsider pretended to be there", func(t *scene.Trial) {
		t.Grant(scene.Listed)
		if address := t.Pretended(); address.IsValid() {
			args := operation.Args{Role: scene.Listed, Header: map[string]string{forwarding[0].name: address.String()}}
			t.Outside().Call(l.login, args, fromElsewhere+", with a listed one in "+forwarding[0].name)
		}
		l.loggedIn(t, scene.Listed)
	}, l.Params["spoofed"])
}

// oneOfMany sends all lesser headers at once. If that gets in, halves of them find the one that did it.
func (o outside) oneOfMany(t *scene.Trial) {
	address := pretended(t)
	o.shutAlready(t)
	try := func(names []string) *client.Reply {
		header := map[string]string{}
		for _, name := range names {
			header[name] = address.String()
		}
		return o.pretends(t, header, strings.Join(names, ", "))
	}
	in := try(scene.LesserForwarding)
	for names := scene.LesserForwarding; in.Succeeded() && len(names) > 1; {
		half := names[:len(names)/2]
		reply := try(half)
		if !reply.Succeeded() {
			half = names[len(names)/2:]
			reply = try(half)
		}
		if !reply.Succeeded() { // it takes several together
			break
		}
		in, names = reply, half
	}
	believes(t, in)
}

func (o outside) pretends(t *scene.Trial, header map[string]string, names string) *client.Reply {
	return o.send(t, t.Outside(), header, fromElsewhere+", with a listed one in "+names)
}

// shutAlready makes sure that an outsider without a forged header is shut out: otherwise the header does nothing.
func (o outside) shutAlready(t *scene.Trial) {
	if plain := o.send(t, t.Outside(), nil, plainly); plain.Succeeded() {
		t.CouldNotRun("an outsider gets in without the header, too, so that the header shows nothing: %s", plain.Got())
	}
}

// pretended is the address that a forged header names.
func pretended(t *scene.Trial) netip.Addr {
	address := t.Pretended()
	if !address.IsValid() {
		t.CouldNotRun("nothing is known of the address that the harness is listed with (add pretends to outsider in the target file)")
	}
	return address
}

// believes wants a forged header to be refused as an outsider is.
func believes(t *scene.Trial, reply *client.Reply) {
	if reply.Succeeded() {
		t.Found(reply, "a refusal, as without the header", reply.Got()+believesLoopback)
		return
	}
	t.RefusedFor(reply, specs.Outsider)
}
