package specs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// builder turns a valid document into the model.
type builder struct {
	src      *source
	doc      *openapi3.T
	dialect  *Dialect
	problems Problems

	table    map[string]ErrorAnswer // the error table
	answered map[string]bool        // which of its rows are the answer to something
}

// The extension as it is written; see x-gonogo.schema.json for what each member means.
type (
	rootExtension struct {
		Dialect      string          `json:"dialect"`
		Requirements []Requirement   `json:"requirements"`
		Published    texts           `json:"published"`
		Unjudged     []Unjudged      `json:"unjudged"`
		Checklist    []ChecklistItem `json:"checklist"`
		Flows        []map[string]any
		Clients      []map[string]any `json:"clients"`
	}
	credentialExtension struct {
		Fields []string `json:"fields"`
		ActsAs bool     `json:"acts_as"`
		Human  bool     `json:"human"`

		Optional  bool     `json:"optional"`
		MayBeLeft []string `json:"may_be_left"`

		Registered bool `json:"registered"`
	}
	tokenExtension struct {
		At       Pointer `json:"at"`
		Lifetime struct {
			Documented string  `json:"documented"`
			Announced  Pointer `json:"announced"`
			Unit       Unit    `json:"unit"`
		} `json:"lifetime"`
		Rotation string `json:"rotation"`
		EarlyUse string `json:"early_use"`
	}
	schemeExtension struct {
		Carries string   `json:"carries"`
		Fields  []string `json:"fields"`
		Success string   `json:"success"`
		Setting string   `json:"setting"`
		Encoded string   `json:"encoded"`
	}
	variantExtension struct {
		ID        string               `json:"id"`
		Role      Role                 `json:"role"`
		Fixed     map[string]string    `json:"fixed"`
		Required  []string             `json:"required"`
		From      map[string]string    `json:"from"`
		Takes     map[string]kinds     `json:"takes"`
		Generates map[string]ProofPart `json:"generates"`
		Withholds map[string]string    `json:"withholds"`
		Yields    string               `json:"yields"`
		Says      *saysExtension       `json:"says"`
		Tells     *Metadata            `json:"tells"`

		Also          *alsoExtension `json:"also"`
		Companion     bool           `json:"companion"`
		Setting       string         `json:"setting"`
		Declined      string         `json:"declined"`
		Success       string         `json:"success"`
		Refused       string         `json:"refused"`
		Authenticated string         `json:"authenticated"`
	}
	alsoExtension struct {
		Header      string `json:"header"`
		Value       string `json:"value"`
		Requirement string `json:"requirement"`
	}
	saysExtension struct {
		Valid     Pointer `json:"valid"`
		Remaining Pointer `json:"remaining"`
		Unit      Unit    `json:"unit"`
	}
)

// kinds is the name of a token kind, or a list of such.
type kinds []string

func (k *kinds) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*k = kinds{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(k))
}

func (b *builder) build() {
	var root rootExtension
	b.read(&root, extensionKey)
	b.dialect.ID = root.Dialect
	b.dialect.Checklist = root.Checklist
	b.profiles()
	for i, requirement := range root.Requirements {
		requirement.At = b.src.at(extensionKey, "requirements", fmt.Sprint(i))
		if requirement.Actor == ActorClient {
			b.dialect.ClientRows = append(b.dialect.ClientRows, requirement)
			continue
		}
		b.dialect.Requirements = append(b.dialect.Requirements, requirement)
	}
	b.dialect.Published = root.Published
	for i, statement := range root.Unjudged {
		statement.At = b.src.at(extensionKey, "unjudged", fmt.Sprint(i))
		b.dialect.Unjudged = append(b.dialect.Unjudged, statement)
	}
	for _, shared := range b.common() {
		if shared.Actor == ActorClient {
			b.dialect.ClientRows = append(b.dialect.ClientRows, shared)
			continue
		}
		b.dialect.Requirements = append(b.dialect.Requirements, shared)
	}
	b.credentials()
	b.tokens()
	b.dialect.Flows = b.flows(root.Flows, "", "flows")
	b.dialect.ClientFlows = b.flows(root.Clients, ActorClient, "clients")
	b.errors()
	b.dialect.Refusals = b.refusals(extensionKey, "refusals")
	b.servers()
	for _, path := range b.src.keys("paths") {
		item := b.doc.Paths.Value(path)
		if item == nil {
			continue // an extension among the paths
		}
		if item.Ref != "" {
			b.warn(b.src.at("paths", path), "what "+path+" refers to is not looked at for x-gonogo", "write the path item out here if it takes part in authentication")
			continue
		}
		for _, method := range methods {
			if operation := item.GetOperation(method); operation != nil {
				b.operation(path, method, item, operation)
			}
		}
	}
}

