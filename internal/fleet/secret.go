package fleet

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/nats-io/nkeys"
)

// leastSecret is how many bytes a join secret has at the least: the public keys that follow from it can be asked for by anybody who
// reaches the lead, and a word could be guessed by them.
const leastSecret = 16

// Keys are what follows from a join secret, the same for whoever has it. The secret itself is never sent.
type Keys struct {
	join   nkeys.KeyPair      // answers the challenge of the server
	name   string             // the public half of join
	server ed25519.PrivateKey // what the lead proves by that it has the secret, too, and all between seal what they send by
}

// NewSecret is a join secret by chance.
func NewSecret() string { return rand.Text() + rand.Text() }

// KeysOf derives the keys of a join secret.
func KeysOf(secret string) (*Keys, error) {
	switch {
	case secret == "":
		return nil, errors.New("it is empty")
	case len(secret) < leastSecret:
		return nil, fmt.Errorf("it has %d bytes, and less than %d could be guessed", len(secret), leastSecret)
	}
	join, err := derived(secret, "join")
	if err != nil {
		return nil, err
	}
	server, err := derived(secret, "server")
	if err != nil {
		return nil, err
	}
	pair, err := nkeys.FromRawSeed(nkeys.PrefixByteUser, join)
	if err != nil {
		return nil, err
	}
	name, err := pair.PublicKey()
	return &Keys{pair, name, ed25519.NewKeyFromSeed(server)}, err
}

func derived(secret, what string) ([]byte, error) {
	return hkdf.Key(sha256.New, []byte(secret), nil, "gonogo generators: "+what, ed25519.SeedSize)
}

// serverTLS is how the lead seals what it sends, under a certificate whose key follows from the secret.
func (k *Keys) serverTLS() (*tls.Config, error) {
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "gonogo lead"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), // clocks are no matter here
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, k.server.Public(), k.server)
	if err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: k.server}}}, nil
}

// errOther is what a lead with another join secret looks like.
var errOther = errors.New("the lead there has another join secret")

// clientTLS trusts the one key that follows from the secret, and no name or authority.
func (k *Keys) clientTLS() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13, InsecureSkipVerify: true,
		VerifyConnection: func(state tls.ConnectionState) error {
			if key, is := state.PeerCertificates[0].PublicKey.(ed25519.PublicKey); !is || !key.Equal(k.server.Public()) {
				return errOther
			}
			return nil
		},
	}
}
