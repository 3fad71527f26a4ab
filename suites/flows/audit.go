package flows

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"gonogo/internal/exchange"
	"gonogo/internal/operation"
	"gonogo/internal/replay"
	"gonogo/internal/target"
	"gonogo/reports/words"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// audit: what must hold for every answer of a run, whatever it was sent for. These cases send nothing (the
// leak case may try what it found) and come last.
func audit(s *scene.Subject) []engine.Case {
	at := specs.Place{}
	if len(s.Dialect.Operations) > 0 {
		at = s.Dialect.Operations[0].At
	}
	group := s.NewGroup("audit", at)
	group.Phase, group.Needs, group.Claims, group.Requests = engine.Audit, nil, nil, 0
	group.Never("server-error", "no request is answered with a server error", noServerError, scene.AnyServerError)
	group.Never("leak", "no refusal carries a secret or a live token that its request did not send, and no page a secret", noLeak, "ANY-LEAK")
	group.Works("schema", "every answer matches the document", everyAnswerMatches, "ANY-SCHEMA")
	group.Never("miscoded", "no answer is compressed in another way than it says", readable, "ANY-CODING")
	group.Never("unsolicited", "nothing comes that no request asked for", nothingUnasked, "ANY-FRAMING")
	if row := silentOfDead(s); row != "" {
		group.Never("tells-of-dead", "of no token that is not valid anything else is told, whatever it was before", nothingOfDead, row)
	}
	group.Works("no-store", "every answer with a token forbids caching", everyTokenUncached, "ANY-CACHE")
	group.Never("guessable", "no kind of token looks guessable", notGuessable, "ANY-ENTROPY")
	group.Never("handed-out-twice", "no token is handed out to two sessions", noneTwice, uniqueID)
	manners(s, group)
	group.Never("client-binding", "a token of one client is never good for another", noneForAnother, clientBound(s))
	return group.Cases
}

// anything makes sure that there is something to look over.
func anything(t *scene.Trial) []scene.Entry {
	entries := t.Entries()
	if len(entries) == 0 {
		t.NotExercised("this selection of cases sends nothing")
	}
	return entries
}

// remarks keeps an audit from saying the same thing once for every answer: what is said of an operation is said
// once, with the first answer that shows it and how many there were.
type remarks struct {
	order []string
	first map[string]func(times int)
	times map[string]int
	shown replay.Shown // what of the answers shows it
}

func (r *remarks) add(t *scene.Trial, e scene.Entry, wanted, got string) {
	key := strings.Join([]string{e.Answer.Op.ID, wanted, got}, "\n")
	if r.times[key]++; r.times[key] > 1 {
		return
	}
	r.order = append(r.order, key)
	r.first[key] = func(times int) {
		if times > 1 {
			got += fmt.Sprintf(", in %d answers", times)
		}
		foundBy(t, e, e.Answer.Op.At.String(), wanted, got, r.shown)
	}
}

func (r *remarks) find() {
	for _, key := range r.order {
		r.first[key](r.times[key])
	}
}

func newRemarks() *remarks {
	return &remarks{first: map[string]func(int){}, times: map[string]int{}, shown: replay.Answer}
}

func found(t *scene.Trial, e scene.Entry, where, wanted, got string) {
	foundBy(t, e, where, wanted, got, replay.Answer)
}

func foundBy(t *scene.Trial, e scene.Entry, where, wanted, got string, shown replay.Shown) {
	t.Find(engine.Finding{Sent: e.Answer.Op.Name() + " in " + e.Case, Wanted: wanted, Got: got, Where: where, Exchange: t.Cite(e.Answer.Exchange), Shown: shown})
}

func noServerError(t *scene.Trial) {
	remarkMissing(t)
	for _, e := range anything(t) {
		where := e.Answer.Op.At.String()
		switch {
		case e.Answer.Err != nil:
			found(t, e, where, "an answer", e.Answer.Err.Error())
		case e.Answer.Status >= 500 && !(e.Answer.Status == 503 && e.Answer.Header.Get("Retry-After") != ""):
			found(t, e, where, "no server error", fmt.Sprint(e.Answer.Status))
		}
	}
}

// remarkMissing says once of an operation that nobody finds how a target file says that there is none: each of its cases fails by itself.
func remarkMissing(t *scene.Trial) {
	asked, missed := map[string]int{}, map[string]int{}
	missing := map[string]*operation.Op{}
	for _, e := range t.Entries() {
		op := e.Answer.Op
		if !e.Answer.Answered() || op.Role == specs.RoleMetadata || e.Answer.Exchange.Method != op.Method {
			continue
		}
		name := target.EndpointName(op.Operation)
		asked[name]++
		if e.Answer.Status == http.StatusNotFound || e.Answer.Status == http.StatusMethodNotAllowed {
			missed[name]++
			missing[name] = op
		}
	}
	for name, op := range missing {
		if missed[name] == asked[name] && missed[name] >= enoughToMiss {
			t.Remark(fmt.Sprintf("%s is answered 404 or 405 whenever it is asked: if the target has no such operation, say endpoints: {%s: none} in the target file, and its cases do not apply; if it has one elsewhere, say there where", op.Name(), name))
		}
	}
}

// enoughToMiss is how many requests must have missed an operation.
const enoughToMiss = 3

