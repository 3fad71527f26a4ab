package app

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"gonogo/internal/yamlfile"
	"gonogo/specs"
)

// documentFrom writes an OpenAPI document anew, with the x-gonogo that can be guessed from it. What was guessed says so, and what
// lint has against the rest stands at the top.
func documentFrom(file string) (string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", usagef("--from %s cannot be read: %w", file, cause(err))
	}
	if strings.HasPrefix(strings.TrimSpace(string(data)), "{") { // JSON: people edit YAML
		var ordered yaml.MapSlice
		if err = yaml.UnmarshalWithOptions(data, &ordered, yaml.UseOrderedMap()); err == nil {
			data, err = yaml.Marshal(ordered)
		}
		if err != nil {
			return "", usagef("--from %s is neither YAML nor JSON: %w", file, err)
		}
	}
	root, problems := yamlfile.Read(file, data, yamlfile.Rules{Extended: true})
	if len(problems) > 0 {
		return "", usageError{problems}
	}
	switch {
	case root == nil || !slices.Contains(root.Keys(), "openapi"):
		return "", usagef("--from %s is no OpenAPI document of version 3, which has the key openapi", file)
	case slices.Contains(root.Keys(), extension):
		return "", usagef("--from %s has %s already: gonogo spec lint says what it lacks", file, extension)
	}
	g := &guesser{root: root, lines: strings.Split(strings.TrimRight(string(data), "\n"), "\n"), id: kebabOf(textAt(root, "info", "title"))}
	g.guess()
	if len(g.unplaced) > 0 {
		return "", usagef("--from %s: there is no room in %s for %s; write it as a key a line", file, g.unplaced[0], extension)
	}
	text := g.text()
	var head strings.Builder
	fmt.Fprintf(&head, "# From %s. What %s says below was guessed: read each line that has a comment, and put the text's own places under where.\n", filepath.Base(file), extension)
	for _, problem := range specs.Lint("this document", []byte(text)) {
		problem.Place = specs.Place{File: "gonogo spec lint"}
		fmt.Fprintf(&head, "# %s\n", oneLine(problem.String()))
	}
	return head.String() + text, nil
}

const extension = "x-gonogo"

// guesser finds the roles of a document's operations by what they take and answer.
type guesser struct {
	root     *yamlfile.Node
	lines    []string
	id       string
	inserts  []insert
	unplaced []string

	rows      []string // of the requirement table
	fields    []string // of the primary role's credentials
	access    string   // where the access token stands; empty: nothing issues one
	refresh   string   // likewise
	announced string   // where its lifetime does
	uses      int
	refreshes bool
	revokes   bool
	basic     []string // security schemes of clients
}

// insert is a line that goes into the text before another, or what goes into a line where a mapping in braces begins.
type insert struct {
	before int // the line, counted from 0
	column int // in it, counted from 0; -1 is a line of its own
	text   string
	why    string // stands at the end of a line that something goes into
}

func (g *guesser) guess() {
	paths, _, _ := g.root.Find("paths")
	for _, method := range []string{"post", "get", "delete"} { // what issues first
		for _, path := range paths.Keys() {
			if op, _, has := paths.Find(path, method); has {
				g.operation(path, method, op)
			}
		}
	}
	g.schemes()
	g.servers()
}

// words of operations, as people name them in one spelling or another (plain).
var (
	accessNames  = []string{"access_token", "token", "jwt"}
	refreshNames = []string{"refresh_token"}
	lifeNames    = []string{"expires_in", "expires"}
	aliveNames   = []string{"active", "isValid"}
	whoNames     = []string{"client_id", "username", "email", "login", "api_key"}
	proofNames   = []string{"client_secret", "password", "secret", "api_secret"}
)

