package fifth

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// How long things last, as the document has it.
const (
	accessLife  = 10 * time.Minute
	refreshLife = 2 * time.Hour
	voucherLife = time.Minute
)

// What a paper can be.
const (
	access  = "access"
	refresh = "refresh"
	voucher = "voucher"
)

// book is everything the server remembers. Only the keeper goroutine opens it.
type book struct {
	options Options
	shift   time.Duration // how far the clock is ahead of real time
	clients map[string]*client
	humans  []Human
	papers  map[string]*paper
	current map[string]*family // the session that a new one ends, where there is only one
	visits  map[string]*visit
	lately  []time.Time // grants of the last second, in real time
	issued  int
}

type client struct {
	Client
	former []string
}

// family is a session: one consent or sign-in, and everything that was refreshed from it.
type family struct {
	client *client
	human  Human
	ended  bool
	closed bool      // by who it was given to
	first  time.Time // when its first refresh token ends
	bought bool      // with a voucher
}

// paper is a token or a voucher.
type paper struct {
	kind     string
	value    string
	family   *family
	human    Human // whose shelves it opens
	until    time.Time
	spent    bool
	spentAt  time.Time // of a voucher
	access   *paper    // the access token given with a refresh token
	returnTo string    // of a voucher
	trades   int       // how many refreshes it is away from the grant
}

// pair is what a grant gives.
type pair struct{ access, refresh paper }

func newBook(options Options) *book {
	b := &book{options: options, clients: map[string]*client{}, papers: map[string]*paper{}, current: map[string]*family{}, visits: map[string]*visit{}, humans: []Human{Keeper, Other}}
	for _, c := range []Client{Primary, Second} {
		b.clients[c.ID] = &client{Client: c}
	}
	return b
}

func (b *book) now() time.Time { return time.Now().Add(b.shift) }

// client finds who knocks; nil is nobody.
func (b *book) client(id, secret string) *client {
	c := b.clients[id]
	switch {
	case c == nil:
		return nil
	case c.Secret == secret, b.options.has(CaseBlindSecret) && strings.EqualFold(c.Secret, secret), b.options.has(AnySecret), b.options.has(OldSecretLives) && slices.Contains(c.former, secret):
		return c
	}
	return nil
}

func (b *book) human(name, password string) (Human, bool) {
	for _, h := range b.humans {
		if h.Name == name && (h.Password == password || b.options.has(AnyPassword)) {
			return h, true
		}
	}
	return Human{}, false
}

func (b *book) regenerate(id string) (string, bool) {
	c := b.clients[id]
	if c == nil {
		return "", false
	}
	c.former = append(c.former, c.Secret)
	c.Secret = rand.Text()
	if b.options.takes(SecretTakesTokens) {
		for _, p := range b.papers {
			p.family.ended = p.family.ended || p.family.client == c
		}
	}
	if b.options.has(SecretTakesAll) {
		clear(b.papers)
	}
	return c.Secret, true
}

// session begins one, and ends the one before where there is only one at a time.
func (b *book) session(c *client, h Human) *family {
	f := &family{client: c, human: h, first: b.now().Add(refreshLife)}
	for _, p := range b.papers {
		if b.options.has(SignInRevives) && p.kind == refresh && p.human == h {
			p.spent = false
		}
	}
	key := h.Name
	if b.options.takes(OneSessionPerClient) {
		key = c.ID + " " + h.Name
	}
	if b.options.takes(OneSessionPerHuman) || b.options.takes(OneSessionPerClient) {
		if before := b.current[key]; before != nil {
			before.ended = true
		}
		b.current[key] = f
	}
	return f
}

// give writes a new pair; before is the refresh token that it replaces, if any.
func (b *book) give(f *family, h Human, before *paper) pair {
	key := b.write(&paper{kind: access, family: f, human: h, until: b.now().Add(accessLife), value: b.accessValue()})
	if before == nil && b.options.takes(CachedAccess) {
		key = b.cached(key)
	}
	again := &paper{kind: refresh, family: f, human: h, until: b.now().Add(refreshLife), value: uuid(), access: key}
	if before != nil && b.options.takes(ClockRunsOn) {
		again.until = f.first
	}
	if before != nil {
		key.trades, again.trades = before.trades+1, before.trades+1
	}
	return pair{*key, *b.write(again)}
}

// cached finds the oldest live access token of the same client and human, to hand it out again instead of a new one.
func (b *book) cached(fresh *paper) *paper {
	found := fresh
	for _, p := range b.papers {
		same := p.kind == access && p != fresh && p.family.client == fresh.family.client && p.human == fresh.human
		if same && p.until.Before(found.until) && p.until.Sub(b.now()) > time.Minute && b.live(p) {
			found = p
		}
	}
	if found != fresh {
		delete(b.papers, fresh.value)
	}
	return found
}

func (b *book) write(p *paper) *paper {
	b.papers[p.value] = p
	return p
}

// live reports whether a paper still opens anything.
func (b *book) live(p *paper) bool {
	if p.spent || p.family.ended || p.family.closed && !(p.kind == access && b.options.has(CloseLeavesOpen)) {
		return false
	}
	end := p.until
	switch p.kind {
	case access:
		if b.options.has(EternalAccess) {
			return true
		}
		if b.options.has(ShortAccess) || p.family.bought && b.options.has(ShortVoucherAccess) {
			end = end.Add(-accessLife / 2)
		}
	case refresh:
		if b.options.has(EternalRefresh) {
			return true
		}
		if b.options.has(ShortRefresh) {
			end = end.Add(-refreshLife / 2)
		}
	case voucher:
		return b.options.has(EternalVoucher) || b.now().Before(end)
	}
	if b.options.takes(Leeway) {
		end = end.Add(time.Minute)
	}
	return b.now().Before(end)
}

// busy reports whether this grant is one too many.
func (b *book) busy() bool {
	if !b.options.takes(RateLimit) {
		return false
	}
	b.lately = slices.DeleteFunc(b.lately, func(t time.Time) bool { return time.Since(t) > time.Second })
	if len(b.lately) >= 40 {
		return true
	}
	b.lately = append(b.lately, time.Now())
	return false
}

func (b *book) accessValue() string {
	b.issued++
	if b.options.has(CountableTokens) {
		return fmt.Sprintf("pa_%040x", b.issued)
	}
	return "pa_" + randomHex(20)
}

func randomHex(n int) string {
	raw := make([]byte, n)
	_, _ = rand.Read(raw) // never fails: it ends the program instead
	return hex.EncodeToString(raw)
}

// uuid is a random one, version 4 of RFC 9562.
func uuid() string {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw)
	raw[6] = raw[6]&0x0f | 0x40
	raw[8] = raw[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", raw[:4], raw[4:6], raw[6:8], raw[8:10], raw[10:])
}
