package attack

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"gonogo/internal/wire"
)

// Why is why a request has no answer.
type Why uint8

// The reasons. Those up to NotConnected mean that there was no connection to send on, because of the server or the way
// to it; those from NoFiles to NoMemory mean the same, because this machine had no room for one.
const (
	Answered Why = iota
	Refused
	NoName
	NoTLS
	NotConnected
	NoFiles
	NoPorts
	NoMemory
	TimedOut
	Reset
	Closed
	Cut
	Unreadable
	TooLong
	Other
	whys
)

var words = [whys]string{
	Answered:     "answered",
	Refused:      "connection refused",
	NoName:       "no address for the host's name",
	NoTLS:        "no TLS connection",
	NotConnected: "not connected",
	NoFiles:      "too many open files",
	NoPorts:      "cannot assign requested address: no port is free",
	NoMemory:     "no memory for a connection",
	TimedOut:     "no answer in time",
	Reset:        "connection reset",
	Closed:       "connection closed before the answer",
	Cut:          "connection closed within the answer",
	Unreadable:   "not an HTTP answer",
	TooLong:      "answer too long",
	Other:        "no answer",
}

// String says it in words that are the same for every request, so that they can be counted.
func (w Why) String() string { return words[min(w, Other)] }

// unreached reports whether the server was not even reached.
func (w Why) unreached() bool { return w >= Refused && w <= NotConnected }

// own reports whether the request was never sent, because this machine is at a limit of its own. It is no answer of the
// server, and no error.
func (w Why) own() bool { return w >= NoFiles && w <= NoMemory }

// OwnLimit is the limit of this machine that an error speaks of; Answered if it speaks of none.
func OwnLimit(err error) Why {
	for _, each := range []struct {
		is  error
		why Why
	}{
		{syscall.EMFILE, NoFiles}, {syscall.ENFILE, NoFiles}, {syscall.EADDRNOTAVAIL, NoPorts}, {syscall.ENOBUFS, NoMemory}, {syscall.ENOMEM, NoMemory},
	} {
		// a name that could not be looked up has its cause only in its text
		if errors.Is(err, each.is) || strings.HasSuffix(err.Error(), each.is.Error()) {
			return each.why
		}
	}
	return Answered
}

// Failure is why a request has no answer, as a Worker is told.
type Failure struct {
	Why    Why
	Detail string // of a connection that could not be made; never anything the server sent
}

// Error is a sentence without any byte that came from the server: such bytes may hold a token.
func (f *Failure) Error() string {
	if f.Detail != "" {
		return f.Why.String() + ": " + f.Detail
	}
	return f.Why.String()
}

// failures saves an allocation for each request that fails.
var failures = func() (all [whys]*Failure) {
	for why := range all {
		all[why] = &Failure{Why: Why(why)}
	}
	return all
}()

// dialFailure says why there is no connection.
func dialFailure(err error) *Failure {
	why := NotConnected
	var name *net.DNSError
	own := OwnLimit(err)
	switch {
	case own != Answered:
		why = own
	case errors.As(err, &name):
		why = NoName
	case errors.Is(err, syscall.ECONNREFUSED):
		why = Refused
	case isTLS(err):
		why = NoTLS
	}
	return &Failure{Why: why, Detail: err.Error()}
}

func isTLS(err error) bool {
	var certificate *tls.CertificateVerificationError
	var header tls.RecordHeaderError
	var alert tls.AlertError
	var unknown x509.UnknownAuthorityError
	var op *net.OpError
	if errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error") { // so crypto/tls calls alerts
		return true
	}
	return errors.As(err, &certificate) || errors.As(err, &header) || errors.As(err, &alert) || errors.As(err, &unknown)
}

// answerFailure says why nothing that is an answer came over a connection. something is whether anything came.
func answerFailure(err error, something bool) *Failure {
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ENOBUFS), errors.Is(err, syscall.ENOMEM):
		return failures[NoMemory]
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return failures[TimedOut]
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return failures[Reset]
	case errors.Is(err, wire.ErrTooLong):
		return failures[TooLong]
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		if something {
			return failures[Cut]
		}
		return failures[Closed]
	case something:
		return failures[Unreadable]
	default:
		return failures[Other]
	}
}
