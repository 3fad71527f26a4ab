package flows

import (
	"net"
	"net/netip"

	"gonogo/suites/scene"
)

// alike: an address that only begins like a listed one, as texts begin, is on no list. The loopback of some machines has such addresses,
// so that this is looked at whatever second address the target file gives.
func (l list) alike() {
	for _, o := range l.outside() {
		c := l.Never("alike-"+o.name+o.suffix, "an address that only begins like a listed one never "+o.title, func(t *scene.Trial) {
			near, beside := likeOwn(t.OwnAddress())
			if !sendsFrom(near) || !sendsFrom(beside) {
				t.NotApplicable("this machine has no address that begins like the one that it reaches the target from")
			}
			if reply := o.send(t, t.From(beside), nil, "from "+beside.String()+", before the check"); reply.Succeeded() {
				t.NotApplicable("%s is let in, too: the list has more than the address that this machine reaches the target from", beside)
			}
			reply := o.send(t, t.From(near), nil, "from "+near.String()+", which begins like a listed address")
			if reply.Succeeded() {
				t.Found(reply, "a refusal, as from "+beside.String(), reply.Got())
			}
		}, l.Params[o.row])
		c.Requests = 10
	}
}

// likeOwn is an address whose text begins like that of a loopback address, and one right after all of those that do. Both are zero where
// there are none, and for any other address: nobody's neighbours are this machine's.
func likeOwn(own netip.Addr) (near, beside netip.Addr) {
	four := own.Unmap()
	if !four.Is4() || !four.IsLoopback() {
		return near, beside
	}
	octets := four.As4()
	next := int(octets[3])*10 + 10
	if octets[3] == 0 || next > 255 {
		return near, beside
	}
	octets[3] = byte(next - 1)
	near = netip.AddrFrom4(octets)
	octets[3] = byte(next)
	return near, netip.AddrFrom4(octets)
}

// sendsFrom reports that an address is this machine's.
func sendsFrom(address netip.Addr) bool {
	if !address.IsValid() {
		return false
	}
	l, err := net.Listen("tcp", netip.AddrPortFrom(address, 0).String())
	if err != nil {
		return false
	}
	_ = l.Close()
	return true
}
