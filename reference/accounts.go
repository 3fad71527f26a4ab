package reference

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Accounts are the accounts that a server starts with.
type Accounts struct {
	Clients []Client
	Users   []User
}

// A Client is a party that makes API calls.
type Client struct {
	Dialect     string
	Role        string // "primary", "second" or "helper"; empty for a client made later
	ID          string
	Secret      string
	RedirectURI string // where its users come back to (kitchenmonki)
	ActsAs      int    // the user id its own tokens act for; 0 if none
}

// A User has a name and a password: a human who can sign in at the consent
// page, or the account behind API credentials (b2b).
type User struct {
	Dialect  string
	Role     string // "user", "primary", "listed"; empty for one made later
	Username string
	Password string
	ActsAs   int      // the user id that the granted tokens act for; the client_id of b2b
	Allow    []string // the addresses and CIDRs that it is let in from (b2b); none is from everywhere
}

// maxAccounts bounds what the control API can add.
const maxAccounts = 10_000

// client is a registered client. It never changes: a new secret is a new client
// record under the same number, put in place in one step.
type client struct {
	Client
	number     uint32
	secretHash [sha256.Size]byte
	formerIDs  []string // for the liberty that changes the id with the secret
	former     []string // former secrets, for the defect that keeps them alive
}

type user struct {
	User
	number       uint32 // what a grant knows it by; shared with no client
	passwordHash [sha256.Size]byte
	allow        []netip.Prefix
}

// name is how an account is found: ids are unique within their dialect.
type name struct{ dialect, id string }

// directory is who is known. Reading needs no lock: every change puts a new
// snapshot in place.
type directory struct {
	mu  sync.Mutex // writers only
	now atomic.Pointer[snapshot]
}

type snapshot struct {
	clients map[name]*client
	users   map[name]*user
	numbers map[uint32]*user
	next    uint32
}

