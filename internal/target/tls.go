package target

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"

	"gonogo/internal/yamlfile"
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

func (r *reader) tls(n *yamlfile.Node) {
	if n == nil {
		return
	}
	found := r.keys(n, "tls", "ca_file", "cert_file", "key_file", "insecure")
	if n.Kind != yamlfile.Mapping {
		return
	}
	path := func(key string) string {
		if found[key] == nil {
			return ""
		}
		text, ok := r.filled(found[key], "tls."+key)
		if !ok {
			return ""
		}
		return r.resolve(text)
	}
	s := TLS{CAFile: path("ca_file"), CertFile: path("cert_file"), KeyFile: path("key_file")}
	if found["insecure"] != nil {
		s.Insecure = r.boolean(found["insecure"], "tls.insecure")
	}
	r.target.TLS = s
	cert, key := found["cert_file"], found["key_file"]
	if cert != nil && key == nil {
		r.fail(cert.Line, "tls.cert_file has no tls.key_file", "give both or neither")
	}
	if key != nil && cert == nil {
		r.fail(key.Line, "tls.key_file has no tls.cert_file", "give both or neither")
	}
	if s.CAFile != "" {
		if _, err := roots(s.CAFile); err != nil {
			r.fail(found["ca_file"].Line, "tls.ca_file "+yamlfile.Quote(found["ca_file"].Text)+" "+err.Error(), "name a PEM file (paths are relative to the target file)")
		}
	}
	if s.CertFile != "" && s.KeyFile != "" {
		if _, err := keyPair(s.CertFile, s.KeyFile); err != nil {
			r.fail(cert.Line, fmt.Sprintf("tls.cert_file %s and tls.key_file %s: %s", yamlfile.Quote(cert.Text), yamlfile.Quote(key.Text), err), "name a PEM certificate and its PEM key without a passphrase (paths are relative to the target file)")
		}
	}
	if s == (TLS{}) {
		return // {insecure: false} asks for nothing
	}
	if base := r.target.BaseURL; base != nil && base.Scheme != "https" {
		r.fail(n.Line, "tls does nothing for a base_url that begins with http://", "write https:// in base_url, or remove tls")
	}
	if s.Insecure {
		r.note(found["insecure"].Line, "tls.insecure accepts any certificate, so nothing shows that this is the target; prefer tls.ca_file")
	}
}