func (g *guesser) operation(path, method string, op *yamlfile.Node) {
	at := []string{"paths", path, method}
	says := strings.ToLower(path + " " + textAt(op, "operationId"))
	takes, answers := g.inputs(op), g.answer(op)
	access, refresh := oneOf(answers, accessNames), cmp.Or(oneOf(takes, refreshNames), oneOf(g.headers(op), refreshNames))
	has := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(says, part) })
	}
	grant := slices.Contains(takes, "/grant_type")
	switch {
	case access != "" && grant && g.access == "":
		g.issues(op, takes, answers, access)
		fixed := "client_credentials"
		if slices.ContainsFunc(g.fields, func(field string) bool { return oneOf([]string{field}, whoNames[1:4]) != "" }) {
			fixed = "password"
		}
		value := fmt.Sprintf("{id: issue, role: issue, fixed: {grant_type: %s}, success: %s, refused: %s}", fixed, g.rowID("ISSUE-1"), g.rowID("ISSUE-2"))
		if refresh != "" {
			value += ", " + g.refreshing(refresh, "id: refresh, fixed: {grant_type: refresh_token}, ")
		}
		g.put(at, "{variants: ["+value+"]}", "it takes a grant_type and answers with "+access)
	case access != "" && refresh != "":
		g.put(at, g.refreshing(refresh, ""), "it takes a refresh token and answers with an access token")
	case access != "" && method == "post" && g.access == "":
		g.issues(op, takes, answers, access)
		g.put(at, fmt.Sprintf("{role: issue, success: %s, refused: %s}", g.rowID("ISSUE-1"), g.rowID("ISSUE-2")), "its answer has "+access)
	case has("revoke", "logout", "signout") && method != "get" && len(g.security(op)) > 0:
		g.revokes = true
		g.row("REVOKE-1", "documented", "a token that was revoked is dead")
		g.put(at, fmt.Sprintf("{role: revoke, success: %s}", g.rowID("REVOKE-1")), "by its name")
	case has("introspect", "validate", "verify") && oneOf(answers, aliveNames) != "" && oneOf(takes, accessNames) != "":
		token := last(oneOf(takes, accessNames))
		g.row("VALIDATE-1", "documented", "of a live token it is told that it lives")
		g.row("VALIDATE-2", "standard", "of something else it is not")
		g.put(at, fmt.Sprintf("{role: validate, required: [%s], takes: {%s: access}, says: {valid: %s}, success: %s, refused: %s}", token, token, oneOf(answers, aliveNames), g.rowID("VALIDATE-1"), g.rowID("VALIDATE-2")), "by its name, and it says "+oneOf(answers, aliveNames))
	case method == "get" && g.uses < 2 && !strings.Contains(path, "{") && g.bearer(op) && !g.wantsParameters(op):
		g.uses++
		g.row("USE-1", "documented", "an access token opens the API")
		g.row("USE-2", "standard", "nothing else does")
		g.put(at, fmt.Sprintf("{role: use, success: %s, refused: %s}", g.rowID("USE-1"), g.rowID("USE-2")), "a token opens it, and it changes nothing")
	}
}

// issues notes what the operation that hands out tokens takes and answers.
func (g *guesser) issues(op *yamlfile.Node, takes, answers []string, access string) {
	g.access, g.refresh, g.announced, g.basic = access, oneOf(answers, refreshNames), oneOf(answers, lifeNames), g.security(op)
	for _, names := range [][]string{whoNames, proofNames} {
		if found := oneOf(takes, names); found != "" {
			g.fields = append(g.fields, last(found))
		}
	}
	g.row("ISSUE-1", "documented", "credentials are answered with an access token")
	g.row("ISSUE-2", "standard", "wrong or missing credentials are refused")
}

// refreshing is the role of an operation that takes a refresh token.
func (g *guesser) refreshing(refresh, more string) string {
	g.refreshes = true
	g.row("REFRESH-1", "documented", "a refresh token is answered with an access token that works")
	g.row("REFRESH-2", "standard", "a refresh token that nobody was given gets no token")
	if !strings.HasPrefix(refresh, inHeader) {
		more += "required: [" + last(refresh) + "], "
	}
	return fmt.Sprintf("{role: refresh, %stakes: {%s: refresh}, success: %s, refused: %s}", more, last(refresh), g.rowID("REFRESH-1"), g.rowID("REFRESH-2"))
}

// row adds a row to the requirement table, once.
func (g *guesser) row(name, level, text string) {
	line := fmt.Sprintf("    - {id: %s, level: %s, where: its heading, text: %s}", g.rowID(name), level, text)
	if !slices.Contains(g.rows, line) {
		g.rows = append(g.rows, line)
	}
}

func (g *guesser) rowID(name string) string {
	return strings.ToUpper(strings.ReplaceAll(g.id[:min(len(g.id), 2)], "-", "X")) + "-" + name
}

// schemes says what the security schemes carry.
func (g *guesser) schemes() {
	schemes, _, _ := g.root.Find("components", "securitySchemes")
	for _, name := range schemes.Keys() {
		at := []string{"components", "securitySchemes", name}
		kind, scheme := textAt(g.root, append(at, "type")...), strings.ToLower(textAt(g.root, append(at, "scheme")...))
		switch {
		case bearing(g.below(schemes, name)):
			g.put(at, "{carries: access}", "the token that issue answers with")
		case kind == "http" && scheme == "basic" && slices.Contains(g.basic, name):
			if len(g.fields) < 2 {
				g.fields = []string{"client_id", "client_secret"}
			}
			g.put(at, fmt.Sprintf("{fields: [%s]}", strings.Join(g.fields[:2], ", ")), "a client's id and secret")
		}
	}
}

// servers names the servers.
func (g *guesser) servers() {
	servers, _, has := g.root.Find("servers")
	if !has || len(servers.Items) == 0 {
		g.lines = append(g.lines, "servers:", "  - url: https://api.example.com  # where it is, for people to read", "    "+extension+": {name: api}")
		return
	}
	for i := range servers.Items {
		name := "api"
		if i > 0 {
			name = fmt.Sprintf("api-%d", i+1)
		}
		g.put([]string{"servers", fmt.Sprint(i)}, "{name: "+name+"}", "by which a target file places it")
	}
}

