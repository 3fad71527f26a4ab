// Package target reads the file that names what is under test: where it is, with which credentials it is
// reached, what it can do, and what a run may cost it.
//
// The file is YAML (or JSON) and is checked whole against its dialect before anything is sent: every problem
// is reported at once, each as one line, "file:line: what is wrong; how to mend it".
//
// In every value, but in no key, these are expanded after the file has been parsed, so that what is inserted
// can never change the file's structure:
//
//	${NAME}        an environment variable; the name is upper-case; unset is an error
//	${file:PATH}   a file's content without its last line break; PATH is relative to the target file
//	${name}        lower-case: a placeholder that a run fills, only where a field says that it takes it
//	$${            the two characters ${
//
// A value so inserted is not looked at again: a password that contains ${ needs no care. No inserted value is
// ever part of an error; errors show what stands in the file.
//
// The package knows the file and the dialect's document; it must never know how anything is checked or
// reported, and no particular dialect: which roles, fields, servers and lifetimes a file may name is read
// from the document.
package target

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"gonogo/internal/yamlfile"
	"gonogo/specs"
)

// Reads are the files that a run reads for the target, and must not write over.
func (t *Target) Reads() []string {
	files := []string{t.File, t.Waivers, t.TLS.CAFile, t.TLS.CertFile, t.TLS.KeyFile}
	if t.dialect != nil {
		files = append(files, t.dialect.File)
	}
	return slices.DeleteFunc(files, func(file string) bool { return file == "" })
}

// Target is a target file, read and resolved: files are found, defaults filled in, values expanded.
type Target struct {
	// File is the target file as the user named it. OnDisk says that it stands there, and no program made it up.
	File   string
	OnDisk bool

	// Text is the file as it is written, with every ${…} in it, and Document the text of the document that it names. Text is nil of a
	// target that a program made.
	Text, Document []byte

	// DialectName is the document the target is held to: the id of a built-in one, or a path. In the file a
	// path is relative to the target file; here it is resolved. Required.
	DialectName string

	// BaseURL is where the document's first server is, without a trailing slash. A path prefix is kept and
	// stands before every documented path. Required.
	BaseURL *url.URL

	// Servers is where each server of the document is, by its x-gonogo name; the first one is at BaseURL. A
	// server that the file does not place is taken to be at BaseURL too, prefix included, and Notes says so:
	// vendors that serve pages and API from one host need not repeat themselves.
	Servers map[string]*url.URL

	// Endpoints are the paths of operations that are not where the document has them, by operation; "" is an
	// operation that the target does not have. Optional.
	Endpoints map[string]string

	// Places are those of them that are given as whole addresses, on this host or another. Optional.
	Places map[string]*url.URL

	// Discovered: an issuer's metadata say where the operations are, and nobody said that these credentials are good for each of them.
	Discovered bool

	// Headers are sent with every request, such as the key of a gateway in front of the target. Names are in
	// canonical form. Values are secrets. Optional.
	Headers map[string]string

	// TLS says whom to trust and which client certificate to show. Optional, for https only.
	TLS TLS

	// Proxy is the proxy to go through; nil leaves the choice to HTTP_PROXY, HTTPS_PROXY and NO_PROXY.
	Proxy *url.URL

	// Untraced: requests go without the header traceparent.
	Untraced bool

	// Credentials are those of every role that the document names. A role that the vendor cannot supply is
	// left out and declared absent.
	Credentials map[string]Credential

	// Outsider is a second address to send from. Nil: cases that need one are not exercised.
	Outsider *Outsider

	// NoOutsider says why there is none where no file could have one, as a phrase; empty: the target file does not say.
	NoOutsider string

	// Consent is how a run gets past the consent page.
	Consent Consent

	// Clock is how the target's clock is moved. Nil: waits are real, up to Limits.MaxWait.
	Clock *Clock

	// Operator is what the operator of the target can do on request.
	Operator Operator

	// Settings is what the document leaves to each implementation.
	Settings Settings

	// Expect holds declared deviations from documented lifetimes, by token kind: what the file calls
	// access_token_lifetime or access_lifetime is Expect["access"]. See Lifetime.
	Expect map[string]time.Duration

	// Absent are the needs that the target declares it cannot serve; their cases are not applicable.
	Absent []Need

	// Limits are what a run may cost.
	Limits Limits

	// Waivers is the path of the file with the waivers, resolved; empty: none.
	Waivers string

	// Notes are things worth telling the user that are no errors, each "file:line: sentence".
	Notes []string

	dialect    *specs.Dialect
	written    *yamlfile.Node // the file as it is written
	inserted   []string       // expanded pieces of control calls and use bodies
	envProxy   func(*url.URL) (*url.URL, error)
	envSecrets []string // passwords of the environment's proxies
}

// Credential is what one role proves itself with.
type Credential struct {
	// Fields are the values by the names that the document gives for the role. All are required.
	Fields map[string]string

	// ActsAs is the user that the role's tokens act for, as the API's answers name it, compared as text:
	// 101 and "101" are the same. Optional: without it cases about identity are not exercised for the role.
	ActsAs string
}

// Outsider is a second source address, one that no allow-list of the target names. Exactly one of the two
// is set.
type Outsider struct {
	LocalAddress netip.Addr // an address of this machine to send from, such as 127.0.0.10; no proxy is used then
	Proxy        *url.URL   // a proxy elsewhere to go through
	Pretends     netip.Addr // the listed address that a forged forwarding header claims; the zero value: this machine's own
}

// Clock moves the target's clock.
type Clock struct {
	// Advance moves it forward by ${duration} (a Go duration, "1h30m0s") or ${duration_seconds} ("5400").
	Advance Call
}

// Operator is what the operator can do on request. Every field of the dialect's credentials is a placeholder
// of these calls.
type Operator struct {
	// RotateSecret has the server make a new secret; its result says where the answer carries it. Nil: cases
	// about regenerated secrets are not exercised.
	RotateSecret *Call

	// RestoreSecret puts the given secret back, so that the target is left as it was found. Optional.
	RestoreSecret *Call
}

// String names the target and nothing of it that is secret, so that printing one by accident does no harm.
func (t *Target) String() string {
	if t.BaseURL == nil {
		return t.File
	}
	return t.DialectName + " at " + t.BaseURL.Redacted()
}

// GoString is String.
func (t *Target) GoString() string { return t.String() }

// String counts the fields and shows none.
func (c Credential) String() string { return fmt.Sprintf("a credential of %d fields", len(c.Fields)) }

// GoString is String.
func (c Credential) GoString() string { return c.String() }

// Lifetime is the lifetime that the file declares for a token kind instead of the documented one.
func (t *Target) Lifetime(kind string) (time.Duration, bool) {
	d, ok := t.Expect[kind]
	return d, ok
}
