package kit

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Accounts are the accounts that a server starts with.
type Accounts struct {
	Clients []Client `json:"clients"`
	Users   []User   `json:"users"`
}

// A Client is a party that makes API calls.
type Client struct {
	Dialect     string `json:"dialect"`
	Role        string `json:"role"` // "primary", "second" or "helper"; empty for a client made later
	ID          string `json:"client_id"`
	Secret      string `json:"client_secret"`
	RedirectURI string `json:"redirect_uri"`     // where its users come back to (kitchenmonki)
	ActsAs      int    `json:"acts_as"`          // the user id its own tokens act for; 0 if none
	Public      bool   `json:"public,omitempty"` // it has no secret, because it could not keep one (oauth2)
}

// A User has a name and a password: a human who can sign in at the consent
// page, or the account behind API credentials (b2b).
type User struct {
	Dialect  string   `json:"dialect"`
	Role     string   `json:"role"` // "user", "primary", "listed"; empty for one made later
	Username string   `json:"username"`
	Password string   `json:"password"`
	ActsAs   int      `json:"acts_as"` // the user id that the granted tokens act for; the client_id of b2b
	Allow    []string `json:"allow"`   // the addresses and CIDRs that it is let in from (b2b); none is from everywhere
}

// MaxAccounts bounds what the control API can add.
const MaxAccounts = 10_000

// KnownClient is a registered client. It never changes: a new secret is a new client
// record under the same number, put in place in one step.
type KnownClient struct {
	Client
	Number     uint32
	SecretHash [sha256.Size]byte
	FormerIDs  []string // for the liberty that changes the id with the secret
	Former     []string // former secrets, for the defect that keeps them alive
}

// KnownUser is a registered user.
type KnownUser struct {
	User
	Number       uint32 // what a grant knows it by; shared with no client
	PasswordHash [sha256.Size]byte
	Allow        []netip.Prefix
}

// AccountID is how an account is found: ids are unique within their dialect.
type AccountID struct{ Dialect, ID string }

// Directory is who is known. Reading needs no lock: every change puts a new
// snapshot in place.
type Directory struct {
	mu      sync.Mutex // writers only
	current atomic.Pointer[Snapshot]
}

type Snapshot struct {
	Clients map[AccountID]*KnownClient
	Users   map[AccountID]*KnownUser
	numbers map[uint32]*KnownUser
	next    uint32
}