// put gives what stands at a path an x-gonogo, on a line of its own beside its other keys.
func (g *guesser) put(path []string, value, why string) {
	node, _, found := g.root.Find(path...)
	if !found || len(node.Pairs) == 0 {
		g.unplaced = append(g.unplaced, strings.Join(path, "/"))
		return
	}
	first := node.Pairs[0]
	if g.inBraces(first) {
		g.inserts = append(g.inserts, insert{first.Line - 1, first.Column - 1, extension + ": " + value + ", ", oneLine(why)})
		return
	}
	indent := strings.Repeat(" ", first.Column-1)
	line := fmt.Sprintf("%s%s: %s  # %s", indent, extension, value, oneLine(why))
	for _, pair := range node.Pairs {
		if strings.TrimSpace(g.lines[pair.Line-1][:pair.Column-1]) == "" {
			g.inserts = append(g.inserts, insert{before: pair.Line - 1, column: -1, text: line})
			return
		}
	}
	if before := g.lines[first.Line-1][:first.Column-1]; strings.Trim(before, " -") == "" && len(node.Pairs) == 1 && first.Value.Kind == yamlfile.Scalar {
		g.inserts = append(g.inserts, insert{before: first.Line, column: -1, text: line}) // "- url: …" and nothing else
		return
	}
	g.unplaced = append(g.unplaced, strings.Join(path, "/"))
}

// inBraces reports that a mapping whose first key this is stands in braces.
func (g *guesser) inBraces(first yamlfile.Pair) bool {
	before := strings.TrimSpace(g.lines[first.Line-1][:first.Column-1])
	for line := first.Line - 2; before == "" && line >= 0; line-- {
		before = strings.TrimSpace(g.lines[line])
	}
	return strings.HasSuffix(before, "{")
}

// into puts what goes into a line where it belongs, and says why at its end unless a text goes on in the next.
func (i insert) into(line string) string {
	line = line[:i.column] + i.text + line[i.column:]
	if strings.ContainsAny(line[len(line)-1:], "{}[],") {
		line += "  # " + i.why
	}
	return line
}

// text is the document with all that was put in, and the extension of its root at the end.
func (g *guesser) text() string {
	slices.SortStableFunc(g.inserts, func(a, b insert) int { return cmp.Or(cmp.Compare(b.before, a.before), cmp.Compare(b.column, a.column)) })
	lines := g.lines
	for _, one := range g.inserts {
		if one.column < 0 {
			lines = slices.Insert(lines, one.before, one.text)
		} else {
			lines[one.before] = one.into(lines[one.before])
		}
	}
	lines = append(lines, extension+":", "  dialect: "+g.id)
	if g.access == "" {
		lines = append(lines, "  # no operation was found whose answer has an access token: give one x-gonogo: {role: issue, success: …, refused: …}")
	}
	lines = append(lines, "  requirements:")
	if g.access != "" && g.announced != "" {
		g.row("EXPIRE-1", "documented", "an access token lives as long as its answer says and no longer")
	}
	if g.refreshes {
		g.row("ROTATE-1", "practice", "a refresh token that was used is dead")
	}
	lines = append(lines, g.rows...)
	if len(g.rows) == 0 {
		lines = append(lines, "    - {id: "+g.rowID("ISSUE-1")+", level: documented, where: its heading, text: credentials are answered with an access token}")
	}
	if len(g.fields) < 2 {
		g.fields = []string{"client_id", "client_secret"}
	}
	lines = append(lines, "  credentials:", fmt.Sprintf("    primary: {fields: [%s]}  # who one is, and what proves it", strings.Join(g.fields, ", ")),
		fmt.Sprintf("    second: {fields: [%s]}  # another one; remove it if there can be none", strings.Join(g.fields, ", ")))
	lines = append(lines, "  tokens:")
	life := ""
	if g.announced != "" {
		life = fmt.Sprintf(", lifetime: {announced: %s, unit: seconds}", g.announced)
	}
	lines = append(lines, fmt.Sprintf("    access: {at: %s%s}  # lifetime may have documented: 1h as well; unit: seconds, minutes, epoch or rfc3339", cmp.Or(g.access, "/access_token"), life))
	if g.refresh != "" {
		lines = append(lines, fmt.Sprintf("    refresh: {at: %s}  # rotation: single-use, if it works once", g.refresh))
	}
	if flows := g.flows(); len(flows) > 0 {
		lines = append(append(lines, "  flows:"), flows...)
	}
	return strings.Join(lines, "\n") + "\n"
}

// flows are those that follow from what was found. docs/documents.md has the others.
func (g *guesser) flows() (lines []string) {
	if g.announced != "" && g.uses > 0 {
		lines = append(lines, "    - {flow: expiry, token: access, requirement: "+g.rowID("EXPIRE-1")+"}")
	}
	if g.refreshes {
		lines = append(lines, "    - {flow: rotation, requirement: "+g.rowID("ROTATE-1")+"}")
	}
	if g.revokes {
		lines = append(lines, "    - {flow: revocation, requirement: "+g.rowID("REVOKE-1")+"}")
	}
	return lines
}
