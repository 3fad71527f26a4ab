package target_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"gonogo/internal/target"
)

// pair writes a self-signed certificate and its key.
func pair(t *testing.T, dir, name string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	cert, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, name+".pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})))
	write(t, dir, name+".key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
}

// answer gets the target's root through the target's own transport.
func answer(t *testing.T, from *target.Target, outside bool) string {
	t.Helper()
	make := from.Transport
	if outside {
		make = from.OutsiderTransport
	}
	transport, err := make()
	if err != nil {
		return err.Error()
	}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Get(from.BaseURL.String() + "/")
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "client "+r.TLS.PeerCertificates[0].Subject.CommonName)
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	server.StartTLS()
	defer server.Close()
	dir := t.TempDir()
	pair(t, dir, "mine")
	pair(t, dir, "other")
	write(t, dir, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	base := with(plainFile, "http://127.0.0.1:8080", server.URL)

	got, _, err := load(t, dir, with(base, "tls: {ca_file: ca.pem, cert_file: mine.pem, key_file: mine.key}"))
	if err != nil {
		t.Fatal(err)
	}
	if body := answer(t, got, false); body != "client mine" {
		t.Error(body)
	}
	key, err := os.ReadFile(dir + "/mine.key")
	if err != nil || !slices.Contains(got.Secrets(), strings.TrimSpace(string(key))) {
		t.Error("the key is not among the secrets")
	}
	got, _, err = load(t, dir, with(base, "tls: {insecure: true, cert_file: mine.pem, key_file: mine.key}"))
	if err != nil {
		t.Fatal(err)
	}
	if body := answer(t, got, false); body != "client mine" || len(got.Notes) != 1 || !strings.HasSuffix(got.Notes[0], "target.yaml:6: tls.insecure accepts any certificate, so nothing shows that this is the target; prefer tls.ca_file") {
		t.Error(body, got.Notes)
	}
	if body := answer(t, good(t, base), false); !strings.Contains(body, "certificate") {
		t.Error("an unknown authority was trusted: " + body)
	}
	if got := complaints(t, dir, with(base, "tls: {cert_file: mine.pem, key_file: other.key}")); got != `target.yaml:6: tls.cert_file "mine.pem" and tls.key_file "other.key": they are no pair (private key does not match public key); name a PEM certificate and its PEM key without a passphrase (paths are relative to the target file)` {
		t.Error(got)
	}
	got, _, err = load(t, dir, with(base, "tls: {ca_file: ca.pem}"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(got.TLS.CAFile); err != nil {
		t.Fatal(err)
	}
	if body := answer(t, got, false); body != "tls.ca_file does not exist" {
		t.Error(body)
	}
	if good(t, with(plainFile, "tls: {insecure: false}")).TLS != (target.TLS{}) {
		t.Error("insecure: false asks for something")
	}
}

func TestProxiesAndAddresses(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		address, _, _ := strings.Cut(r.RemoteAddr, ":")
		io.WriteString(w, r.Host+" from "+address)
	}))
	defer server.Close()
	far := with(plainFile, "http://127.0.0.1:8080", "http://far.example.com")
	if body := answer(t, good(t, with(far, "proxy: "+server.URL)), false); body != "far.example.com from 127.0.0.1" {
		t.Error(body)
	}
	got, _, err := target.Parse("t.yaml", []byte(far), func(name string) (string, bool) { return server.URL, name == "HTTP_PROXY" })
	if err != nil {
		t.Fatal(err)
	}
	if body := answer(t, got, false); body != "far.example.com from 127.0.0.1" {
		t.Error(body)
	}
	if body := answer(t, good(t, with(far, "outsider: {proxy: '"+server.URL+"'}")), true); body != "far.example.com from 127.0.0.1" {
		t.Error(body)
	}
	near := with(plainFile, "http://127.0.0.1:8080", server.URL)
	if body := answer(t, good(t, with(near, "outsider: {local_address: 127.0.0.2}")), true); body != strings.TrimPrefix(server.URL, "http://")+" from 127.0.0.2" {
		t.Error(body)
	}
	behind := good(t, with(near, "proxy: http://proxy.example.com:1\noutsider: {local_address: 127.0.0.2}"))
	if want := "target.yaml:7: requests from outsider.local_address go to the target directly, not through proxy; if they cannot, give outsider: {proxy: …}"; len(behind.Notes) != 1 || !strings.HasSuffix(behind.Notes[0], want) {
		t.Errorf("%q", behind.Notes)
	}
	if body := answer(t, behind, true); body != strings.TrimPrefix(server.URL, "http://")+" from 127.0.0.2" {
		t.Error(body)
	}
	if body := answer(t, good(t, near), true); body != "the target file has no outsider; add outsider: {local_address: …} or {proxy: …}" {
		t.Error(body)
	}
}

func TestAHangEndsWithTheTimeout(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	body := answer(t, good(t, with(with(plainFile, "http://127.0.0.1:8080", server.URL), "limits: {timeout: 50ms}")), false)
	if !strings.Contains(body, "timeout awaiting response headers") {
		t.Error(body)
	}
}

func TestLoopback(t *testing.T) {
	for place, want := range map[string]bool{
		"http://127.0.0.1:8080": true, "http://127.9.9.9": true, "http://[::1]:1": true, "http://localhost": true, "http://LOCALHOST.": true,
		"http://km.localhost:80": true, "http://[::ffff:127.0.0.1]": true,
		"http://10.0.0.1": false, "http://stage.example.com": false, "http://localhost.example.com": false, "http://0.0.0.0": false,
	} {
		if got := good(t, with(plainFile, "http://127.0.0.1:8080", place)); got.Loopback() != want {
			t.Errorf("%s: %v", place, !want)
		}
	}
	if good(t, with(plainFile, "proxy: http://proxy.example.com:1")).Loopback() {
		t.Error("a proxy elsewhere is not this machine")
	}
	if good(t, with(humanFile, "https://stage.example.com/km", "https://localhost")).Loopback() {
		t.Error("the consent server is elsewhere")
	}
}
