package kit

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Rows names the requirements of a dialect that the quirks violate or lean on
// which every dialect has. A dialect without refresh tokens has none of a refresh.
type Rows[D Served] struct {
	Issue, Refresh, Rotate, Use, Expire string

	// Refuse says that what is no live refresh token gets nothing.
	Refuse string

	// What the document says of the ends of tokens that a refresh answers; ""
	// is nothing.
	RenewedAccess, RenewedRefresh string

	// What says that an access token can be used, and that no use prolongs it;
	// "" is that nothing says so.
	Using, InUse string

	// Lasts says that an access token works until its end; "" is Expire.
	Lasts string

	// What says that an access token works that a refresh answers late.
	LateAccess string

	// Statuses: the document names the status of its token answers.
	Statuses bool
	// ErrorTable: the document says what errors look like, so that nobody is
	// free to let them look otherwise.
	ErrorTable bool
	// Guessable says which tokens the defects of ANY-ENTROPY make guessable:
	// a signed one is not, whatever it says. "" is all of them.
	Guessable string
	// Bare has a deed for them: the tokens must be seen as they were made. Where
	// there is one they are signed, and no part of them can go unlooked at.
	Bare func(D)
	// AnyForm: the document leaves the form of all tokens open.
	AnyForm bool
	// LetIn shows a resource to whoever has no live token in one of these ways.
	LetIn func(when ...When) func(D)
}

