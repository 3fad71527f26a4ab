package front

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Authority is a certificate authority of one run, for clients that insist on https. Its key never leaves memory. Its certificate is in
// a directory of the run's own, for the command that is to trust it.
type Authority struct {
	directory string
	root      *x509.Certificate
	pem       []byte
	key       *ecdsa.PrivateKey // the authority's
	server    *ecdsa.PrivateKey // that of all certificates which it issues

	lock   sync.Mutex
	issued map[string]*tls.Certificate // by the name that a client asks for
}

const (
	// valid is how far a certificate holds on both sides of now: a command may go by a clock that was moved by weeks. Some clients
	// take none that holds for more than 825 days in all.
	valid = 365 * 24 * time.Hour
	// maxIssued is more than any machine has names. Whoever asks for more gets none.
	maxIssued = 100
)

// trusting are the variables that tell a client whom to trust, and whether that replaces whom it trusts by itself: Go, Python and
// whatever uses OpenSSL; Node, which adds; Python's requests; curl.
var trusting = []struct {
	variable string
	replaces bool
}{{"SSL_CERT_FILE", true}, {"NODE_EXTRA_CA_CERTS", false}, {"REQUESTS_CA_BUNDLE", true}, {"CURL_CA_BUNDLE", true}}

// bundles are where systems keep whom they trust: Debian, Fedora, openSUSE, older ones, Alpine and macOS.
var bundles = []string{
	"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/pki/tls/cacert.pem", "/etc/ssl/cert.pem",
}

// NewAuthority makes an authority. Close removes what it wrote.
func NewAuthority() (*Authority, error) {
	a := &Authority{issued: map[string]*tls.Certificate{}}
	err := a.make()
	if err == nil {
		err = a.write()
	}
	if err != nil {
		_ = a.Close()
		return nil, fmt.Errorf("the certificate of this run: %w", err)
	}
	return a, nil
}

func (a *Authority) make() (err error) {
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return err
	}
	if a.server, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return err
	}
	form := &x509.Certificate{
		Subject:  pkix.Name{CommonName: "gonogo watch, for one run"},
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
	}
	der, err := a.sign(form, form, a.key)
	if err != nil {
		return err
	}
	a.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	a.root, err = x509.ParseCertificate(der)
	return err
}

// sign fills in what all certificates have.
func (a *Authority) sign(form, by *x509.Certificate, whose *ecdsa.PrivateKey) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	form.SerialNumber, form.NotBefore, form.NotAfter = serial, time.Now().Add(-valid), time.Now().Add(valid)
	return x509.CreateCertificate(rand.Reader, form, by, &whose.PublicKey, a.key)
}

// write puts a file for each variable into a directory that nobody else can read.
func (a *Authority) write() (err error) {
	if a.directory, err = os.MkdirTemp("", "gonogo-tls-"); err != nil {
		return err
	}
	for _, t := range trusting {
		if err := os.WriteFile(a.file(t.variable), append(already(t.variable, t.replaces), a.pem...), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (a *Authority) file(variable string) string {
	return filepath.Join(a.directory, strings.ToLower(variable)+".pem")
}

// already is whom a command would trust without the run's authority, so that it reaches other servers as before.
func already(variable string, replaces bool) []byte {
	var places []string
	if named := os.Getenv(variable); named != "" {
		places = []string{named}
	} else if replaces {
		places = bundles
	}
	for _, place := range places {
		if text, err := os.ReadFile(place); err == nil {
			return append(text, '\n')
		}
	}
	return nil
}

// Environment makes a command trust the authority, beside whom it trusts already: NAME=file.
func (a *Authority) Environment() []string {
	var all []string
	for _, t := range trusting {
		all = append(all, t.variable+"="+a.file(t.variable))
	}
	return all
}

// PEM is the authority's certificate, for a client that is given it in another way.
func (a *Authority) PEM() []byte { return a.pem }

// Config is for a Front: it answers with a certificate for whatever name a client asks for, and for the address that it came to.
func (a *Authority) Config() *tls.Config {
	return &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		at, _, _ := net.SplitHostPort(hello.Conn.LocalAddr().String())
		return a.certificate(cmp.Or(hello.ServerName, at))
	}}
}

// certificate is one for a name or an address.
func (a *Authority) certificate(host string) (*tls.Certificate, error) {
	a.lock.Lock()
	defer a.lock.Unlock()
	if known := a.issued[host]; known != nil {
		return known, nil
	}
	if len(a.issued) >= maxIssued {
		return nil, errors.New("too many names")
	}
	form := &x509.Certificate{
		Subject:  pkix.Name{CommonName: "gonogo watch"},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if address := net.ParseIP(host); address != nil {
		form.IPAddresses = append(form.IPAddresses, address)
	} else {
		form.DNSNames = append(form.DNSNames, host)
	}
	der, err := a.sign(form, a.root, a.server)
	if err != nil {
		return nil, err
	}
	made := &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: a.server}
	a.issued[host] = made
	return made, nil
}

// Close removes what was written. Who has the Environment trusts nobody any more.
func (a *Authority) Close() error {
	if a.directory == "" {
		return nil
	}
	return os.RemoveAll(a.directory)
}
