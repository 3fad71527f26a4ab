package flows

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// metadata: what a server says of itself (RFC 8414): that it says so, who it is, where it is, and that the rest is true. A target
// need not have any.
func metadata(s *scene.Subject, declared specs.Flow) []engine.Case {
	group := s.NewGroup(declared.Name, declared.At)
	group.Requests = 4
	group.Works("answer", "metadata are answered 200, as JSON", func(t *scene.Trial) {
		reply := told(t)
		if reply.Status != http.StatusOK {
			t.Found(reply, "200", reply.Got())
		}
		t.Succeeds(reply)
	}, declared.Requirement)
	group.Works("issuer", "the issuer in the metadata is the address that they were asked at", func(t *scene.Trial) {
		reply := toldOf(t)
		if got, _ := reply.Value(reply.Op.Metadata.Issuer); got != t.Target.Issuer() {
			t.Found(reply, fmt.Sprintf("%q as the issuer, as the target file has it", t.Target.Issuer()), fmt.Sprintf("%q", fmt.Sprint(got)))
		}
	}, declared.Params["issuer"])
	group.Works("members", "metadata say where the endpoints are that their grants need", func(t *scene.Trial) {
		reply := toldOf(t)
		grants, explicit := listed(reply, reply.Op.Metadata.Grants.At, reply.Op.Metadata.Grants.Absent)
		for name, at := range reply.Op.Metadata.Places {
			place, there := reply.Value(at)
			switch text, _ := place.(string); {
			case there && !addressOf(text, t.Target):
				t.Found(reply, "an https address without a fragment at "+string(at), fmt.Sprintf("%q", fmt.Sprint(place)))
			case !there && explicit && needed(t, reply.Op.Metadata, name, grants):
				t.Found(reply, fmt.Sprintf("an address at %s, which %s needs", at, strings.Join(grants, ", ")), "none")
			}
		}
	}, declared.Params["members"])
	group.Works("grants", "a grant that is advertised is known where tokens are issued, and one that works is advertised", agreedGrants, declared.Params["agrees"]).Requests = 3 + mostGrants
	group.Works("client-authentication", "a way to prove who one is that works is advertised", agreedClients, declared.Params["agrees"]).Requests = 6
	return append(group.Cases, agreedProofs(s, declared)...)
}

// mostGrants is how many of the advertised grants are tried. There are about ten in the world.
const mostGrants = 12

// told asks for the metadata. A target that has none ends the case: whoever has no such page says so in many ways, with a
// refusal, with a login page, or with the page that it has for everything.
func told(t *scene.Trial) *client.Reply {
	reply, ways := metadataOf(t)
	if reply == nil {
		t.NotApplicable("the target has no metadata: %s", strings.Join(ways, ", "))
	}
	return reply
}

// metadataOf is the answer with the metadata, nil where the target has none, and how each place was answered that could have them.
func metadataOf(t *scene.Trial) (reply *client.Reply, ways []string) {
	for _, op := range t.Ops.ByRole(specs.RoleMetadata) {
		x := t.Glance(op)
		ways = append(ways, fmt.Sprintf("GET %s is answered %s", op.URL(), client.Got(x.Status)))
		if isObject(x.Body) && x.Status < 300 || x.Status == http.StatusOK && strings.Contains(x.Header.Get("Content-Type"), "json") {
			return t.Call(op, operation.Args{}, ""), ways
		}
	}
	return nil, ways
}

// toldOf is told, for who looks into the metadata.
func toldOf(t *scene.Trial) *client.Reply {
	reply := told(t)
	if _, ok := reply.Value(reply.Op.Metadata.Issuer); !ok {
		t.CouldNotRun("the metadata cannot be read, or do not say who the issuer is: %s", reply.Got())
	}
	return reply
}

func isObject(body []byte) bool {
	var object map[string]any
	return json.Unmarshal(body, &object) == nil && object != nil
}

// listed are the words of a list of the metadata; explicit: the list is there, and these are not what stands for its absence.
func listed(reply *client.Reply, at specs.Pointer, absent []string) (words []string, explicit bool) {
	list, ok := reply.Value(at)
	if !ok {
		return absent, false
	}
	items, _ := list.([]any)
	for _, item := range items {
		words = append(words, fmt.Sprint(item))
	}
	return words, true
}