func newDirectory(a Accounts) (*directory, error) {
	d := &directory{}
	d.now.Store(&snapshot{clients: map[name]*client{}, users: map[name]*user{}, numbers: map[uint32]*user{}})
	for _, c := range a.Clients {
		if err := d.addClient(c); err != nil {
			return nil, err
		}
	}
	for _, u := range a.Users {
		if err := d.addUser(u); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func (d *directory) client(dialect, id string) *client {
	return d.now.Load().clients[name{dialect, id}]
}
func (d *directory) user(dialect, username string) *user {
	return d.now.Load().users[name{dialect, username}]
}

// userNumbered is whose tokens a grant speaks of; nil for those that only a
// defect hands out.
func (d *directory) userNumbered(number uint32) *user { return d.now.Load().numbers[number] }

// change lets one writer at a time edit a copy of the snapshot.
func (d *directory) change(edit func(*snapshot) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	old := d.now.Load()
	fresh := &snapshot{maps.Clone(old.clients), maps.Clone(old.users), maps.Clone(old.numbers), old.next}
	if err := edit(fresh); err != nil {
		return err
	}
	d.now.Store(fresh)
	return nil
}

func (d *directory) addClient(c Client) error {
	return d.change(func(s *snapshot) error {
		switch {
		case c.ID == "" || c.Secret == "":
			return fmt.Errorf("a client of %s needs an id and a secret", c.Dialect)
		case s.clients[name{c.Dialect, c.ID}] != nil:
			return fmt.Errorf("%s already has a client %q", c.Dialect, c.ID)
		case len(s.clients) >= maxAccounts:
			return fmt.Errorf("there are already %d clients", maxAccounts)
		}
		if err := checkRedirectURI(c.RedirectURI); err != nil {
			return fmt.Errorf("client %q of %s: %w", c.ID, c.Dialect, err)
		}
		s.next++
		s.clients[name{c.Dialect, c.ID}] = &client{Client: c, number: s.next, secretHash: sha256.Sum256([]byte(c.Secret))}
		return nil
	})
}

func (d *directory) addUser(u User) error {
	return d.change(func(s *snapshot) error {
		switch {
		case u.Username == "" || u.Password == "":
			return fmt.Errorf("a user of %s needs a username and a password", u.Dialect)
		case s.users[name{u.Dialect, u.Username}] != nil:
			return fmt.Errorf("%s already has a user %q", u.Dialect, u.Username)
		case len(s.users) >= maxAccounts:
			return fmt.Errorf("there are already %d users", maxAccounts)
		}
		allow, err := prefixes(u.Allow)
		if err != nil {
			return fmt.Errorf("user %q of %s: allow: %w", u.Username, u.Dialect, err)
		}
		s.next++
		added := &user{User: u, number: s.next, passwordHash: sha256.Sum256([]byte(u.Password)), allow: allow}
		s.users[name{u.Dialect, u.Username}], s.numbers[added.number] = added, added
		return nil
	})
}

// clientNamed finds a client by its id or a former id, in any dialect.
func (d *directory) clientNamed(id string) (*client, error) {
	var found []*client
	for _, c := range d.now.Load().clients {
		if c.ID == id || slices.Contains(c.formerIDs, id) {
			found = append(found, c)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, fmt.Errorf("there is no client %q", id)
	}
	return nil, fmt.Errorf("several dialects have a client %q; give them different ids", id)
}

// replace puts a changed client in the place of the old one. It answers false
// if another change came first.
func (d *directory) replace(old *client, changed client) bool {
	changed.secretHash = sha256.Sum256([]byte(changed.Secret))
	err := d.change(func(s *snapshot) error {
		place := name{old.Dialect, old.ID}
		if s.clients[place] != old {
			return fmt.Errorf("client %q was changed meanwhile", old.ID)
		}
		delete(s.clients, place)
		s.clients[name{changed.Dialect, changed.ID}] = &changed
		return nil
	})
	return err == nil
}

// nextUser is a user id that nobody acts as yet.
func (d *directory) nextUser() int {
	highest := 1000
	s := d.now.Load()
	for _, c := range s.clients {
		highest = max(highest, c.ActsAs)
	}
	for _, u := range s.users {
		highest = max(highest, u.ActsAs)
	}
	return highest + 1
}

// isAnybodys reports whether some account of a dialect has a secret, for the
// defects that compare with those of all accounts.
func (d *directory) isAnybodys(dialect, secret string) bool {
	s := d.now.Load()
	for at, c := range s.clients {
		if at.dialect == dialect && c.Secret == secret {
			return true
		}
	}
	for at, u := range s.users {
		if at.dialect == dialect && u.Password == secret {
			return true
		}
	}
	return false
}

// anybodys is isAnybodys of the dialect as secretCheck wants it; nil unless the
// defect is on.
func (d *desk) anybodys(on bool) func(string) bool {
	if !on {
		return nil
	}
	return func(secret string) bool { return d.accounts.isAnybodys(d.dialect, secret) }
}

// clientOrNobody stands in for an unknown client, so that its refusal takes
// the same way, and as long, as that of a wrong secret.
func (d *directory) clientOrNobody(dialect, id string) *client {
	if c := d.client(dialect, id); c != nil {
		return c
	}
	return nobody
}

// nobody has a secret that nobody knows, and no tokens.
var nobody = func() *client {
	secret := randomToken()
	return &client{Client: Client{Secret: secret}, secretHash: sha256.Sum256([]byte(secret))}
}()

// passwordHolder is a user as secretCheck looks at it; an unknown one is
// nobody, for the reason that clientOrNobody gives.
func (u *user) passwordHolder() *client {
	if u == nil {
		return nobody
	}
	return &client{Client: Client{Secret: u.Password}, secretHash: u.passwordHash}
}

// secretCheck is how a secret is compared. The zero value compares it whole
// and in constant time; each field is a defect.
type secretCheck struct {
	unchecked bool                     // any secret will do
	none      bool                     // an empty one will do; only a defect lets one get this far
	anyCase   bool                     // upper and lower case are the same
	startOnly bool                     // the first half is enough
	formerToo bool                     // secrets that were regenerated still work
	unknown   bool                     // an unknown client will do, whatever its secret
	anybodys  func(secret string) bool // that of any account of the dialect will do, if there is such a function
}

func (s secretCheck) accepts(c *client, secret string) bool {
	given := hashOf(secret)
	switch {
	case subtle.ConstantTimeCompare(given[:], c.secretHash[:]) == 1:
		return true
	case c == nobody:
		return s.unknown
	case secret == "":
		return s.none
	case s.unchecked:
		return true
	case s.anyCase:
		return strings.EqualFold(secret, c.Secret)
	case s.startOnly:
		return strings.HasPrefix(secret, c.Secret[:len(c.Secret)/2])
	case s.formerToo:
		return slices.Contains(c.former, secret)
	case s.anybodys != nil:
		return s.anybodys(secret)
	}
	return false
}
