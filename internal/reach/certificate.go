package reach

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// shake shakes hands over a connection, and says in whose way what is if it fails.
func shake(ctx context.Context, conn net.Conn, host string, o Options) (*tls.ConnectionState, error) {
	config := &tls.Config{}
	if o.TLS != nil {
		config = o.TLS.Clone()
	}
	config.ServerName = host
	timed, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	secure := tls.Client(conn, config)
	if err := secure.HandshakeContext(timed); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, unshaken(err, host)
	}
	state := secure.ConnectionState()
	return &state, nil
}

func unshaken(err error, host string) error {
	obstacle := func(what, mend string) error { return &Obstacle{what, mend, err} }
	if plain, ok := errors.AsType[tls.RecordHeaderError](err); ok && strings.HasPrefix(string(plain.RecordHeader[:]), "HTTP") {
		return obstacle("the port answers in the clear and not by TLS", "write http:// instead of https://, or mend the port")
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		cert, now := invalid.Cert, time.Now()
		if now.Before(cert.NotBefore) {
			return obstacle("the certificate of "+host+" is good from "+day(cert.NotBefore)+" on only", "look at this machine's clock, which says "+day(now))
		}
		return obstacle("the certificate of "+host+" expired on "+day(cert.NotAfter), "have it renewed; until then tls: {insecure: true} trusts anybody")
	}
	if name, ok := errors.AsType[x509.HostnameError](err); ok {
		return obstacle("the certificate is for "+namesOf(name.Certificate)+" and not for "+host, "name the host as the certificate does, or have one made for this name")
	}
	if unknown, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		by := ""
		if unknown.Cert != nil {
			by = " by " + unknown.Cert.Issuer.String()
		}
		return obstacle("the certificate of "+host+" was signed"+by+", whom this machine does not trust", "give the authority's certificate as tls: {ca_file: ca.pem}, or have the server send the whole chain")
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return obstacle("the port is open and does not shake hands by TLS", "see whether it is one of https")
	}
	return obstacle("no handshake by TLS with "+host+" comes about ("+plainly(err)+")", "see whether the port is one of https, and what tls says in the target file")
}

func namesOf(cert *x509.Certificate) string {
	names := append([]string{}, cert.DNSNames...)
	for _, ip := range cert.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return "no host (" + cert.Subject.String() + ")"
	}
	return strings.Join(names, ", ")
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// soonExpired is within what time the end of a certificate is worth a word.
const soonExpired = 14 * 24 * time.Hour

// Certificate says whose certificate the host showed, who signed it and how long it is good; soon: not much longer.
func (f *Found) Certificate() (says string, soon bool) {
	if f.Encrypted == nil || len(f.Encrypted.PeerCertificates) == 0 {
		return "", false
	}
	cert := f.Encrypted.PeerCertificates[0]
	left := time.Until(cert.NotAfter)
	says = fmt.Sprintf("%s; certificate for %s by %s, chain of %d, good until %s (%d days)",
		tls.VersionName(f.Encrypted.Version), namesOf(cert), cert.Issuer, len(f.Encrypted.PeerCertificates), day(cert.NotAfter), int(left.Hours()/24))
	return says, left < soonExpired
}
