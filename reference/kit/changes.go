package kit

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The words that deeds are written in: changes of an answer, and conditions on
// the request that it is for.

// On is a deed: answers of an occasion are changed when all conditions hold.
func On[D Served](o Occasion, change Change, when ...When) func(D) {
	return func(d D) { d.Base().On(o, change, when...) }
}

// Instead is a deed: on an occasion the server answers as step does.
func Instead[D Served](o Occasion, step func(D, *Call) Answer, when ...When) func(D) {
	return func(d D) {
		d.Base().On(o, func(c *Call, _ Answer) Answer { return step(d, c) }, when...)
	}
}

// Body makes a change of what is done to the body.
func Body(change func(Object) Object) Change {
	return func(_ *Call, a Answer) Answer {
		a.Body = change(a.Body)
		return a
	}
}

// Drop leaves a member out.
func Drop(names ...string) Change {
	return Body(func(o Object) Object {
		for _, name := range names {
			o = o.Without(name)
		}
		return o
	})
}

// Put gives a member another value.
func Put(name string, v Value) Change {
	return Body(func(o Object) Object { return o.Set(name, v) })
}

// PutFound gives a member the value that the call leads to.
func PutFound(name string, v func(*Call) Value) Change {
	return func(c *Call, a Answer) Answer {
		a.Body = a.Body.Set(name, v(c))
		return a
	}
}

// In makes a change in an object that is a member of the body.
func In(name string, change Change) Change {
	return func(c *Call, a Answer) Answer {
		outer := a.Body
		inner := outer.Inner(name)
		a.Body = *inner
		a = change(c, a)
		*inner, a.Body = a.Body, outer
		return a
	}
}

// Status answers with another status, and so without a challenge.
func Status(status int) Change {
	return func(_ *Call, a Answer) Answer {
		a.Status, a.Challenge = status, ""
		return a
	}
}

// Page answers with an HTML page.
func Page(page string) Change {
	return func(_ *Call, a Answer) Answer {
		a.Page = []byte(page)
		return a
	}
}

// Crash stands for the code of a careless server.
func Crash(c *Call, _ Answer) Answer {
	return c.Service.Refuse(http.StatusInternalServerError, "server_error", serverFailed)
}

// HangUp closes the connection without an answer.
func HangUp(_ *Call, a Answer) Answer {
	a.Fate = Dropped
	return a
}

// Hang never answers.
func Hang(_ *Call, a Answer) Answer {
	a.Fate = Hung
	return a
}

// TellSecret gives the client's secret away, under the name expected.
var TellSecret = PutFound("expected", func(c *Call) Value { return Text(c.Client.Secret) })

// TellToken gives the newest live access token away.
var TellToken = PutFound("session", func(c *Call) Value { return Text(c.Service.Tokens.NewestPair().Access) })

// FirstAccess answers the access token that the family of tokens began with,
// AsSent the token that was sent.
func FirstAccess(c *Call) Value { return Text(c.Service.Tokens.FirstPair(c.Grant).Access) }
func AsSent(c *Call) Value      { return Text(c.Token) }

// WearsOut is a deed: an occasion comes so many times, and from then on the server answers as step does.
func WearsOut[D Served](o Occasion, times int64, step func(D, *Call) Answer) func(D) {
	return func(d D) {
		var come atomic.Int64
		Instead(o, step, func(*Call) bool { return come.Add(1) > times })(d)
	}
}

// EndsOnFailure is a deed: a wrong login ends all tokens of these kinds of the client that it names.
func EndsOnFailure[D Served](wrong Occasion, who func(*Call) uint32, known When, kinds ...Kind) func(D) {
	return func(d D) {
		d.Base().On(wrong, func(c *Call, a Answer) Answer {
			c.Service.Tokens.Tokens.DropIf(func(g Grant) bool { return g.Client == who(c) && slices.Contains(kinds, g.Kind) })
			return a
		}, known)
	}
}

// MixesUp is a deed: logins within 40 ms of one another are answered the pair of the last of them.
func MixesUp[D Served](right Occasion) func(D) {
	return func(d D) { d.Base().On(right, OfTheLast()) }
}

// OfTheLast changes the answer to a login to the pair of the last one within the next 40 ms.
func OfTheLast() func(*Call, Answer) Answer {
	var last atomic.Pointer[Pair]
	return func(c *Call, a Answer) Answer {
		own := c.Pair
		last.Store(&own)
		time.Sleep(RaceGap)
		pair := last.Load()
		a.Body = a.Body.Set("access_token", Minted(pair.Access)).Set("refresh_token", Minted(pair.Refresh))
		return a
	}
}

