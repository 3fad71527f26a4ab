package fleet

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// listen starts the server at an address, and connects to it from within.
func listen(address string, keys *Keys) (*server.Server, *nats.Conn, error) {
	host, text, err := net.SplitHostPort(address)
	port, bad := strconv.ParseUint(text, 10, 16)
	if err != nil || bad != nil {
		return nil, nil, fmt.Errorf("%q is no address; write it like 127.0.0.1:4222", address)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	own, err := nkeys.CreateUser()
	if err != nil {
		return nil, nil, err
	}
	name, err := own.PublicKey()
	if err != nil {
		return nil, nil, err
	}
	tls, err := keys.serverTLS()
	if err != nil {
		return nil, nil, err
	}
	listener := int(port)
	if port == 0 {
		listener = server.RANDOM_PORT
	}
	log := &faults{}
	s, err := server.NewServer(&server.Options{
		ServerName: "gonogo", Host: host, Port: listener, NoLog: true, NoSigs: true, NoSystemAccount: true,
		TLSConfig: tls, TLSHandshakeFirst: true, TLSTimeout: patience.Seconds(), AuthTimeout: patience.Seconds() + 1,
		Nkeys:      []*server.NkeyUser{{Nkey: keys.name}, {Nkey: name}},
		MaxPayload: mostPayload, MaxPending: 16 * mostPayload, PingInterval: pingEvery, MaxPingsOut: mostPings,
	})
	if err != nil {
		return nil, nil, err
	}
	s.SetLoggerV2(log, false, false, false)
	s.Start()
	if err := log.fatal(); err != nil {
		s.Shutdown()
		return nil, nil, err
	}
	conn, err := nats.Connect("", nats.InProcessServer(s), nats.Nkey(name, own.Sign), nats.NoReconnect(), nats.Timeout(patience), nats.ErrorHandler(silent))
	if err != nil {
		s.Shutdown()
		return nil, nil, fmt.Errorf("the server for generators does not answer: %w", err)
	}
	return s, conn, nil
}

// silent keeps the client library from writing to standard error; what is lost shows in counts and errors.
func silent(*nats.Conn, *nats.Subscription, error) {}

// faults is a server's log, of which only what keeps it from running is of use.
type faults struct {
	mu    sync.Mutex
	first error
}

func (f *faults) Fatalf(format string, v ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.first != nil {
		return
	}
	f.first = fmt.Errorf(format, v...)
	for _, each := range v {
		if err, is := each.(error); is {
			f.first = err
		}
	}
	if inner := errors.Unwrap(f.first); inner != nil { // the address is named already
		f.first = inner
	}
}

func (f *faults) fatal() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.first
}

func (f *faults) Noticef(string, ...any) {}
func (f *faults) Warnf(string, ...any)   {}
func (f *faults) Errorf(string, ...any)  {}
func (f *faults) Debugf(string, ...any)  {}
func (f *faults) Tracef(string, ...any)  {}