// Common are the quirks that every dialect has, under ids of its own.
func Common[D Served](dialect string, r Rows[D]) (all []Declared[D]) {
	defect := func(id, row, text string, deed func(*Service)) {
		if row != "" {
			all = append(all, Defect(dialect+"-"+id, row, text, func(d D) { deed(d.Base()) }))
		}
	}
	liberty := func(id, row, text string, deed func(*Service)) {
		if row != "" {
			all = append(all, Liberty(dialect+"-"+id, row, text, func(d D) { deed(d.Base()) }))
		}
	}

	// how a token must be sent, and which
	for _, way := range []struct {
		id, text string
		let      When
	}{
		{"basic-scheme-accepted", "The access token is accepted under the scheme Basic.", Foreign(AccessToken, UnderBasic)},
		{"bare-token-accepted", "The access token is accepted without a scheme.", Foreign(AccessToken, Bare)},
		{"refresh-token-accepted", "A refresh token is accepted as an access token.", Foreign(RefreshToken, Presented)},
	} {
		if way.id != "refresh-token-accepted" || r.Refresh != "" {
			all = append(all, Defect(dialect+"-"+way.id, r.Use, way.text, r.LetIn(way.let)))
		}
	}
	if r.Bare == nil {
		defect("access-prefix", r.Use, "Only the first 16 characters of an access token are compared.", func(s *Service) { s.startOnly[AccessToken] = true })
		defect("refresh-prefix", r.Refuse, "Only the first 16 characters of a refresh token are compared.", func(s *Service) { s.startOnly[RefreshToken] = true })
	}

	if r.Bare == nil {
		const long = len("pn1dEItKs1L5jDLWg4snzYfxx0PNqprElZol-YEyZMe") // and of a UUID 36
		defect("access-longer", r.Use, "An access token is accepted with anything after it.", func(s *Service) {
			if s.keptOf[AccessToken] = long; s.MintAccess != nil {
				s.keptOf[AccessToken] = len(s.MintAccess())
			}
		})
		defect("refresh-longer", r.Refuse, "A refresh token is accepted with anything after it.", func(s *Service) { s.keptOf[RefreshToken] = long })
		const most = 20
		defect("access-suffix", r.Use, "Only the last 20 characters of an access token are compared.", func(s *Service) { s.endOnly[AccessToken] = most })
		defect("refresh-suffix", r.Refuse, "Only the last 20 characters of a refresh token are compared.", func(s *Service) { s.endOnly[RefreshToken] = most })
		defect("refresh-any-case", r.Refuse, "Refresh tokens are compared without regard to case.", func(s *Service) { s.keptLower[RefreshToken] = true })
	}
	if r.AnyForm {
		defect("access-any-case", r.Use, "Access tokens are compared without regard to case.", func(s *Service) { s.keptLower[AccessToken] = true })
		liberty("hex-tokens", r.Use, "Tokens are in hex, and compared without regard to case.", func(s *Service) {
			s.Mint = func() string { return strings.ReplaceAll(RandomUUID()+RandomUUID(), "-", "") }
			s.keptLower = [2]bool{true, true}
		})
		all = append(all, signedQuirks(dialect, r)...)
	}
	all = append(all, formerReturns(dialect, r)...)

	// how tokens live
	defect("renewed-access-lives", r.RenewedAccess, "An access token that a refresh answers lives for 60 days, whatever is announced.", func(s *Service) { s.renewed[AccessToken] = 60 * 24 * time.Hour })
	defect("renewed-access-dies-early", r.RenewedAccess, "An access token that a refresh answers dies after five minutes, whatever is announced.", func(s *Service) { s.renewed[AccessToken] = 5 * time.Minute })
	defect("renewed-refresh-lives", r.RenewedRefresh, "A refresh token that a refresh answers lives for 60 days, whatever is announced.", func(s *Service) { s.renewed[RefreshToken] = 60 * 24 * time.Hour })
	defect("renewed-refresh-dies-early", r.RenewedRefresh, "A refresh token that a refresh answers dies after an hour, whatever is announced.", func(s *Service) { s.renewed[RefreshToken] = time.Hour })
	defect("renewed-access-keeps-end", r.LateAccess, "An access token that a refresh answers dies when the one before would have, whatever is announced.", func(s *Service) { s.keepsEnd[AccessToken] = true })
	defect("renewed-refresh-keeps-end", r.RenewedRefresh, "A refresh token that a refresh answers dies when the one before would have, announced with its full life.", func(s *Service) { s.keepsEnd[RefreshToken] = true })
	const again = 2 // a refresh of what a refresh answered
	defect("second-access-lives", r.RenewedAccess, "An access token that a second refresh answers lives for 60 days, whatever is announced.", func(s *Service) { s.since, s.renewed[AccessToken] = again, 60*24*time.Hour })
	defect("second-access-dies-early", r.RenewedAccess, "An access token that a second refresh answers dies after five minutes, whatever is announced.", func(s *Service) { s.since, s.renewed[AccessToken] = again, 5*time.Minute })
	defect("second-refresh-lives", r.RenewedRefresh, "A refresh token that a second refresh answers lives for 60 days, whatever is announced.", func(s *Service) { s.since, s.renewed[RefreshToken] = again, 60*24*time.Hour })
	defect("second-refresh-dies-early", r.RenewedRefresh, "A refresh token that a second refresh answers dies after an hour, whatever is announced.", func(s *Service) { s.since, s.renewed[RefreshToken] = again, time.Hour })
	defect("second-dead-access", r.Refresh, "The access token that a second refresh answers does not work.", func(s *Service) { s.since, s.DeadAccess = again, true })
	defect("second-dead-refresh", r.Refresh, "The refresh token that a second refresh answers does not work.", func(s *Service) { s.since, s.DeadRefresh = again, true })
	defect("renewed-refresh-replay", r.Rotate, "A refresh token that a refresh answered still works after its own refresh.", func(s *Service) { s.since, s.Replayable = 1, true })
	defect("second-refresh-replay", r.Rotate, "A refresh token that a second refresh answered still works after its own refresh.", func(s *Service) { s.since, s.Replayable = again, true })
	defect("sessions-share-tokens", r.Refresh, "Two sessions of an account that refresh within a second get the same pair.", func(s *Service) { s.twins = true })
	defect("hands-out-twice", "ANY-UNIQUE", "Each eighth pair that is handed out is the one before, whoever got that.", func(s *Service) { s.repeatsEvery = 8 })
	defect("access-slides", r.InUse, "Using an access token starts its lifetime again.", func(s *Service) { s.SlidingAccess = true })
	defect("access-works-once", r.Using, "An access token authorizes one request and no more.", func(s *Service) { s.usesOnly = 1 })
	defect("access-works-thrice", r.Using, "An access token authorizes three requests and no more.", func(s *Service) { s.usesOnly = 3 })
	defect("spent-refresh-returns", r.Rotate, "A used refresh token is refused for five minutes and works again after them.", func(s *Service) { s.forgetsSpent = Forgetful })
	defect("replay-forgives", r.Rotate, "A used refresh token is refused the first time that it comes again, and works the next time.", func(s *Service) { s.forgives = true })
	defect("login-revives-spent", r.Rotate, "A new grant has the used refresh tokens of its account work again.", func(s *Service) { s.revives.spent = true })
	defect("logins-end-together", cmp.Or(r.Lasts, r.Expire), "All access tokens of an account end with the first of them, whatever is announced.", func(s *Service) { s.sameEnd[AccessToken] = true })
	defect("logins-refresh-ends-together", r.RenewedRefresh, "All refresh tokens of an account's grants end with the first of them, whatever is announced.", func(s *Service) { s.sameEnd[RefreshToken] = true })
	if r.Bare == nil { // a signed token says itself when it ends
		renewing := r.Expire
		if r.Refresh == "" {
			renewing = ""
		}
		defect("refresh-prolongs", renewing, "A refresh starts the lifetime of the former access token again.", func(s *Service) { s.prolongs, s.KeepsExpired = true, true })
		defect("cached-announced-anew", cmp.Or(r.Lasts, r.Expire), "A grant repeats the pair that is still alive, announced with its full life.", func(s *Service) { s.HandsOutAgain, s.announcesAnew = true, true })
		defect("login-revives-ended", r.Expire, "A new grant has the tokens of its account work again that have ended.", func(s *Service) { s.revives.ended, s.KeepsExpired = true, true })
	}
	defect("others-renewed-access-dead", r.Refresh, "The access token of a refresh works for the account only that was granted tokens before all others.", func(s *Service) { s.firstOnly[AccessToken] = true })
	defect("others-refresh-once", r.Refresh, "The refresh token of a refresh works for the account only that was granted tokens before all others.", func(s *Service) { s.firstOnly[RefreshToken] = true })
	defect("chain-breaks", r.Rotate, "The third refresh of a session is refused, with the refresh token that the second one answered.", func(s *Service) { s.refreshesOnly = 2 })
	defect("chain-breaks-late", r.Rotate, "The seventh refresh of a session is refused.", func(s *Service) { s.refreshesOnly = 6 })
	defect("renewed-refresh-race", r.Rotate, "A refresh token that a refresh answered is looked up first and removed 40 ms later.", func(s *Service) { s.since, s.RaceWindow = 1, RaceGap })
	defect("refresh-replay", r.Rotate, "The old refresh token still works after a refresh.", func(s *Service) { s.Replayable = true })
	defect("refresh-race", r.Rotate, "The refresh token is looked up first and removed 40 ms later: racing refreshes all win, a later replay is refused.", func(s *Service) { s.RaceWindow = RaceGap })
	defect("refresh-race-narrow", r.Rotate, "The refresh token is looked up first and removed 1 ms later.", func(s *Service) { s.RaceWindow = NarrowGap })
	defect("refresh-dead-access", r.Refresh, "The access token that a refresh answers does not work.", func(s *Service) { s.DeadAccess = true })
	defect("refresh-dead-refresh", r.Refresh, "The refresh token that a refresh answers does not work.", func(s *Service) { s.DeadRefresh = true })
	defect("each-ninth-access-dead", r.Using, "Each ninth access token is refused from its first use on.", func(s *Service) { s.deadEach[AccessToken] = 9 })
	defect("each-seventh-refresh-dead", r.Refresh, "Each seventh refresh token is refused at its first use.", func(s *Service) { s.deadEach[RefreshToken] = 7 })
	defect("access-token-refreshes", r.Refuse, "An access token is accepted for a refresh.", func(s *Service) { s.TakesAccess = true })
	liberty("single-session", r.Issue, "One session per account: a new grant revokes the tokens of the former one.", func(s *Service) { s.fewSessions = 1 })
	liberty("three-sessions", r.Issue, "Three sessions per account: a fourth grant revokes the tokens of the oldest.", func(s *Service) { s.fewSessions = 3 })
	liberty("replay-ends-all", r.Rotate, "A replayed refresh token revokes all tokens of its account.", func(s *Service) { s.replayEndsAll = true })
	liberty("revoke-on-replay", r.Rotate, "A replayed refresh token, also the loser of a race, revokes the whole family of tokens.", func(s *Service) { s.RevokeOnReplay = true })
	liberty("old-access-dies", r.Refresh, "A refresh revokes the access token that was issued with the old refresh token.", func(s *Service) { s.oldAccessDies = true })
	liberty("chain-ends", r.Refresh, "A rotated refresh token ends when the first one of its chain would have.", func(s *Service) { s.chainEnds = true })
	liberty("leeway", r.Expire, "Tokens are accepted for 60 seconds, codes for 2 seconds, after their announced end.", func(s *Service) { s.Leeway, s.CodeLeeway = tokenLeeway, codeLeeway })

	// what tokens are
	tokens := cmp.Or(r.Guessable, "Tokens")
	guessable := func(id, text string, mint func(*Clock) func() string) {
		deeds := []func(D){func(d D) { d.Base().Mint = mint(&d.Base().Clock) }}
		if r.Bare != nil {
			deeds = append(deeds, r.Bare)
		}
		all = append(all, Defect(dialect+"-"+id, "ANY-ENTROPY", tokens+text, deeds...))
	}
	guessable("counter-tokens", " are a counter padded with zeros.", func(*Clock) func() string {
		return func() string { return fmt.Sprintf("tk%041d", Serial.Add(1)) }
	})
	guessable("timestamp-tokens", " are the time of issue in nanoseconds.", func(clock *Clock) func() string {
		return func() string { return fmt.Sprint(clock.Now().UnixNano() + Serial.Add(1)) }
	})
	guessable("prefix-tokens", " of a run share their first 35 characters.", func(*Clock) func() string {
		prefix := RandomToken()[:35]
		return func() string { return prefix + RandomToken()[:8] }
	})
	guessable("time-uuids", " are version 1 UUIDs: a clock and a fixed node.", TimeUUIDs)

	// how answers travel
	defect("cacheable", "ANY-CACHE", "Token answers carry no Cache-Control header.", func(s *Service) {
		s.OnHeader(func(h http.Header, a Answer) {
			if a.Token && a.Page == nil && a.Location == "" {
				delete(h, "Cache-Control")
				delete(h, "Pragma")
			}
		})
	})
	liberty("rate-limit", "ANY-5XX", "Every 11th request, five times in all, is answered 429 with Retry-After: 1.", func(s *Service) {
		s.Before(nowAndThen(11, func() Answer {
			return s.Refuse(http.StatusTooManyRequests, "slow_down", "Too many requests; wait for Retry-After.")
		}))
	})
	liberty("unavailable", "ANY-5XX", "Every 13th request, five times in all, is answered 503 with Retry-After: 1.", func(s *Service) {
		s.Before(nowAndThen(13, func() Answer {
			return s.Refuse(http.StatusServiceUnavailable, "temporarily_unavailable", "Busy; wait for Retry-After.")
		}))
	})
	liberty("drops-idle", "ANY-5XX", "Every 17th request, five times in all, finds its kept-alive connection closed; a fresh connection never does.", func(s *Service) { s.Before(dropsIdle()) })
	liberty("connection-close", "ANY-5XX", "Every answer closes its connection.", func(s *Service) {
		s.OnHeader(func(h http.Header, _ Answer) { h["Connection"] = []string{"close"} })
	})
	liberty("chunked", "ANY-SCHEMA", "Answers travel in chunks without a Content-Length.", func(s *Service) { s.send = inChunks })
	liberty("extra-members", "ANY-SCHEMA", "Every JSON answer has members that nobody documented.", func(s *Service) { s.OnSending(extraMembers()) })
	liberty("decimals", "ANY-SCHEMA", "Whole numbers are written 60.0.", func(s *Service) {
		s.OnSending(func(_ *Call, a Answer) Answer { a.Body = a.Body.decimals(); return a })
	})
	liberty("charset", "ANY-SCHEMA", "JSON answers say application/json;charset=UTF-8.", func(s *Service) {
		s.OnSending(func(_ *Call, a Answer) Answer {
			if a.Media == nil && a.Page == nil && a.Location == "" {
				a.Media = []string{"application/json;charset=UTF-8"}
			}
			return a
		})
	})
	if !r.Statuses {
		liberty("created", r.Issue, "Token answers have status 201; the document names none.", func(s *Service) {
			s.OnSending(func(_ *Call, a Answer) Answer {
				if a.Status == http.StatusOK && a.Token && a.Body != nil {
					a.Status = http.StatusCreated
				}
				return a
			})
		})
	}
	if !r.ErrorTable {
		liberty("errors-html", r.Use, "Refusals are HTML pages; the document does not describe errors.", refusals("text/html; charset=utf-8", "<!DOCTYPE html><title>%[1]s</title><h1>%[1]s</h1>\n"))
		liberty("errors-text", r.Use, "Refusals are plain text.", refusals("text/plain; charset=utf-8", "%s\n"))
		liberty("errors-empty", r.Use, "Refusals have no body.", refusals("", ""))
		liberty("forbidden", r.Use, "A request without a valid token is answered 403 instead of 401.", func(s *Service) {
			s.On(Unauthorized, func(_ *Call, a Answer) Answer {
				if a.Status == http.StatusUnauthorized {
					a.Status = http.StatusForbidden
				}
				return a
			})
		})
	}
	liberty("malformed-400", r.Use, "A malformed Authorization header is answered 400 (RFC 6750 3.1).", func(s *Service) {
		s.On(Unauthorized, func(_ *Call, _ Answer) Answer {
			return s.Challenge(s.Refuse(http.StatusBadRequest, "invalid_request", "The Authorization header is malformed."), "invalid_request")
		}, func(c *Call) bool { return c.How == CarriesMalformed })
	})
	liberty("trims", r.Use, "Space around credentials and tokens in a request is ignored.", func(s *Service) { s.Trim = strings.TrimSpace })
	return all
}

