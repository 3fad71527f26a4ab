package doctor

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/consent"
	"gonogo/internal/exchange"
	"gonogo/internal/operation"
	"gonogo/internal/reach"
	"gonogo/internal/target"
	"gonogo/reports"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// answers is the step without which there is no other.
const answers = "answers"

// steps are what there is to try of a target, in the order of the plan's phases.
func (e *Examination) steps(s *scene.Subject) []step {
	steps := []step{
		{name: answers, try: e.answers},
		{name: "time", try: e.time},
		{name: "credentials primary", wrongLogins: scene.MostMisreadings, try: e.primary},
	}
	for _, role := range others(s) {
		steps = append(steps, step{name: "credentials " + role, try: func(t *scene.Trial) { e.another(t, role) }})
	}
	steps = append(steps, step{name: "use of a token", try: e.use})
	if s.Ops.First(specs.RoleAuthorize) != nil {
		if e.planned(target.NeedBrowser) {
			steps = append(steps, step{name: "browser", try: e.browser})
		}
		for _, role := range e.redirected(s) {
			steps = append(steps, step{name: "redirect URI " + role, needs: []target.Need{target.NeedConsent}, try: func(t *scene.Trial) { redirects(t, role) }})
		}
		steps = append(steps, step{name: "consent", needs: []target.Need{target.NeedConsent, target.NeedUser}, try: e.consents})
	}
	if e.planned(target.NeedOutsider) {
		steps = append(steps, step{name: "outsider", needs: []target.Need{target.NeedOutsider}, try: outside})
	}
	if op := s.Ops.First(specs.RoleRevoke); op != nil && op.Setting != "" && s.Target.Settings.RevokeBody == nil {
		steps = append(steps, step{name: "revocation path", try: func(t *scene.Trial) { revokes(t, op) }})
	}
	if s.Target.Clock != nil {
		steps = append(steps, step{name: "clock control", phase: engine.Timeline, try: moves})
	}
	if s.Target.Operator.RotateSecret != nil {
		steps = append(steps, step{name: "operator", phase: engine.Last, try: operates})
	}
	return steps
}

// planned reports whether some case of the check has a need.
func (e *Examination) planned(need target.Need) bool {
	return slices.ContainsFunc(e.job.Plan.Cases, func(c engine.Case) bool { return slices.Contains(c.Needs, need) })
}

// well ends a step with how it went.
func well(t *scene.Trial, format string, args ...any) {
	t.Stop(&engine.Stop{Outcome: reports.Pass, Reason: fmt.Sprintf(format, args...)})
}

// doubtful ends a step that went well but for something that is worth a look.
func doubtful(t *scene.Trial, format string, args ...any) {
	t.Stop(&engine.Stop{Outcome: reports.Warn, Reason: fmt.Sprintf(format, args...)})
}

// answers asks for something that any such target answers somehow.
func (e *Examination) answers(t *scene.Trial) {
	e.halted = true // until it is clear that it is the target
	x, err := t.Trial.Send(t.Context(), t.Knock(t.Context()))
	t.KnownGood(t.Knock)
	base := t.Target.BaseURL
	silent := x == nil || !x.Answered()
	if base.Scheme == "http" && (silent || x.Status == http.StatusBadRequest) && reach.Encrypts(t.Context(), base, t.Target.Limits.Timeout) {
		t.CouldNotRun("the port speaks TLS and was asked in the clear; write https:// instead of http:// in base_url")
	}
	if silent && err != nil && t.Context().Err() == nil {
		t.CouldNotRun("%v; see what listens at %s, and whether it is up to its work", err, base.Host)
	}
	t.Stop(err)
	e.seen = x
	asked, got := x.Method+" "+pathOf(x)+" without a token is answered "+client.Got(x.Status)+serverOf(x), x.Received.Sub(x.Sent).Round(100*time.Microsecond)
	switch to := elsewhere(t, x); {
	case to != nil && !t.Target.Serves(to):
		t.CouldNotRun("%s and sent to %s://%s%s; write that address in base_url, if the API is there", asked, to.Scheme, to.Host, to.Path)
	}
	e.halted = false
	if e.strange = x.Status/100 == 3 || x.Status == http.StatusNotFound || x.Status/100 == 5; e.strange {
		doubtful(t, "%s, where 401 would be usual; see whether the API is at base_url, with its path prefix", asked)
	}
	well(t, "%s in %s", asked, got)
}

