package kitchenmonki

import (
	"sync"
	"time"

	"gonogo/reference/kit"
)

// Quirks of the tokens of one grant alone, and of codes that come back.
var grantQuirks = []kit.Declared[*monki]{
	defect("kitchenmonki-code-access-dies-early", "KM-EXPIRE-1", "An access token that a code gets dies after 30 minutes.", ofCodeLives(kit.AccessToken, accessLife/2, exchanged)),
	defect("kitchenmonki-code-access-lives", "KM-EXPIRE-1", "An access token that a code gets lives for 60 days.", ofCodeLives(kit.AccessToken, 60*24*time.Hour, exchanged)),
	defect("kitchenmonki-code-renewed-access-lives", "KM-EXPIRE-1", "An access token lives for 60 days that a refresh of what a code got answers.", ofCodeLives(kit.AccessToken, 60*24*time.Hour, refreshed)),
	defect("kitchenmonki-code-refresh-dies-early", "KM-EXPIRE-2", "A refresh token that a code gets dies after a week.", ofCodeLives(kit.RefreshToken, refreshLife/2, exchanged)),
	defect("kitchenmonki-code-renewed-refresh-dies-early", "KM-EXPIRE-2", "A refresh token dies after a week that a refresh of what a code got answers.", ofCodeLives(kit.RefreshToken, refreshLife/2, refreshed)),
	defect("kitchenmonki-code-refresh-lives", "KM-EXPIRE-3", "A refresh token that a code gets lives for 60 days.", ofCodeLives(kit.RefreshToken, 60*24*time.Hour, exchanged)),
	defect("kitchenmonki-renewed-refresh-dies-early", "KM-EXPIRE-2", "A refresh token that a refresh answers dies after a week.", renewedLives(refreshLife/2, 1)),
	defect("kitchenmonki-second-refresh-dies-early", "KM-EXPIRE-2", "A refresh token that a second refresh answers dies after a week.", renewedLives(refreshLife/2, 2)),
	defect("kitchenmonki-renewed-refresh-lives", "KM-EXPIRE-3", "A refresh token that a refresh answers lives for 60 days.", renewedLives(60*24*time.Hour, 1)),
	defect("kitchenmonki-second-refresh-lives", "KM-EXPIRE-3", "A refresh token that a second refresh answers lives for 60 days.", renewedLives(60*24*time.Hour, 2)),
	defect("kitchenmonki-code-refresh-replay", "KM-REFRESH-2", "The refresh token that a code got still works after a refresh.", replaysOfCode(0)),
	defect("kitchenmonki-code-renewed-refresh-replay", "KM-REFRESH-2", "The refresh token still works after its own refresh that a refresh of what a code got answered.", replaysOfCode(1)),
	defect("kitchenmonki-code-refresh-other-client", "KM-REFRESH-4", "The refresh token that a code got works for another client.", func(m *monki) {
		m.refreshFor = func(g kit.Grant, who *kit.KnownClient) bool { return g.Client == who.Number || m.consented(g) }
	}),
	defect("kitchenmonki-used-code-returns", "KM-CODE-3", "A used code is refused for ten seconds and works again after them.", codesWork(func(age, since time.Duration) bool {
		return age < codeLife && (since < 0 || since >= 10*time.Second)
	})),
	defect("kitchenmonki-used-code-returns-at-end", "KM-CODE-3", "A used code works again when its 30 seconds are over.", codesWork(func(age, since time.Duration) bool {
		return (age < codeLife) == (since < 0)
	})),
	defect("kitchenmonki-ended-code-returns", "KM-CODE-2", "Of the age of a code only the seconds are looked at: one that nobody used works again in the next minute.", codesWork(func(age, since time.Duration) bool {
		return age%time.Minute < codeLife && since < 0
	})),
	liberty("kitchenmonki-one-consent", "KM-CODE-1", "The tokens of a code end those that the same client had for the same user.", oneConsent),
}

// consented reports a grant that a user consented to: of the accounts to test with, no client's own user is one who consents.
func (m *monki) consented(g kit.Grant) bool { return int64(m.clientOf(g.Client).ActsAs) != g.User }

