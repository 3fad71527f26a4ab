// Package specs holds the auth dialects as OpenAPI documents and reads them into a model.
//
// A document says what a dialect promises; it is the only source of what the harness checks. This package
// knows documents: it must never know how a promise is checked, which target is under test, or any
// particular dialect (the built-in ones are data to it).
package specs

import (
	"slices"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// Level says how strongly a requirement binds.
type Level string

// The levels, strongest first.
const (
	Documented Level = "documented" // the dialect's own document says it
	Standard   Level = "standard"   // a standard the document invokes says it, or access control would be broken without it
	Practice   Level = "practice"   // good practice that nobody promised
)

// Levels lists the levels, strongest first.
func Levels() []Level { return []Level{Documented, Standard, Practice} }

// Valid reports whether l is one of the three words.
func (l Level) Valid() bool { return slices.Contains(Levels(), l) }

// Weaker reports whether l binds less than other. Of an unknown word nothing is weaker, and it is weaker than
// nothing, so that a misspelt word never opens a gate.
func (l Level) Weaker(other Level) bool {
	return l.Valid() && other.Valid() && slices.Index(Levels(), l) > slices.Index(Levels(), other)
}

// Dialect is one document, read: everything a plan is made from. It is read-only: a built-in one is shared by
// everybody who loads it.
type Dialect struct {
	ID           string
	File         string // as the user would name it: "specs/kitchenhub.yaml" for a built-in one
	BuiltIn      bool   // it came with the tool; any other is a file of the user's
	SHA256       string // of the document's bytes, in hex
	Title        string
	Version      string
	Requirements []Requirement // of a server: the document's own, then those of every dialect
	ClientRows   []Requirement // of a client, which no case of a server shows
	Profiles     []Profile     // the first one is judged where nobody says otherwise; none: the document is read in one way
	Profile      string        // under which the rows are judged; empty: all rows stand here, those of every profile
	Published    []Text        // none: the document does not say what it was written from
	Unjudged     []Unjudged
	Credentials  []Credential
	Tokens       []TokenKind
	Servers      []Server // the first one is where operations live that name none
	Operations   []*Operation
	Flows        []Flow
	ClientFlows  []Flow // what a client is watched for, beyond what the roles of operations imply
	Checklist    []ChecklistItem
	Refusals     map[Break]Refusal // what is said of refusals beyond that they are some

	Doc *openapi3.T // for validation of requests and answers

	whole *Dialect // of one that was read under a profile: with the rows of every profile
}

// Requirement is one row of a dialect's requirement table.
type Requirement struct {
	ID    string `json:"id"`
	Level Level  `json:"level"`
	Where string `json:"where"` // the place in the published document, by its heading
	Text  string `json:"text"`  // in our words
	At    Place  `json:"-"`     // the line of this row

	Profiles []string         `json:"profiles,omitempty"` // under which it is judged; none: under every one
	Levels   map[string]Level `json:"levels,omitempty"`   // of a profile under which it is another

	Actor   Actor    `json:"actor,omitempty"`      // whom it binds; empty is the server
	Also    []string `json:"also_where,omitempty"` // other places that say the same
	Threats []string `json:"threats,omitempty"`    // what it is an answer to, of Threats
}

// Actor is whom a requirement binds.
type Actor string

// The actors.
const (
	ActorServer Actor = "server"
	ActorClient Actor = "client"
)

// ChecklistItem is a line of the document's own integration checklist and the requirements that answer it.
type ChecklistItem struct {
	Item         string   `json:"item"`
	Requirements []string `json:"requirements"`
}

// Credential is a role that takes part in the dialect: a client, a second client, a human.
type Credential struct {
	Role   string
	Fields []string
	ActsAs bool // an API answer may name the user this role's tokens act for
	Human  bool // signs in on pages and never calls the API itself

	Optional  bool     // a target file need not give it: what needs it is not checked then
	MayBeLeft []string // fields that it need not give

	// Registered: made by the operation of role register, unless the target file gives one.
	Registered bool
}

// Rotation says what using a token once does to it.
type Rotation string

// The rotations a document can state.
const (
	RotationUnspecified Rotation = ""           // the document is silent
	SingleUse           Rotation = "single-use" // works once
	Replaced            Rotation = "replaced"   // another comes with each refresh; what becomes of this one is not said
)

// TokenKind is a kind of secret that the dialect hands out: access token, refresh token, code.
type TokenKind struct {
	Name     string
	At       Pointer
	Lifetime Lifetime
	Rotation Rotation

	// EarlyRefusable: it may be refused while the access token of its grant lives.
	EarlyRefusable bool
}

// Noun is what people call one: "access token", and "code" for what a redirect carries.
func (k TokenKind) Noun() string {
	if _, redirected := k.At.InLocation(); redirected {
		return k.Name
	}
	return k.Name + " token"
}

// Lifetime is how long a token lives, by the document and by the answer that carries it.
type Lifetime struct {
	Documented time.Duration // zero: the document gives no number
	Announced  Pointer       // where the answer announces it; empty: nowhere
	Unit       Unit
}

// Unit is how an answer counts time.
type Unit string

// The units answers count in.
const (
	Seconds Unit = "seconds"
	Minutes Unit = "minutes"
	Epoch   Unit = "epoch"   // seconds since 1970, the moment of expiry (RFC 7662 exp)
	RFC3339 Unit = "rfc3339" // the moment of expiry as text
)

// Step is the length of one unit for units that count a remaining time, and zero for moments.
func (u Unit) Step() time.Duration {
	switch u {
	case Seconds:
		return time.Second
	case Minutes:
		return time.Minute
	default:
		return 0
	}
}

// Server is a host the document names.
type Server struct {
	Name string
	URL  string
}

// Role is what an operation is for.
type Role string

// The roles an operation variant can have.
const (
	RoleIssue     Role = "issue"     // credentials for tokens
	RoleExchange  Role = "exchange"  // a code for tokens
	RoleRefresh   Role = "refresh"   // a refresh token for tokens
	RoleValidate  Role = "validate"  // is this token live?
	RoleUse       Role = "use"       // an operation that a token authorizes
	RolePlacement Role = "placement" // an operation that only compares places of a token
	RoleAuthorize Role = "authorize" // the page that asks a user for consent
	RoleRegister  Role = "register"  // makes an account
	RoleRevoke    Role = "revoke"    // ends the session of a token
	RoleMetadata  Role = "metadata"  // says where the others are, and what they can do
)

// Operation is one variant of a documented operation: a request with a single purpose.
type Operation struct {
	ID     string // unique in the dialect
	Role   Role
	Method string
	Path   string
	Server string // the name of the server it lives on
	Inputs []Input
	Auth   []Auth              // alternatives, the preferred one first
	Takes  map[string][]string // input name → token kinds, any of which may stand there
	Yields string              // the token kind a redirect from here carries
	Says   *Statement          // what a validate answer states

	Metadata *Metadata // what the answer of a metadata operation tells

	Also *Header             // what the document's own client sends besides
	Body any                 // of a use operation: its example, with ${unique} where a text must be new
	Item *openapi3.PathItem  // for validation
	Doc  *openapi3.Operation // for validation
	At   Place

	Success       string // requirement that the documented request succeeds
	Refused       string // requirement that a broken request is refused
	Authenticated string // requirement that wrong client credentials are refused; empty: Refused

	// Refusals is what the document says of this operation's refusals, where that is not what it says of all.
	Refusals map[Break]Refusal

	// Declined is an answer with which a target may say that it does not do this; nil: there is none.
	Declined *ErrorAnswer
	// Variant: it is one of those that its path and method have, or may have, told apart by fixed inputs.
	Variant bool

	// Companion: the document speaks of such an operation without naming it, so that a target may have it
	// elsewhere, or want another body.
	Companion bool
	// Withholds are the token kinds that its successes carry none of, with the row that says so.
	Withholds map[string]string
	// Setting: the path is this setting of a target file, and without it the operation is not called.
	Setting string

	path []string // of the extension in the document
}

// Header is a header with which a request must work as well as without.
type Header struct {
	Name        string
	Value       string
	Requirement string
}

// Part is the part of a request that an input stands in.
type Part string

// Parts of a request that carry inputs.
const (
	InQuery Part = "query"
	InForm  Part = "form" // application/x-www-form-urlencoded body
	InJSON  Part = "json" // application/json body
)

// Input is a named value of a request.
type Input struct {
	Name     string
	In       Part
	Required bool
	Fixed    string // the value that makes the variant; empty: not fixed
	From     Source
	Also     []string // further token kinds that it takes
	Format   string   // the schema's format: uri, uuid …
}

// Source says where an input's value comes from: a field of a role's credentials, a token kind, a proof key, or nowhere.
type Source struct {
	Role  string // empty: the role that acts in the request
	Field string
	Token string
	Proof ProofPart
}

// ProofPart is a part of a proof key (RFC 7636), which is made anew for each request for consent.
type ProofPart string

// The parts of a proof key.
const (
	ProofVerifier  ProofPart = "verifier"  // what the exchange of the code shows (section 4.1)
	ProofChallenge ProofPart = "challenge" // what the request for consent shows, made from the verifier (section 4.2)
	ProofMethod    ProofPart = "method"    // how it is made (section 4.3)
)

// AuthKind is a way to present something in a request outside its inputs.
type AuthKind string

// The ways a security scheme can present a token or credentials.
const (
	AuthBearer AuthKind = "bearer" // RFC 6750 section 2.1
	AuthBasic  AuthKind = "basic"  // RFC 7617
	AuthQuery  AuthKind = "query"  // a parameter of the query, RFC 6750 section 2.3
	AuthHeader AuthKind = "header" // a header of its own
)

// Auth is a security scheme bound to what it carries: a token kind, or two credential fields.
type Auth struct {
	Scheme  string
	Kind    AuthKind
	Name    string   // of the parameter or header
	Carries string   // a token kind
	Fields  []string // for basic: the fields that stand for user and password
	Success string   // requirement that this place is as good as the others; empty: the operation's own
	Setting string   // of a target file: how the value stands in the header
	Encoded bool     // for basic: both fields are form-encoded before they are joined (RFC 6749 section 2.3.1)
}

// Statement is what a validate answer says about a token.
type Statement struct {
	Valid     Pointer
	Remaining Pointer // or moment of expiry, by Unit; empty: not stated
	Unit      Unit
}

// Flow is a promise of the document that the flow library knows how to check, or something that it asks of a client and
// that a watch knows how to look for.
type Flow struct {
	Name        string
	Requirement string
	Token       string
	Grant       Role
	Params      map[string]string   // further requirements and names, by key
	Lists       map[string][]string // further lists, by key
	Actor       Actor               // whom it binds; empty is the server
	At          Place
}