// elsewhere is where a redirect leads; nil: the answer is none.
func elsewhere(t *scene.Trial, x *exchange.Exchange) *url.URL {
	if x.Status/100 != 3 || x.Header.Get("Location") == "" {
		return nil
	}
	to, _ := t.Target.BaseURL.Parse(x.Header.Get("Location")) // nil for what is no address
	return to
}

func pathOf(x *exchange.Exchange) string {
	_, rest, _ := strings.Cut(x.URL, "://")
	_, path, found := strings.Cut(rest, "/")
	if !found {
		return "/"
	}
	path, _, _ = strings.Cut(path, "?")
	return "/" + path
}

// muchOff is how far the clocks may be apart before a word is due: as long as some short codes live.
const muchOff = 30 * time.Second

// time compares the target's clock with ours, as far as whole seconds and the way there allow.
func (e *Examination) time(t *scene.Trial) {
	x := e.seen
	date, err := http.ParseTime(x.Header.Get("Date"))
	if err != nil {
		well(t, "its answers have no Date, so that nothing shows how its clock stands; lifetimes are measured by the clock here")
	}
	ahead, least := date.Add(time.Second).Sub(x.Sent), date.Sub(x.Received)
	middle, by := least+(ahead-least)/2, (ahead-least)/2
	off := fmt.Sprintf("%s (±%s)", middle.Round(100*time.Millisecond).Abs(), by.Round(100*time.Millisecond))
	which := "ahead of"
	if middle < 0 {
		which = "behind"
	}
	switch {
	case t.Target.Clock != nil && middle.Abs() > by:
		well(t, "its Date is %s %s the clock here, as its clock control may have left it; check reckons with that", off, which)
	case middle.Abs() > muchOff:
		doubtful(t, "its Date is %s %s the clock here; check reckons with that, clients may not: see which of the two is off", off, which)
	case middle.Abs() > by:
		well(t, "its Date is %s %s the clock here, with which check reckons", off, which)
	}
	well(t, "its Date agrees with the clock here (±%s)", by.Round(100*time.Millisecond))
}

// primary gets tokens as the client that nearly every case uses.
func (e *Examination) primary(t *scene.Trial) {
	defer func() { e.halted = e.strange && !t.Proven(operation.Primary) }() // nothing of it is what was expected
	op, reply := t.SignOn()
	switch {
	case op == nil:
		t.NotApplicable("no operation issues tokens against them alone; they show with the user's consent")
	case reply == nil:
		t.CouldNotRun("no account could be made to act as: %s", t.Habits().NoAccount)
	case !reply.Succeeded() || reply.Tokens[client.Access] == "":
		t.CouldNotRun("%s is answered %s%s, and not with tokens; see whether this is a server of %s, and base_url in the target file", op.Name(), reply.Got(), serverOf(reply.Exchange), t.Dialect.ID)
	}
	grant := t.Collect(operation.Primary, reply)
	e.remember(grant)
	said := fmt.Sprintf("%s is answered %s in %s", op.Name(), reply.Got(), reply.Received.Sub(reply.Exchange.Sent).Round(100*time.Microsecond))
	if role, made := t.Registered(); made && len(t.Target.Credentials[role.Role].Fields) == 0 {
		said += ", for an account that was made for this (credentials." + role.Role + " would name one that is there)"
	}
	t.Stop(t.EarlyRefresh(t.Context(), grant))
	if e.late = t.Habits().LateRefresh; e.late {
		said += "; a refresh is refused while the access token lives, so that cases which refresh wait for its end"
	}
	long := milliseconds(grant)
	if t.Habits().BodyClient {
		said += long
		doubtful(t, "%s; it takes them in the form, and not in the Basic header that the document has", said)
	}
	if long != "" {
		doubtful(t, "%s", said+long)
	}
	well(t, "%s", said)
}

