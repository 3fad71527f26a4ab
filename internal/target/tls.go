package target

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"
)

// TLS says whom to trust and which client certificate to show. The paths are resolved; the zero value trusts
// what the system trusts and shows nothing.
type TLS struct {
	// CAFile is a PEM file with certificates to trust besides the system's: the authority of a staging host.
	CAFile string

	// CertFile and KeyFile are the client certificate and its key in PEM, for targets that ask for one.
	// Given together or not at all. The key must not need a passphrase.
	CertFile, KeyFile string

	// Insecure accepts any certificate. It makes the run blind to whom it talks to and sends credentials
	// there; CAFile is the better answer to a certificate of one's own.
	Insecure bool
}

// Config reads the files. Its errors name keys of the target file, not paths.
func (s TLS) Config() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: s.Insecure}
	if s.CAFile != "" {
		roots, err := roots(s.CAFile)
		if err != nil {
			return nil, fmt.Errorf("tls.ca_file %w", err)
		}
		config.RootCAs = roots
	}
	if s.CertFile != "" || s.KeyFile != "" {
		pair, err := keyPair(s.CertFile, s.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("tls.cert_file and tls.key_file: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

func roots(path string) (*x509.CertPool, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.New(cannotRead(err))
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a machine without a store of its own
	}
	if !pool.AppendCertsFromPEM(data) {
		return nil, errors.New("holds no certificate in PEM form")
	}
	return pool, nil
}

func keyPair(certFile, keyFile string) (tls.Certificate, error) {
	cert, err := os.ReadFile(certFile)
	if err != nil {
		return tls.Certificate{}, errors.New("the certificate " + cannotRead(err))
	}
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return tls.Certificate{}, errors.New("the key " + cannotRead(err))
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return tls.Certificate{}, errors.New("they are no pair (" + strings.TrimPrefix(err.Error(), "tls: ") + ")")
	}
	return pair, nil
}

func (r *reader) tls(f FileTLS) {
	if !r.usable("tls") {
		return
	}
	path := func(text string) string {
		if text == "" {
			return ""
		}
		return r.resolved(text)
	}
	s := TLS{CAFile: path(f.CAFile), CertFile: path(f.CertFile), KeyFile: path(f.KeyFile), Insecure: f.Insecure == "true"}
	r.target.TLS = s
	if s.CAFile != "" {
		if _, err := roots(s.CAFile); err != nil {
			r.fail([]string{"tls", "ca_file"}, "tls.ca_file "+r.quoted("tls", "ca_file")+" "+err.Error(), "name a PEM file (paths are relative to the target file)")
		}
	}
	if s.CertFile != "" && s.KeyFile != "" {
		if _, err := keyPair(s.CertFile, s.KeyFile); err != nil {
			r.fail([]string{"tls", "cert_file"}, fmt.Sprintf("tls.cert_file %s and tls.key_file %s: %s", r.quoted("tls", "cert_file"), r.quoted("tls", "key_file"), err), "name a PEM certificate and its PEM key without a passphrase (paths are relative to the target file)")
		}
	}
	if s == (TLS{}) {
		return // {insecure: false} asks for nothing
	}
	if base := r.target.BaseURL; base != nil && base.Scheme != "https" {
		r.fail([]string{"tls"}, "tls does nothing for a base_url that begins with http://", "write https:// in base_url, or remove tls")
	}
	if s.Insecure {
		r.note([]string{"tls", "insecure"}, "tls.insecure accepts any certificate, so nothing shows that this is the target; prefer tls.ca_file")
	}
}