// addressOf reports whether metadata can name this as the address of an endpoint. What is checked over http on this machine may say
// http.
func addressOf(text string, t *target.Target) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && u.Fragment == "" && (u.Scheme == "https" || u.Scheme == "http" && t.BaseURL.Scheme == "http")
}

// needed reports whether one of these grants cannot be had without an operation.
func needed(t *scene.Trial, said *specs.Metadata, name string, grants []string) bool {
	needs := func(grant string) bool {
		return slices.ContainsFunc(t.Dialect.Operations, func(op *specs.Operation) bool {
			return op.Fixed(said.Grants.Input) == grant && op.Role == specs.RoleExchange
		})
	}
	return slices.ContainsFunc(t.Dialect.Named(name), func(op *specs.Operation) bool {
		if op.Role == specs.RoleAuthorize {
			return slices.ContainsFunc(grants, needs)
		}
		return slices.Contains(grants, op.Fixed(said.Grants.Input)) && op.Fixed(said.Grants.Input) != ""
	})
}

// agreedGrants holds the list of grants against what the server makes of each. What it asks of whom beyond knowing the grant is its own
// matter: a client may not be allowed to use one.
func agreedGrants(t *scene.Trial) {
	reply, op := toldOf(t), t.First(specs.RoleIssue)
	said := reply.Op.Metadata.Grants
	if op == nil || said.Input == "" {
		t.NotApplicable("no operation of the target hands out a client's own tokens, to ask with")
	}
	words, explicit := listed(reply, said.At, said.Absent)
	own := op.Fixed(said.Input)
	issued := t.Call(op, operation.Args{}, "with everything right")
	if issued.Succeeded() && !slices.Contains(words, own) {
		got := strings.Join(words, ", ") + " are advertised, and " + own + " works"
		if !explicit {
			got = "no list, which stands for " + got
		}
		t.Found(reply, fmt.Sprintf("%s in the list at %s, for it works", own, said.At), got)
	}
	unknown := unknownGrant(t, op)
	if len(unknown) == 0 || !explicit {
		return
	}
	for _, word := range words[:min(len(words), mostGrants)] {
		if word == own || slices.Contains(said.Elsewhere, word) {
			continue
		}
		asked := t.Call(op, operation.Args{Inputs: map[string]any{said.Input: word}}, "with "+said.Input+"="+word+" and nothing else, which is advertised")
		if slices.ContainsFunc(unknown, func(row specs.ErrorAnswer) bool { return len(asked.Differs(row)) == 0 }) {
			t.Found(asked, "any answer but that nobody knows "+word, asked.Got()+", "+unknown[0].Name)
		}
	}
}

// unknownGrant are the answers of the error table that say of a grant that nobody knows it, and nothing else.
func unknownGrant(t *scene.Trial, op *operation.Op) []specs.ErrorAnswer {
	others := t.Dialect.Refusal(op.Operation, specs.Missing).Answers
	return slices.DeleteFunc(slices.Clone(t.Dialect.Refusal(op.Operation, specs.OddValue).Answers), func(row specs.ErrorAnswer) bool {
		return row.Schema == nil || slices.ContainsFunc(others, func(other specs.ErrorAnswer) bool { return other.Name == row.Name })
	})
}

// agreedClients: a way that works is in the list. One that is in the list need not work for this client: clients are registered for
// one way or another.
func agreedClients(t *scene.Trial) {
	reply, op := toldOf(t), t.First(specs.RoleIssue)
	if op == nil || basicOf(op) == nil {
		t.NotApplicable("no operation of the target takes a client's own credentials, to ask with")
	}
	said := reply.Op.Metadata.Clients
	words, _ := listed(reply, said.At, said.Absent)
	for _, way := range []struct {
		word string
		args operation.Args
		what string
	}{
		{said.Basic, operation.Args{InHeader: true}, "with the credentials in a Basic header"},
		{said.Form, operation.Args{InBody: true}, "with the credentials in the form"},
	} {
		if way.word == "" || slices.Contains(words, way.word) {
			continue
		}
		if tried := t.Call(op, way.args, way.what); tried.Succeeded() && tried.Tokens[client.Access] != "" {
			t.Found(tried, fmt.Sprintf("%s in the list at %s of the metadata, for it works", way.word, said.At), tried.Got()+", and advertised are "+strings.Join(words, ", "))
		}
	}
}
