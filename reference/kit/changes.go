package kit

import (
	"bytes"
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

// At: the request is for one of the paths.
func At(paths ...string) When {
	return func(c *Call) bool { return slices.Contains(paths, c.At) }
}

// Both conditions hold, or more.
func Both(all ...When) When {
	return func(c *Call) bool { return !slices.ContainsFunc(all, func(holds When) bool { return !holds(c) }) }
}

// Either condition holds, or one of more.
func Either(any ...When) When {
	return func(c *Call) bool { return slices.ContainsFunc(any, func(holds When) bool { return holds(c) }) }
}

// Not turns a condition round.
func Not(w When) When { return func(c *Call) bool { return !w(c) } }

// Misread: the body is at fault in one of these ways.
func Misread(faults ...*BodyFault) When {
	return func(c *Call) bool { return slices.Contains(faults, c.Fault) }
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

// sent is a condition on a member that the answer is about.
func sent(name string, is func(f Field, found bool) bool) When {
	return func(c *Call) bool {
		if c.Member != "" && c.Member != name {
			return false
		}
		return is(c.Fields.Get(name))
	}
}

// Conditions on a member of the body.
func Lacks(name string) When { return sent(name, func(_ Field, found bool) bool { return !found }) }
func IsEmpty(name string) When {
	return sent(name, func(f Field, _ bool) bool { return string(f.Raw) == `""` })
}
func IsNull(name string) When {
	return sent(name, func(f Field, _ bool) bool { return string(f.Raw) == "null" })
}
func IsNoText(name string) When {
	return sent(name, func(f Field, found bool) bool { return found && !f.IsText() })
}
func IsNumber(name string) When {
	return sent(name, func(f Field, _ bool) bool { return f.IsNumber() })
}
func IsObject(name string) When { return starts(name, '{') }
func IsArray(name string) When  { return starts(name, '[') }

// IsOperator: the member is a condition of a query language, as some stores have it.
func IsOperator(name string) When {
	return sent(name, func(f Field, _ bool) bool { return bytes.HasPrefix(f.Raw, []byte(`{"$`)) })
}

func starts(name string, with byte) When {
	return sent(name, func(f Field, found bool) bool { return found && f.Raw[0] == with })
}

// Conditions on how the request presents a token.
func Nothing(c *Call) bool    { return c.How == CarriesNone }
func Something(c *Call) bool  { return c.How == CarriesToken }
func SchemeOnly(c *Call) bool { return strings.EqualFold(c.Header.Get("Authorization"), "Bearer") }

// Unknown: nobody issued the token that the request is about; Garbage: nor the
// one in its header.
func Unknown(c *Call) bool { return !c.Service.Knows(c.Token) }
func Garbage(c *Call) bool { return c.How == CarriesToken && Unknown(c) }

// SentBefore: the token has come on this occasion before.
func SentBefore() When {
	var seen sync.Map
	return func(c *Call) bool {
		_, before := seen.LoadOrStore(KeyOf(c.Token), true)
		return before
	}
}

// Foreign: a token is presented in another way than the document's, and alive
// as the kind that it is taken for: its grant is then that of the call.
func Foreign(k Kind, presented func(*Call) string) When {
	return func(c *Call) bool {
		g, live := c.Service.lives(k, presented(c), c.Now)
		if live {
			c.Grant = g
		}
		return live
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

// Renewed: the token that the request is about is from a refresh.
func Renewed(c *Call) bool { return c.Grant.Age > 0 }

// RenewedTwice: it is from a refresh of what a refresh answered.
func RenewedTwice(c *Call) bool { return c.Grant.Age > 1 }

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

// KnownID and KnownName: there is such a client, and such a user.
func KnownID(c *Call) bool   { return c.Client != nil && c.Client != Nobody }
func KnownName(c *Call) bool { return c.User != nil && c.User != NoUser }