// Memoises is a deed: logins by one client within a second are answered the pair of the first of them, whoever logs in.
func Memoises[D Served](right Occasion) func(D) {
	type memo struct {
		pair Pair
		at   time.Time
	}
	return func(d D) {
		var mu sync.Mutex
		var kept map[uint32]memo
		d.Base().On(right, func(c *Call, a Answer) Answer {
			mu.Lock()
			defer mu.Unlock()
			last, there := kept[c.Client.Number]
			if !there || c.Now.Sub(last.at).Abs() >= time.Second {
				last = memo{c.Pair, c.Now}
				bounded(&kept)[c.Client.Number] = last
			}
			a.Body = a.Body.Set("access_token", Minted(last.pair.Access)).Set("refresh_token", Minted(last.pair.Refresh))
			return a
		})
	}
}

// Throttles is a deed: from so many wrong logins on, each is answered 429 with a Retry-After of a quarter of an hour, while
// who is right is let in. A wait starts the count again, and does not end it.
func Throttles[D Served](wrong Occasion, tries int) func(D) {
	return func(d D) {
		var mu sync.Mutex
		row, until := 0, time.Time{}
		s := d.Base()
		s.On(wrong, func(c *Call, a Answer) Answer {
			mu.Lock()
			defer mu.Unlock()
			if c.Now.After(until) {
				row = 0
			}
			if row++; row < tries {
				return a
			}
			until = c.Now.Add(15 * time.Minute)
			a = s.Refuse(http.StatusTooManyRequests, "slow_down", "Too many wrong logins; wait for Retry-After.")
			a.Retry = int64(15 * time.Minute / time.Second)
			return a
		})
	}
}

// LocksOut is a deed: after so many wrong logins in a row an account is let in no more, for fifteen minutes.
func LocksOut[D Served](wrong, right Occasion, tries int, refuse func(D, *Call) Answer) func(D) {
	return func(d D) {
		var mu sync.Mutex
		row, until := map[string]int{}, map[string]time.Time{}
		account := func(c *Call) string {
			if KnownName(c) {
				return c.User.Username
			}
			return c.Client.ID
		}
		d.Base().On(wrong, func(c *Call, a Answer) Answer {
			mu.Lock()
			defer mu.Unlock()
			if row[account(c)]++; row[account(c)] == tries {
				row[account(c)], until[account(c)] = 0, c.Now.Add(15*time.Minute)
			}
			return a
		}, Either(KnownID, KnownName))
		d.Base().On(right, func(c *Call, a Answer) Answer {
			mu.Lock()
			defer mu.Unlock()
			if c.Now.Before(until[account(c)]) {
				return refuse(d, c)
			}
			delete(row, account(c))
			return a
		})
	}
}

// GoesOn: there is something after the JSON object.
func GoesOn(c *Call) bool {
	_, fault := ReadFirst(c.Sent)
	return c.Fault == BodyMalformed && fault == nil
}

// ReadsFirst is a deed: a body that cannot be read whole is read to the end of its JSON object.
func ReadsFirst[D Served]() func(D) {
	return func(d D) {
		s := d.Base()
		usual := s.Read
		s.Read = func(c *Call, body []byte) (Fields, *BodyFault) {
			fields, fault := usual(c, body)
			if fault == BodyMalformed {
				return ReadFirst(body)
			}
			return fields, fault
		}
	}
}

// UnderBasic is a token under the scheme Basic, Bare one without a scheme, and
// Presented the one that stands where it should.
func UnderBasic(c *Call) string {
	if scheme, token, _ := strings.Cut(c.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "Basic") {
		return token
	}
	return ""
}
func Bare(c *Call) string      { return c.Header.Get("Authorization") }
func Presented(c *Call) string { return c.Token }

// AnswersAgain repeats, for ten seconds, what a refresh was answered, to whoever sends its refresh token again: a client that
// has lost the answer is not lost with it.
func AnswersAgain[D Served](refreshed, dead Occasion) func(D) {
	type given struct {
		Answer
		at time.Time
	}
	return func(d D) {
		var former sync.Map
		d.Base().On(refreshed, func(c *Call, a Answer) Answer {
			former.Store(c.Token, given{a, c.Now})
			return a
		})
		d.Base().On(dead, func(c *Call, a Answer) Answer {
			if before, known := former.Load(c.Token); known && c.Now.Sub(before.(given).at) < 10*time.Second {
				return before.(given).Answer
			}
			return a
		})
	}
}