// tokenLeeway and codeLeeway are what the leeway liberty grants. A minute is
// what clocks may differ by; for a code of 30 seconds that would be no leeway
// but another lifetime.
const (
	tokenLeeway = 60 * time.Second
	codeLeeway  = 2 * time.Second
)

// Forgetful is how long the defects remember that forget.
const Forgetful = 5 * time.Minute

// seldom is bounded, so that a harness that waits as it is told comes to an
// end of it.
const seldom = 5

// nowAndThen answers every nth request in the handlers' place.
func nowAndThen(n uint64, instead func() Answer) func(*Call) (Answer, bool) {
	var sequence atomic.Uint64
	var done atomic.Int64
	return func(*Call) (Answer, bool) {
		if sequence.Add(1)%n == 0 && done.Add(1) <= seldom {
			return instead(), true
		}
		return Answer{}, false
	}
}

// dropsIdle picks requests on a connection that has served one before: closing
// a fresh one would be no idle connection's end.
func dropsIdle() func(*Call) (Answer, bool) {
	var since, drops atomic.Int64
	return func(c *Call) (Answer, bool) {
		on, _ := c.Context().Value(connectionKey{}).(*atomic.Int64)
		first := on == nil || on.Add(1) == 1
		if since.Add(1) < 17 || first || drops.Load() >= seldom {
			return Answer{}, false
		}
		since.Store(0)
		drops.Add(1)
		return Answer{Fate: Dropped}, true
	}
}

