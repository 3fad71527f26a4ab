package kit

import (
	"crypto/sha256"
	"crypto/subtle"
	"slices"
	"strings"
)

// Anybodys is a SecretCheck's: the secret is that of any account of the dialect.
func (s *Service) Anybodys(secret string) bool {
	return s.Accounts.SomeClient(func(c *KnownClient) bool { return c.Dialect == s.Dialect && c.Secret == secret }) != nil ||
		s.Accounts.SomeUser(func(u *KnownUser) bool { return u.Dialect == s.Dialect && u.Password == secret }) != nil
}

// SecretCheck is how a secret is compared. The zero value compares it whole
// and in constant time; each field is a defect.
type SecretCheck struct {
	Unchecked bool                     // any secret will do
	None      bool                     // an empty one will do; only a defect lets one get this far
	AnyCase   bool                     // upper and lower case are the same
	StartOnly bool                     // the first half is enough
	Spaces    bool                     // white space around it makes no difference
	EndOnly   bool                     // all but the first letter is enough
	FormerToo bool                     // secrets that were regenerated still work
	Unknown   bool                     // an unknown client will do, whatever its secret
	Anybodys  func(secret string) bool // that of any account of the dialect will do, if there is such a function
}

// Client: the secret proves the client.
func (s SecretCheck) Client(c *KnownClient, secret string) bool {
	return s.accepts(secret, c.Secret, c.SecretHash, c.Former, c == Nobody)
}

// User: the password proves the user.
func (s SecretCheck) User(u *KnownUser, password string) bool {
	return s.accepts(password, u.Password, u.PasswordHash, nil, u == NoUser)
}

func (s SecretCheck) accepts(given, want string, hash [sha256.Size]byte, former []string, nobody bool) bool {
	sent := hashOf(given)
	switch {
	case subtle.ConstantTimeCompare(sent[:], hash[:]) == 1:
		return true
	case nobody:
		return s.Unknown
	case given == "":
		return s.None
	case s.Unchecked:
		return true
	case s.AnyCase:
		return strings.EqualFold(given, want)
	case s.StartOnly:
		return strings.HasPrefix(given, want[:len(want)/2])
	case s.Spaces:
		return strings.TrimSpace(given) == want
	case s.EndOnly:
		return strings.HasSuffix(given, want[1:])
	case s.FormerToo:
		return slices.Contains(former, given)
	case s.Anybodys != nil:
		return s.Anybodys(given)
	}
	return false
}