// ofCodeLives has a token of a code live for so long, or one of a refresh of what a code got.
func ofCodeLives(k kit.Kind, life time.Duration, o kit.Occasion) func(*monki) {
	return livesFor(k, life, o, (*monki).consented)
}

// renewedLives has a refresh token live for so long that so many refreshes answered, or more.
func renewedLives(life time.Duration, age uint8) func(*monki) {
	return livesFor(kit.RefreshToken, life, refreshed, func(_ *monki, g kit.Grant) bool { return g.Age >= age })
}

func livesFor(k kit.Kind, life time.Duration, o kit.Occasion, of func(*monki, kit.Grant) bool) func(*monki) {
	return func(m *monki) {
		m.On(o, func(c *kit.Call, a kit.Answer) kit.Answer {
			key := kit.KeyOf([2]string{kit.AccessToken: c.Pair.Access, kit.RefreshToken: c.Pair.Refresh}[k])
			if e, there := m.Tokens.Tokens.Get(key); there && of(m, e.Value) {
				_ = m.Tokens.Tokens.Put(key, e.Value, c.Now.Add(life).UnixNano())
			}
			return a
		})
	}
}

// replaysOfCode keeps refresh tokens good that so many refreshes of what a code got answered, or more.
func replaysOfCode(age uint8) func(*monki) {
	return func(m *monki) {
		m.On(refreshed, func(c *kit.Call, a kit.Answer) kit.Answer {
			if c.Grant.Age >= age && m.consented(c.Grant) {
				_ = m.Tokens.Tokens.Put(kit.KeyOf(c.Token), c.Grant, c.Now.Add(refreshLife).UnixNano())
			}
			return a
		})
	}
}

// codesWork decides by a code's age, and by the time since its use, whether it works; that is negative before it was used.
func codesWork(good func(age, since time.Duration) bool) func(*monki) {
	return func(m *monki) {
		m.codeLife = 60 * 24 * time.Hour
		var born, used sync.Map
		m.minted = func(_ *kit.KnownClient, _ *kit.KnownUser, k kit.Key) { born.Store(k, m.Clock.Now()) }
		m.spend = func(k kit.Key) bool {
			now, since := m.Clock.Now(), time.Duration(-1)
			if at, was := used.Load(k); was {
				since = now.Sub(at.(time.Time))
			}
			at, known := born.Load(k)
			works := known && good(now.Sub(at.(time.Time)), since)
			if works {
				used.Store(k, now)
			}
			return works
		}
	}
}

// oneConsent has the tokens of a code end those of the one before.
func oneConsent(m *monki) {
	var newest sync.Map
	m.On(exchanged, func(c *kit.Call, a kit.Answer) kit.Answer {
		g, _ := m.Tokens.Use(c.Pair.Access, c.Now)
		if before, had := newest.Swap(pairing{g.Client, int(g.User)}, g.Family); had {
			m.Tokens.Revoke(before.(uint64), c.Now)
		}
		return a
	})
}

// pairing is a client and a user of it.
type pairing struct {
	client uint32
	user   int
}

func pairOf(who *kit.KnownClient, u *kit.KnownUser) pairing { return pairing{who.Number, u.ActsAs} }

// remembers which user has approved which client, and does not ask again.
func remembers(m *monki) {
	var approved sync.Map
	m.minted = func(who *kit.KnownClient, u *kit.KnownUser, _ kit.Key) { approved.Store(pairOf(who, u), true) }
	m.remembered = func(who *kit.KnownClient, u *kit.KnownUser) bool {
		_, before := approved.Load(pairOf(who, u))
		return before
	}
}

// keepsOneCode has a new code end the one before that the user of the client has not used.
func keepsOneCode(whose func(pairing) pairing) func(*monki) {
	return func(m *monki) {
		var newest sync.Map
		m.minted = func(who *kit.KnownClient, u *kit.KnownUser, code kit.Key) {
			if before, had := newest.Swap(whose(pairOf(who, u)), code); had {
				m.codes.Take(before.(kit.Key))
			}
		}
	}
}