// common are the rows of every dialect, but for those that the document has in words and at a level of its own.
func (b *builder) common() []Requirement {
	return slices.DeleteFunc(slices.Clone(common()), func(shared Requirement) bool {
		own, has := b.dialect.Row(shared.ID)
		for _, level := range append(slices.Collect(maps.Values(own.Levels)), own.Level) {
			if has && level.Weaker(shared.Level) {
				b.fail(own.At, fmt.Sprintf("%s is %s in every dialect, and cannot be %s here", own.ID, shared.Level, level), "say "+string(shared.Level)+", or what is stronger")
			}
		}
		return has
	})
}

const mayBeRefused = "may-be-refused"

// read decodes a part that the extension's schema has already approved.
func (b *builder) read(into any, path ...string) {
	if err := b.src.decode(into, path...); err != nil {
		b.fail(b.src.at(path...), firstLine(err.Error()), "correct this value")
	}
}

func (b *builder) fail(at Place, message, fix string) {
	b.problems = append(b.problems, Problem{Place: at, Message: message, Fix: fix})
}

func (b *builder) warn(at Place, message, fix string) {
	b.problems = append(b.problems, Problem{Place: at, Message: message, Fix: fix, Warning: true})
}

func (b *builder) credentials() {
	for _, role := range b.src.keys(extensionKey, "credentials") {
		var c credentialExtension
		b.read(&c, extensionKey, "credentials", role)
		b.dialect.Credentials = append(b.dialect.Credentials, Credential{
			Role: role, Fields: c.Fields, ActsAs: c.ActsAs, Human: c.Human, Registered: c.Registered, Optional: c.Optional, MayBeLeft: c.MayBeLeft,
		})
	}
}

func (b *builder) tokens() {
	for _, name := range b.src.keys(extensionKey, "tokens") {
		var t tokenExtension
		b.read(&t, extensionKey, "tokens", name)
		kind := TokenKind{Name: name, At: t.At, Lifetime: Lifetime{Announced: t.Lifetime.Announced, Unit: t.Lifetime.Unit}}
		if rotation := Rotation(t.Rotation); rotation == SingleUse || rotation == Replaced {
			kind.Rotation = rotation
		}
		kind.EarlyRefusable = t.EarlyUse == mayBeRefused
		if t.Lifetime.Documented != "" {
			d, err := time.ParseDuration(t.Lifetime.Documented)
			if err != nil || d <= 0 {
				b.fail(b.src.at(extensionKey, "tokens", name, "lifetime", "documented"), fmt.Sprintf("%q is not a duration", t.Lifetime.Documented), "write it like 30s, 60m or 336h")
			}
			kind.Lifetime.Documented = d
		}
		b.dialect.Tokens = append(b.dialect.Tokens, kind)
	}
}

func (b *builder) flows(raw []map[string]any, actor Actor, key string) (flows []Flow) {
	for i, declared := range raw {
		flow := Flow{Params: map[string]string{}, Lists: map[string][]string{}, Actor: actor, At: b.src.at(extensionKey, key, fmt.Sprint(i))}
		for key, value := range declared {
			switch v := value.(type) {
			case string:
				flow.Params[key] = v
			case []any:
				for _, item := range v {
					flow.Lists[key] = append(flow.Lists[key], fmt.Sprint(item))
				}
			}
		}
		flow.Name, flow.Requirement = flow.Params["flow"], flow.Params["requirement"]
		flow.Token, flow.Grant = flow.Params["token"], Role(flow.Params["grant"])
		flows = append(flows, flow)
	}
	return flows
}