// everyAnswerMatches looks at the answers that the document describes, refusals too.
func everyAnswerMatches(t *scene.Trial) {
	over(t, func(e scene.Entry, said *remarks) {
		if e.Answer.Cut || e.Answer.Oversized != "" {
			t.Unread(e.Answer.Exchange)
		}
		for _, m := range e.Answer.Deviations() {
			said.add(t, e, m.Expected(), m.Got)
		}
	})
}

// readable looks for answers that say nothing of their compression, or something else than they are (RFC 9110 section 8.4).
func readable(t *scene.Trial) {
	over(t, func(e scene.Entry, said *remarks) {
		if e.Answer.Miscoded != "" {
			said.add(t, e, "a Content-Encoding that says how the body is compressed", e.Answer.Miscoded)
		}
	})
}

// nothingUnasked looks for bytes behind the end of an answer, and on connections that wait for a next request: whoever sends the
// next one may take them for its answer (RFC 9112 sections 6.3 and 9.2).
func nothingUnasked(t *scene.Trial) {
	entries := anything(t)
	surplus, looked := t.Surplus()
	if looked == 0 {
		t.NotExercised("no answer came over HTTP/1.1 without a proxy in between")
	}
	behind := func(s exchange.Surplus) int {
		return slices.IndexFunc(entries, func(e scene.Entry) bool { return e.Answer.Exchange == s.After })
	}
	kind := func(i int, s exchange.Surplus) string { return entries[i].Answer.Op.ID + " " + s.After.Method }
	said, sizes := newRemarks(), map[string][]int{} // of what is said once
	said.shown = replay.Behind
	for _, s := range surplus {
		if i := behind(s); i >= 0 {
			sizes[kind(i, s)] = append(sizes[kind(i, s)], s.Bytes)
		}
	}
	for _, s := range surplus {
		i := behind(s)
		if i < 0 { // of the probe, or an answer that its case did not read
			t.Find(engine.Finding{Sent: s.After.Method + " " + s.After.URL, Wanted: wantedNoMore, Got: more(s.After.Method, s.Bytes, s.Bytes), Exchange: t.Cite(s.After), Shown: replay.Behind})
			return
		}
		came := sizes[kind(i, s)]
		said.add(t, entries[i], wantedNoMore, more(s.After.Method, slices.Min(came), slices.Max(came)))
	}
	said.find()
}

const wantedNoMore = "nothing behind the end of the answer until the next request"

// more says how much came behind answers to a method.
func more(method string, least, most int) string {
	got := words.Count(least, "byte")
	if least < most {
		got = fmt.Sprintf("%d to %d bytes", least, most)
	}
	if got += " that belong to no answer"; most == 1 {
		got = "1 byte that belongs to no answer"
	}
	if method == http.MethodHead {
		got += ": the request was HEAD, and an answer to that has no body (RFC 9110 section 9.3.2)"
	}
	return got
}

// everyTokenUncached looks for no-store (RFC 6749 section 5.1, RFC 9111 section 5.2.2.5).
func everyTokenUncached(t *scene.Trial) {
	over(t, func(e scene.Entry, said *remarks) {
		x := e.Answer
		if !x.Succeeded() || len(x.Tokens) == 0 {
			return
		}
		if directives := strings.ToLower(strings.Join(x.Header.Values("Cache-Control"), ",")); !strings.Contains(directives, "no-store") {
			got := "no Cache-Control"
			if directives != "" {
				got = "Cache-Control: " + directives
			}
			said.add(t, e, "Cache-Control: no-store", got)
		}
	})
}

// shortestSecret is how long a value must be for a search to mean anything: a shorter one stands in an answer by
// chance, in a date or a word.
const shortestSecret = 8

// noLeak searches refusals for the very values in play, and pages for people for the secrets among them. A value that its own request sent may be echoed; a
// token that was used up is no secret any more.
func noLeak(t *scene.Trial) {
	entries := anything(t)
	for _, reply := range t.Leaks() {
		t.Find(engine.Finding{Sent: reply.Sent(), Wanted: "no live token in a refusal", Got: reply.Got() + ", and it works", Where: reply.Op.At.String(), Exchange: t.Cite(reply.Exchange)})
	}
	finder, secrets := exchange.NewRedactor(), exchange.NewRedactor()
	for _, secret := range t.Proofs() {
		finder.Add("secret", secret)
		secrets.Add("secret", secret)
	}
	for _, token := range t.Minted() {
		if t.Live(token.Value) {
			finder.Add(token.Kind.Name, token.Value)
		}
	}
	for _, e := range entries {
		finder := finder
		switch {
		case e.Answer.Refused():
		case e.Answer.Op.Role == specs.RoleAuthorize: // a page for people has no business with anybody's secret either
			finder = secrets
		default:
			continue
		}
		if e.Answer.Cut {
			t.Unread(e.Answer.Exchange)
		}
		leaked := finder.Finds(answerText(e.Answer.Exchange))
		if len(leaked) == 0 {
			continue
		}
		sent := finder.Finds(scene.RequestText(e.Answer.Exchange))
		for _, secret := range leaked {
			if len(secret) >= shortestSecret && !slices.Contains(sent, secret) {
				found(t, e, e.Answer.Op.At.String(), "no secret that the request did not send", fmt.Sprintf("%d with %s in it", e.Answer.Status, secret))
			}
		}
	}
}

func answerText(x *exchange.Exchange) string {
	var text strings.Builder
	text.Write(x.Body)
	for _, values := range x.Header {
		for _, value := range values {
			text.WriteString("\n" + value)
		}
	}
	return text.String()
}