func NewDirectory(a Accounts) (*Directory, error) {
	d := &Directory{}
	d.current.Store(&Snapshot{Clients: map[AccountID]*KnownClient{}, Users: map[AccountID]*KnownUser{}, numbers: map[uint32]*KnownUser{}})
	for _, c := range a.Clients {
		if err := d.AddClient(c); err != nil {
			return nil, err
		}
	}
	for _, u := range a.Users {
		if err := d.AddUser(u); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// Client is the client with an id, nil if there is none.
func (d *Directory) Client(dialect, id string) *KnownClient {
	return d.current.Load().Clients[AccountID{dialect, id}]
}

// ClientOrNobody has Nobody stand in for an unknown client, so that its refusal
// takes the same way, and as long, as that of a wrong secret.
func (d *Directory) ClientOrNobody(dialect, id string) *KnownClient {
	return cmp.Or(d.Client(dialect, id), Nobody)
}

// User is the user of a name, nil if there is none.
func (d *Directory) User(dialect, username string) *KnownUser {
	return d.current.Load().Users[AccountID{dialect, username}]
}

// UserOrNobody is likewise the user of a name, or NoUser.
func (d *Directory) UserOrNobody(dialect, username string) *KnownUser {
	return cmp.Or(d.User(dialect, username), NoUser)
}

// UserNumbered is whose tokens a grant speaks of; NoUser for those that only a
// defect hands out.
func (d *Directory) UserNumbered(number uint32) *KnownUser {
	return cmp.Or(d.current.Load().numbers[number], NoUser)
}

// Nobody is a client, and NoUser a user, with a secret that nobody knows, and
// without tokens.
var (
	Nobody = &KnownClient{SecretHash: sha256.Sum256([]byte(RandomToken()))}
	NoUser = &KnownUser{PasswordHash: sha256.Sum256([]byte(RandomToken()))}
)

// Edit lets one writer at a time edit a copy of the snapshot.
func (d *Directory) Edit(edit func(*Snapshot) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	old := d.current.Load()
	fresh := &Snapshot{maps.Clone(old.Clients), maps.Clone(old.Users), maps.Clone(old.numbers), old.next}
	if err := edit(fresh); err != nil {
		return err
	}
	d.current.Store(fresh)
	return nil
}

func (d *Directory) AddClient(c Client) error {
	return d.Edit(func(s *Snapshot) error {
		switch {
		case c.ID == "" || c.Secret == "" && !c.Public:
			return fmt.Errorf("a client of %s needs an id and a secret", c.Dialect)
		case c.Secret != "" && c.Public:
			return fmt.Errorf("the public client %q of %s has a secret", c.ID, c.Dialect)
		case s.Clients[AccountID{c.Dialect, c.ID}] != nil:
			return fmt.Errorf("%s already has a client %q", c.Dialect, c.ID)
		case len(s.Clients) >= MaxAccounts:
			return fmt.Errorf("there are already %d clients", MaxAccounts)
		}
		if err := checkRedirectURI(c.RedirectURI); err != nil {
			return fmt.Errorf("client %q of %s: %w", c.ID, c.Dialect, err)
		}
		s.next++
		s.Clients[AccountID{c.Dialect, c.ID}] = &KnownClient{Client: c, Number: s.next, SecretHash: sha256.Sum256([]byte(c.Secret))}
		return nil
	})
}

func (d *Directory) AddUser(u User) error {
	return d.Edit(func(s *Snapshot) error {
		switch {
		case u.Username == "" || u.Password == "":
			return fmt.Errorf("a user of %s needs a username and a password", u.Dialect)
		case s.Users[AccountID{u.Dialect, u.Username}] != nil:
			return fmt.Errorf("%s already has a user %q", u.Dialect, u.Username)
		case len(s.Users) >= MaxAccounts:
			return fmt.Errorf("there are already %d users", MaxAccounts)
		}
		allow, err := Prefixes(u.Allow)
		if err != nil {
			return fmt.Errorf("user %q of %s: allow: %w", u.Username, u.Dialect, err)
		}
		s.next++
		added := &KnownUser{User: u, Number: s.next, PasswordHash: sha256.Sum256([]byte(u.Password)), Allow: allow}
		s.Users[AccountID{u.Dialect, u.Username}], s.numbers[added.Number] = added, added
		return nil
	})
}

// ClientNamed finds a client by its id or a former id, in any dialect.
func (d *Directory) ClientNamed(id string) (*KnownClient, error) {
	var found []*KnownClient
	for _, c := range d.current.Load().Clients {
		if c.ID == id || slices.Contains(c.FormerIDs, id) {
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

// Replace puts a changed client in the place of the old one. It answers false
// if another change came first.
func (d *Directory) Replace(old *KnownClient, changed KnownClient) bool {
	changed.SecretHash = sha256.Sum256([]byte(changed.Secret))
	err := d.Edit(func(s *Snapshot) error {
		place := AccountID{old.Dialect, old.ID}
		if s.Clients[place] != old {
			return fmt.Errorf("client %q was changed meanwhile", old.ID)
		}
		delete(s.Clients, place)
		s.Clients[AccountID{changed.Dialect, changed.ID}] = &changed
		return nil
	})
	return err == nil
}

// NextUser is a user id that nobody acts as yet.
func (d *Directory) NextUser() int {
	highest := 1000
	s := d.current.Load()
	for _, c := range s.Clients {
		highest = max(highest, c.ActsAs)
	}
	for _, u := range s.Users {
		highest = max(highest, u.ActsAs)
	}
	return highest + 1
}

// SomeUser is one of the users for whom is holds, SomeClient one of the
// clients; nil if it holds for none.
func (d *Directory) SomeUser(is func(*KnownUser) bool) *KnownUser {
	return some(d.current.Load().Users, is)
}
func (d *Directory) SomeClient(is func(*KnownClient) bool) *KnownClient {
	return some(d.current.Load().Clients, is)
}

func some[A any](all map[AccountID]*A, is func(*A) bool) *A {
	for _, one := range all {
		if is(one) {
			return one
		}
	}
	return nil
}

// checkRedirectURI holds a registered redirect URI to RFC 6749 3.1.2: absolute
// and without a fragment. "" is a client that sends no users.
func checkRedirectURI(s string) error {
	if s == "" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || !u.IsAbs() || strings.Contains(s, "#") {
		return fmt.Errorf("the redirect URI %q must be absolute and without a fragment", s)
	}
	for _, c := range s {
		if c <= ' ' || c > '~' {
			return fmt.Errorf("the redirect URI %q must be printable ASCII", s)
		}
	}
	if slices.Contains([]string{"javascript", "data", "vbscript"}, strings.ToLower(u.Scheme)) {
		return fmt.Errorf("the redirect URI %q would run as a script", s)
	}
	return nil
}

// Prefixes reads a list of addresses and CIDRs. An IPv4 address in IPv6 dress
// (::ffff:192.0.2.1) is the IPv4 address, so that it does not matter on which
// kind of socket a request comes in.
func Prefixes(list []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, one := range list {
		p, err := prefix(one)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

func prefix(s string) (netip.Prefix, error) {
	const mapped = 128 - 32 // the bits before the IPv4 address
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil || p.Addr().Is4In6() && p.Bits() < mapped {
		return netip.Prefix{}, fmt.Errorf("%q is neither an address nor a CIDR; write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32", s)
	}
	if p.Addr().Is4In6() {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-mapped)
	}
	return p.Masked(), nil
}