func (b *builder) servers() {
	add := func(server *openapi3.Server, path ...string) {
		var named struct {
			Name string `json:"name"`
		}
		b.read(&named, append(path, extensionKey)...)
		if named.Name == "" {
			b.fail(b.src.at(path...), "this server has no x-gonogo name", "add x-gonogo: {name: …}, so that a target file can say where it is")
			return
		}
		known := slices.ContainsFunc(b.dialect.Servers, func(s Server) bool { return s.Name == named.Name })
		if !known {
			b.dialect.Servers = append(b.dialect.Servers, Server{Name: named.Name, URL: server.URL})
		}
	}
	for i, server := range b.doc.Servers {
		add(server, "servers", fmt.Sprint(i))
	}
	for _, path := range b.src.keys("paths") {
		if item := b.doc.Paths.Value(path); item != nil {
			for i, server := range item.Servers {
				add(server, "paths", path, "servers", fmt.Sprint(i))
			}
		}
	}
	if len(b.doc.Servers) == 0 {
		b.fail(b.src.at("servers"), "the document names no server", "add servers with a url and an x-gonogo name")
	}
}

func (b *builder) operation(path, method string, item *openapi3.PathItem, doc *openapi3.Operation) {
	at := []string{"paths", path, strings.ToLower(method), extensionKey}
	if !b.src.has(at...) {
		return // an operation that takes no part in authentication
	}
	several := b.src.has(append(at, "variants")...)
	variants := make([]variantExtension, 1)
	if several {
		b.read(&variants, append(at, "variants")...)
	} else {
		b.read(&variants[0], at...)
		if variants[0].ID == "" {
			variants[0].ID = b.singleID(variants[0].Role, doc.OperationID)
		}
	}
	for i, variant := range variants {
		own, place := at, b.src.at(at[:3]...)
		if several {
			own = slices.Concat(at, []string{"variants", fmt.Sprint(i)})
			place = b.src.at(own...)
		}
		op := &Operation{
			ID: variant.ID, Role: variant.Role, Method: method, Path: path, Server: b.serverName(path),
			Takes: map[string][]string{}, Yields: variant.Yields, Withholds: variant.Withholds,
			Success: variant.Success, Refused: variant.Refused, Authenticated: variant.Authenticated,
			Companion: variant.Companion, Setting: variant.Setting, Refusals: b.refusals(append(slices.Clone(own), "refusals")...),
			Metadata: variant.Tells, Item: item, Doc: doc, At: place, path: own, Variant: several,
			Declined: b.answer(variant.Declined, append(slices.Clone(own), "declined")...),
		}
		if op.Authenticated == "" {
			op.Authenticated = op.Refused
		}
		for name, kinds := range variant.Takes {
			op.Takes[name] = kinds
		}
		if says := variant.Says; says != nil {
			op.Says = &Statement{Valid: says.Valid, Remaining: says.Remaining, Unit: says.Unit}
		}
		if also := variant.Also; also != nil {
			op.Also = &Header{Name: also.Header, Value: also.Value, Requirement: also.Requirement}
		}
		if op.Role == RoleUse {
			op.Body = exampleBody(doc)
		}
		op.Inputs = b.inputs(variant, item, doc, own)
		op.Auth = b.auth(variant, item, doc)
		b.dialect.Operations = append(b.dialect.Operations, op)
	}
}

// singleID names the only variant of an operation: by its role, so that case ids read well, unless the role
// is taken; operations that merely carry a token keep their operationId.
func (b *builder) singleID(role Role, operationID string) string {
	taken := slices.ContainsFunc(b.dialect.Operations, func(op *Operation) bool { return op.ID == string(role) })
	if role == RolePlacement || taken {
		return operationID
	}
	return string(role)
}

func (b *builder) serverName(path string) string {
	var name string
	b.read(&name, "paths", path, "servers", "0", extensionKey, "name")
	if name == "" && len(b.dialect.Servers) > 0 {
		name = b.dialect.Servers[0].Name
	}
	return name
}
