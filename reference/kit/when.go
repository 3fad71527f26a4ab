package kit

import (
	"bytes"
	"slices"
	"strings"
	"sync"
)

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

func IsArray(name string) When { return starts(name, '[') }

// IsOperator: the member is a condition of a query language, as some stores have it.
func IsOperator(name string) When {
	return sent(name, func(f Field, _ bool) bool { return bytes.HasPrefix(f.Raw, []byte(`{"$`)) })
}

func starts(name string, with byte) When {
	return sent(name, func(f Field, found bool) bool { return found && f.Raw[0] == with })
}

// Conditions on how the request presents a token.
func Nothing(c *Call) bool { return c.How == CarriesNone }

func Something(c *Call) bool { return c.How == CarriesToken }

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

// Renewed: the token that the request is about is from a refresh.
func Renewed(c *Call) bool { return c.Grant.Age > 0 }

// RenewedTwice: it is from a refresh of what a refresh answered.
func RenewedTwice(c *Call) bool { return c.Grant.Age > 1 }

// KnownID and KnownName: there is such a client, and such a user.
func KnownID(c *Call) bool { return c.Client != nil && c.Client != Nobody }

func KnownName(c *Call) bool { return c.User != nil && c.User != NoUser }
