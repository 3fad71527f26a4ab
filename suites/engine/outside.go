package engine

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"syscall"

	"gonogo/internal/exchange"
	"gonogo/internal/target"
)

// outsider is the key of a context whose requests come from the second address.
type outsider struct{}

// FromOutside makes a context whose requests reach the target from its second address (outsider in the target
// file). Only a case that needs an outsider may use it.
func FromOutside(ctx context.Context) context.Context {
	return context.WithValue(ctx, outsider{}, true)
}

func isOutside(ctx context.Context) bool { return ctx.Value(outsider{}) != nil }

// newOutside makes the client that sends from the second address, with the same patience and pace.
func newOutside(t *target.Target, options exchange.Options) (*exchange.Client, error) {
	transport, err := t.OutsiderTransport()
	if err != nil {
		return nil, err
	}
	options.Transport = transport
	return exchange.NewClient(options), nil
}

func (r *run) closeOutside() {
	if client, err := r.outside(); err == nil {
		client.Close()
	}
}

func (r *run) sent() int {
	sent := r.client.Sent()
	if client, err := r.outside(); err == nil {
		sent += client.Sent()
	}
	return sent
}

// via is the client that a context's requests take.
func (r *run) via(ctx context.Context) (*exchange.Client, error) {
	if !isOutside(ctx) {
		return r.client, nil
	}
	client, err := r.outside()
	if err != nil {
		return nil, CouldNotRun("there is no second address to send from: %v", err)
	}
	return client, nil
}

func (r *run) send(ctx context.Context, req *http.Request) (*exchange.Exchange, error) {
	client, err := r.via(ctx)
	switch {
	case err != nil:
		return nil, err
	case client != r.client:
		return r.sendOutside(ctx, client, req)
	}
	return client.Send(ctx, req)
}

// sendOutside sends from the second address. That nobody answers there says nothing about the target: the
// address may not be this machine's, or its way to the target closed.
func (r *run) sendOutside(ctx context.Context, client *exchange.Client, req *http.Request) (*exchange.Exchange, error) {
	x, err := client.Send(ctx, req)
	switch {
	case x != nil && errors.Is(x.Err, syscall.EADDRNOTAVAIL):
		return x, CouldNotRun("outsider.local_address is no address of this machine")
	case errors.Is(err, exchange.ErrGone):
		why := "nothing comes back"
		if x != nil && x.Err != nil {
			why = x.Err.Error()
		}
		return x, CouldNotRun("the target cannot be reached from the second address: %s", why)
	}
	return x, err
}

// OwnAddress is the address that this machine's requests to the target come from, as far as this machine knows.
func (t *Trial) OwnAddress() netip.Addr { return t.run.client.LocalAddress() }
