package exchange

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Lanes are the connections of requests that race, one pool for each address that the target's name resolves to: behind a
// name there may be several machines, and what they do not tell one another at once is what a race looks for. Racers
// keep their connections from one Volley to the next.
type Lanes struct {
	client *Client

	mu     sync.Mutex
	places map[string][]netip.Addr // by host: what it resolves to, less what could not be connected to
	pools  []*http.Transport

	open sync.Once // of the first who races over TLS
}

// Lanes makes lanes for this client's races. Close frees them.
func (c *Client) Lanes() *Lanes { return &Lanes{client: c, places: map[string][]netip.Addr{}} }

// Close closes the idle connections.
func (l *Lanes) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, pool := range l.pools {
		pool.CloseIdleConnections()
	}
}

// lane is the pool that a racer uses: racers spread over the addresses of the host in turn. A proxy resolves the name
// itself.
func (l *Lanes) lane(req *http.Request, racer int) (lane *http.Transport, proxied bool) {
	n := 1
	if proxied = l.proxy(req) != nil; !proxied {
		n = max(len(l.addresses(req.Context(), req.URL.Hostname())), 1)
	}
	l.mu.Lock()
	for len(l.pools) < n {
		l.pools = append(l.pools, l.pool(len(l.pools)))
	}
	pools := l.pools[:n]
	l.mu.Unlock()
	if req.URL.Scheme == "https" {
		l.open.Do(func() { l.knock(req, pools) })
	}
	return pools[racer%n], proxied
}

// knock sends each pool a request that is known to be answered. A connection that turns out to speak HTTP/2 serves all
// racers; without one they would each begin a handshake, most of them for nothing.
func (l *Lanes) knock(req *http.Request, pools []*http.Transport) {
	known := l.client.alive.Load()
	if known == nil {
		return
	}
	for _, pool := range pools {
		knock := (*known)(req.Context())
		if knock == nil || knock.URL.Host != req.URL.Host {
			return
		}
		body, err := l.client.prepare(knock)
		if err != nil {
			return
		}
		unpaid := context.WithValue(req.Context(), prepaid{}, nil)
		_, _, _ = l.client.attempt(unpaid, knock, body, pool, nil)
	}
}

// proxy is where a request goes first; nil: to the target itself.
func (l *Lanes) proxy(req *http.Request) *url.URL {
	if l.client.options.Transport.Proxy == nil {
		return nil
	}
	through, err := l.client.options.Transport.Proxy(req)
	if err != nil {
		return nil // the transport will say so
	}
	return through
}

// raceBuffer is more than a request that races has: its last flush is then its only one.
const raceBuffer = 64 << 10

func (l *Lanes) pool(number int) *http.Transport {
	pool := l.client.options.Transport.Clone()
	dial := pool.DialContext
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	pool.DialTLSContext = nil // what is held back lies under TLS
	pool.WriteBufferSize = raceBuffer
	if pool.TLSClientConfig != nil { // a request is one record, which nobody can read without its last byte
		pool.TLSClientConfig.DynamicRecordSizingDisabled = true
	}
	pool.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := l.dial(ctx, dial, number, network, address)
		if err != nil {
			return nil, err
		}
		return &heldConn{Conn: conn}, nil
	}
	return pool
}

// connectWithin is how long an address of several may take to be connected to before another one is taken.
const connectWithin = time.Second

func (l *Lanes) dial(ctx context.Context, dial func(context.Context, string, string) (net.Conn, error), number int, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return dial(ctx, network, address)
	}
	l.mu.Lock()
	places := l.places[host]
	l.mu.Unlock()
	for i := range places {
		place := places[(number+i)%len(places)]
		brief, cancel := context.WithTimeout(ctx, connectWithin)
		conn, err := dial(brief, network, net.JoinHostPort(place.String(), port))
		cancel()
		if err == nil {
			return conn, nil
		}
		l.drop(host, place)
	}
	return dial(ctx, network, address)
}

// addresses are what a host's name resolves to; none for what is an address already.
func (l *Lanes) addresses(ctx context.Context, host string) []netip.Addr {
	l.mu.Lock()
	defer l.mu.Unlock()
	places, known := l.places[host]
	if known {
		return places
	}
	if _, err := netip.ParseAddr(host); err != nil {
		places, _ = l.client.options.Resolve(ctx, "ip", host) // if that fails the dialer's error says more
	}
	for i := range places {
		places[i] = places[i].Unmap()
	}
	slices.SortFunc(places, netip.Addr.Compare)
	places = slices.Compact(places)
	if len(places) < 2 {
		places = nil
	}
	l.places[host] = places
	return places
}

// drop forgets an address that nobody answers at, as one of another family can be.
func (l *Lanes) drop(host string, place netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.places[host] = slices.DeleteFunc(slices.Clone(l.places[host]), func(a netip.Addr) bool { return a == place })
}