// remember keeps how long tokens live, of which a document need not tell.
func (e *Examination) remember(grant *client.Grant) {
	for kind, token := range grant.Tokens {
		e.lifetimes[kind] = token.Lifetime
	}
}

// others are the further roles of the target file that get tokens by themselves.
func others(s *scene.Subject) (roles []string) {
	for _, role := range s.Dialect.Credentials {
		given := len(s.Target.Credentials[role.Role].Fields) > 0
		if given && role.Role != operation.Primary && !role.Human && !role.Registered && len(role.Fields) > 1 && s.Target.Proves(role.Role, role.Fields[1]) {
			roles = append(roles, role.Role)
		}
	}
	return roles
}

// another gets tokens as a further client or account.
func (e *Examination) another(t *scene.Trial, role string) {
	op := t.First(specs.RoleIssue)
	if op == nil {
		t.NotApplicable("no operation issues tokens against them alone; they show with the user's consent")
	}
	if role == scene.Second {
		t.TryEncoding(op)
	}
	reply := t.Call(op, operation.Args{Role: role}, "as "+role)
	if !reply.Succeeded() || reply.Tokens[client.Access] == "" {
		t.CouldNotRun("%s as %s is answered %s; check credentials.%s in the target file, or remove them", op.Name(), role, reply.Got(), role)
	}
	t.Collect(role, reply)
	well(t, "%s as %s is answered %s", op.Name(), role, reply.Got())
}

// use shows a fresh token where that changes nothing.
func (e *Examination) use(t *scene.Trial) {
	use := t.First(specs.RoleUse)
	switch live := t.Minted(); {
	case use == nil:
		t.NotApplicable("the document names no operation that takes a token")
	case use.Method != http.MethodGet:
		t.NotExercised("%s may leave something behind, so it is left to check", use.Name())
	case len(live) == 0:
		t.NotExercised("not tried, for want of a token")
	default:
		for _, token := range live {
			if token.Kind.Name != client.Access || token.Role != operation.Primary || !t.Live(token.Value) {
				continue
			}
			reply := t.Use(use, token.Value, "with a fresh access token")
			if !reply.Succeeded() {
				t.CouldNotRun("%s does not take a fresh access token: it is answered %s; see whether token and API are of one system (base_url, servers, endpoints)", use.Name(), reply.Got())
			}
			well(t, "%s takes a fresh access token", use.Name())
		}
		t.NotExercised("not tried, for want of an access token")
	}
}

// browser starts Chromium, where it would be made use of. The engine begins with cases that need it, so this step does not say so.
func (e *Examination) browser(t *scene.Trial) {
	if have, why := t.Target.Provides(target.NeedBrowser, e.noBrowser); have != target.Provided {
		t.Stop(&engine.Stop{Outcome: unprovided[have], Reason: why})
	}
	if err := t.Browser().Ready(t.Context()); err != nil {
		t.CouldNotRun("Chromium does not come up: %v", err)
	}
	well(t, "Chromium is there and comes up")
}

// unprovided is what becomes of a step for want of what it needs.
var unprovided = map[target.Provision]reports.Outcome{target.NotConfigured: reports.NotExercised, target.DeclaredAbsent: reports.NotApplicable, target.Missing: reports.CouldNotRun}

// redirected are the roles whose redirect URI the target file gives, if a page can be looked at without asking a person or a program.
func (e *Examination) redirected(s *scene.Subject) (roles []string) {
	input, ok := s.RedirectInput()
	if mode := s.Target.Consent.Mode; !ok || mode != target.ConsentForm && mode != target.ConsentBrowser {
		return nil
	}
	for _, role := range s.Dialect.Credentials {
		if s.Target.Credentials[role.Role].Fields[input.From.Field] != "" {
			roles = append(roles, role.Role)
		}
	}
	return roles
}