func inChunks(w http.ResponseWriter, status int, body []byte) {
	w.WriteHeader(status)
	if len(body) > 1 {
		// Flushing before the end is known is what makes net/http use chunks.
		flusher, _ := w.(http.Flusher)
		_, _ = w.Write(body[:len(body)/2])
		if flusher != nil {
			flusher.Flush()
		}
		body = body[len(body)/2:]
	}
	_, _ = w.Write(body)
}

// extraMembers adds members to an answer, and to the objects in it.
func extraMembers() Change {
	var sequence atomic.Uint64
	return func(_ *Call, a Answer) Answer {
		fuller := make(Object, 0, len(a.Body)+2)
		for _, m := range a.Body {
			if m.Value.kind == 'o' {
				inner := *m.Value.object
				m.Value = Nested(append(inner[:len(inner):len(inner)], Member{"note", Text("nested")}))
			}
			fuller = append(fuller, m)
		}
		a.Body = append(fuller, Member{"trace", Text("t-" + strconv.FormatUint(sequence.Add(1), 10))},
			Member{"meta", Raw(`{"node":7,"tags":["a","b"],"next":null}`)})
		return a
	}
}

// refusals gives errors a body of another form, with the status in words.
func refusals(media, form string) func(*Service) {
	return func(s *Service) {
		s.OnSending(func(_ *Call, a Answer) Answer {
			if !a.Refusal() || a.Page != nil || a.Location != "" {
				return a
			}
			if a.Page = []byte{}; form != "" {
				a.Page, a.Media = fmt.Appendf(nil, form, http.StatusText(a.Status)), []string{media}
			}
			return a
		})
	}
}
