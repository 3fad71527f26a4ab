package watch

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/lineage"
	"gonogo/internal/operation"
	text "gonogo/reports/words"
	"gonogo/specs"
)

// requests: every request of a role is as the document has it.
func requests(d *specs.Dialect, declared specs.Flow) []look {
	role := specs.Role(cmp.Or(declared.Params["role"], string(specs.RoleIssue)))
	return []look{{name: string(role), row: declared.Requirement, title: "each request of role " + string(role) + " is as the document has it",
		judge: func(s *stage, found *sight) {
			found.missing = "the client made no request of role " + string(role)
			for _, e := range s.all() {
				switch {
				case isUse(e) && role == specs.RoleIssue && slices.ContainsFunc(e.Strange, func(shown operation.Shown) bool { return strings.HasPrefix(shown.Value, decoy) }):
					found.find(e, "the tokens that stand where the document has them", "a value of the same name that stood elsewhere in the answer")
				case e.Role() == role:
					differs := slices.DeleteFunc(slices.Clone(e.Seen.Differs), func(d operation.Difference) bool { return slices.Contains(declared.Lists["may_lack"], d.Lacks) })
					if len(differs) > 0 {
						found.find(e, "a request as the document has it", "%s", differs[0].Text)
					} else if name := bare(e); name != "" {
						found.find(e, name+" encoded, as forms are", "it as it is")
					} else {
						found.saw(e)
					}
				case e.Role() == "" && e.Status() == 404 && s.signsIn(e):
					found.find(e, "the path that the document has for it", "a path of which the document says nothing")
				}
			}
			if again := s.loggedInAgain(); role == specs.RoleIssue && len(again) > 1 { // once may have a reason of its own
				found.find(again[0], "calls with the tokens of the login before, which was answered well", "another login at once, and none of them used, %d times", len(again))
			}
		}}}
}

// loggedInAgain are the logins that followed at once on one that was answered well, and of whose tokens none was used.
func (s *stage) loggedInAgain() (again []*lineage.Event) {
	single := sync.OnceValue(func() bool { return s.single(specs.RoleIssue) })
	var before *lineage.Event
	for _, e := range s.all() {
		if !tokenCall(e) || grantOf(e) != specs.RoleIssue {
			continue
		}
		if before != nil && e.Role() == specs.RoleIssue && e.Before(before) && e.Arrived.Sub(before.Done) < onTheWay && single() && !s.usedOrRenewed(before.Gave...) {
			again = append(again, e)
		}
		before = nil
		if e.Role() == specs.RoleIssue && e.OK() && len(e.Gave) > 0 && slices.Contains([]string{"", "decoy", "shortened"}, e.Deed) {
			before = e
		}
	}
	return again
}

// bare is the name of an address that stands in the query as it is, and not in the form application/x-www-form-urlencoded (RFC 6749 appendix
// B): what of it comes after a & would be another parameter. Empty: there is none.
func bare(e *lineage.Event) string {
	for part := range strings.SplitSeq(e.Request.URL.RawQuery, "&") {
		name, value, _ := strings.Cut(part, "=")
		if strings.Contains(value, "://") && slices.ContainsFunc(e.Seen.Op.Inputs, func(in specs.Input) bool {
			return in.Name == name && in.In == specs.InQuery && in.Format == "uri"
		}) {
			return name
		}
	}
	return ""
}

// signsIn reports whether a request carries the client's secret, other than in its address.
func (s *stage) signsIn(e *lineage.Event) bool {
	for _, secret := range s.secrets {
		if secret.in(string(e.Request.Body)) || basicHolds(e.Request.Header["Authorization"], secret.value) {
			return true
		}
	}
	return false
}

// use: every call carries the access token where the document has it.
func use(d *specs.Dialect, declared specs.Flow) []look {
	return []look{
		{name: "carried", row: declared.Requirement, title: "every call carries the access token where the document has it",
			judge: func(s *stage, found *sight) {
				found.missing = s.uncalled()
				began := s.firstGrant()
				for _, e := range s.all() {
					switch {
					case !documentedUse(e) || began.IsZero() || e.Arrived.Before(began):
					case e.Of(client.Access) != nil:
						found.saw(e)
					case len(e.Shown) > 0:
						kind, _ := s.dialect.Token(e.Shown[0].Kind)
						found.find(e, "the access token", "%s in its place", text.A(kind.Noun()))
					case len(e.Strange) == 0:
						found.find(e, "the access token where the document has it", "a call without one there")
					}
				}
			}},
		{name: "preferred", row: declared.Params["preferred"], title: "the access token stands in the place that the document prefers",
			judge: func(s *stage, found *sight) {
				found.missing = s.uncalled()
				for _, e := range s.all() {
					if !documentedUse(e) || e.Of(client.Access) == nil {
						continue
					}
					if i := slices.IndexFunc(e.Seen.Shown, func(shown operation.Shown) bool { return shown.Scheme != "" }); i >= 0 && e.Seen.Shown[i].Scheme != preferred(e) {
						found.find(e, "the token in the place that the document prefers", "%s", e.Seen.Shown[i].Place)
						continue
					}
					found.saw(e)
				}
			}},
	}
}

// uncalled says that the client made no call, and why that is, where the API gave it no tokens for one.
func (s *stage) uncalled() string {
	refused, last := 0, 0
	for _, e := range s.all() {
		if tokenCall(e) && e.Refused() {
			refused, last = refused+1, e.Status()
		}
	}
	if refused == 0 || !s.firstGrant().IsZero() {
		return "the client made no call"
	}
	return fmt.Sprintf("the client made no call, because it was given no token: of its requests for one %d came to a refusal, the last with status %d", refused, last)
}

func documentedUse(e *lineage.Event) bool { return e.Role() == specs.RoleUse }

// preferred is the security scheme that the document has first.
func preferred(e *lineage.Event) string {
	if auth := e.Seen.Op.Auth; len(auth) > 0 {
		return auth[0].Scheme
	}
	return ""
}

// firstGrant is when the client first received tokens; zero: never.
func (s *stage) firstGrant() time.Time {
	for _, t := range s.book.Tokens() {
		if t.Delivered {
			return t.Given.Done
		}
	}
	return time.Time{}
}