// redirects opens the consent page for a role's redirect URI, and signs in to nothing.
func redirects(t *scene.Trial, role string) {
	input, _ := t.RedirectInput()
	key := "credentials." + role + "." + input.From.Field
	done := t.Ask(scene.Ask{Role: role, Decision: consent.Open}, true)
	_, failed := done.Param("error")
	switch {
	case done.Stray != nil, failed, done.Redirect == nil && done.Status >= http.StatusBadRequest:
		t.CouldNotRun("%s is answered %d: %s; the server wants %s letter for letter as this client registered it", done.Op.Name(), done.Status, done.Got(), key)
	case done.Redirect != nil:
		well(t, "users are sent back to it at once, for they have approved before")
	}
	well(t, "%s shows its page, so it is one that the client registered", done.Op.Name())
}

// consents has the user sign in and approve once, and trades the code.
func (e *Examination) consents(t *scene.Trial) {
	if t.First(specs.RoleIssue) != nil && !t.Proven(operation.Primary) {
		t.NotExercised("not tried before the primary credentials are taken, for it presents them again")
	}
	code, done := t.AskForCode(scene.Ask{Role: operation.Primary}, true)
	if code.Value == "" {
		t.CouldNotRun("the user came to the page and brought no code back: %s ended with %s; see credentials.%s, and consent for names of fields and labels", done.Op.Name(), done.Got(), t.Human())
	}
	reply := t.Exchange(operation.Primary, code.Value, "to see whether the code is good")
	if !reply.Succeeded() || reply.Tokens[client.Access] == "" {
		t.CouldNotRun("the user approved, and the code is not good: %s is answered %s; check credentials.%s in the target file", reply.Op.Name(), reply.Got(), operation.Primary)
	}
	e.remember(t.Collect(operation.Primary, reply))
	how := "signed in and approved"
	if !done.Decided && t.SeesPages() {
		how = "is not asked again"
	}
	well(t, "the user %s (consent.mode %s), and the code got tokens", how, t.Target.Consent.Mode)
}

// outside asks from the second address, without credentials.
func outside(t *scene.Trial) {
	x := t.Outside().Reach()
	if x == nil || !x.Answered() {
		t.CouldNotRun("the target does not answer the second address")
	}
	well(t, "from the second address the target answers %s", client.Got(x.Status))
}

// aStep is by how much the clock is moved to see whether it moves: what a Date of whole seconds shows, and too little to spoil a check
// that somebody else has running.
const aStep = 3 * time.Second

// moves moves the target's clock a little.
func moves(t *scene.Trial) {
	before := t.Reach()
	err := t.Trial.Wait(t.Context(), t.Now().Add(aStep))
	if err != nil {
		t.CouldNotRun("%v; check clock.advance in the target file, or remove clock and wait for real", err)
	}
	after := t.Reach()
	then, err := http.ParseTime(before.Header.Get("Date"))
	now, missing := http.ParseTime(after.Header.Get("Date"))
	if err != nil || missing != nil || now.Sub(then)-after.Received.Sub(before.Received) < aStep/2 {
		well(t, "moved by %s; the Date of answers does not follow, which it need not, but nothing tells a check of it: start the target anew before one", aStep)
	}
	well(t, "moved by %s, and the Date of answers followed", aStep)
}

// operates looks whether anybody is there: to ask for a new secret would take the one that is in use from whoever uses it.
func operates(t *scene.Trial) {
	at := t.Target.Operator.RotateSecret.URL
	if _, err := reach.Try(t.Context(), at, reach.Options{Timeout: t.Target.Limits.Timeout}); err != nil {
		t.CouldNotRun("%v; check operator.rotate_secret in the target file", err)
	}
	if t.Target.Operator.RestoreSecret == nil {
		doubtful(t, "somebody is at %s; the secret is not tried, for that replaces it, and check will: without operator.restore_secret the one in the target file is dead after it", at.Host)
	}
	well(t, "somebody is at %s; the secret is not tried, for that replaces it", at.Host)
}
