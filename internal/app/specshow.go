package app

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"gonogo/reports/words"
	"gonogo/specs"
)

// specShow prints a summary of a document, or the document.
func (a *App) specShow(name string, text bool) error {
	file, data, err := specs.Open(name)
	if err != nil {
		return usageError{err}
	}
	if text {
		_, err := a.stdout.Write(data)
		return err
	}
	d, err := specs.Parse(file, data)
	if err != nil {
		return usagef("%s cannot be used:\n%w", file, err)
	}
	var out strings.Builder
	s := summary{tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0), d}
	s.printf("%s: %s, version %s\n%s, OpenAPI %s, SHA-256 %s\n", d.ID, d.Title, d.Version, d.File, d.Doc.OpenAPI, d.SHA256)
	s.profiles()
	s.credentials()
	s.tokens()
	s.operations()
	s.flows()
	s.requirements()
	_ = s.w.Flush() // into memory
	return a.page(out.String())
}

// summary prints a dialect in columns, a table for each part of it.
type summary struct {
	w *tabwriter.Writer
	d *specs.Dialect
}

func (s summary) printf(format string, args ...any) { _, _ = fmt.Fprintf(s.w, format, args...) }

func (s summary) profiles() {
	if len(s.d.Profiles) == 0 {
		return
	}
	s.printf("\nprofiles\n")
	for _, profile := range s.d.Profiles {
		s.printf("  %s\t%s\n", profile.Name, profile.Text)
	}
}

func (s summary) credentials() {
	s.printf("\ncredentials\n")
	for _, c := range s.d.Credentials {
		about := strings.Join(c.Fields, ", ")
		if c.Human {
			about += "; signs in on pages"
		}
		if c.ActsAs {
			about += "; an answer may name its user (acts_as)"
		}
		s.printf("  %s\t%s\n", c.Role, about)
	}
	s.printf("\nservers\n")
	for _, server := range s.d.Servers {
		s.printf("  %s\t%s\n", server.Name, server.URL)
	}
}

func (s summary) tokens() {
	s.printf("\ntokens\n")
	for _, kind := range s.d.Tokens {
		about := []string{"at " + string(kind.At)}
		if kind.Lifetime.Documented > 0 {
			about = append(about, "lives "+brief(kind.Lifetime.Documented))
		}
		if kind.Lifetime.Announced != "" {
			about = append(about, fmt.Sprintf("announced at %s %s", kind.Lifetime.Announced, in(kind.Lifetime.Unit)))
		}
		if kind.Rotation == specs.SingleUse {
			about = append(about, "works once")
		}
		s.printf("  %s\t%s\n", kind.Name, strings.Join(about, ", "))
	}
}

func (s summary) operations() {
	s.printf("\noperations\n")
	for _, op := range s.d.Operations {
		role := ""
		if string(op.Role) != op.ID {
			role = " (role " + string(op.Role) + ")"
		}
		s.printf("  %s\t%s %s on %s%s, line %d\n", op.ID, op.Method, op.Path, op.Server, role, op.At.Line)
		for _, auth := range op.Auth {
			s.printf("  \t  %s\n", presented(auth))
		}
		for _, input := range op.Inputs {
			s.printf("  \t  %s\n", s.input(op, input))
		}
		if op.Yields != "" {
			s.printf("  \t  redirects with %s\n", words.A(op.Yields))
		}
		if says := op.Says; says != nil {
			said := fmt.Sprintf("says at %s whether the token lives", says.Valid)
			if says.Remaining != "" {
				said += fmt.Sprintf(", and at %s until when, %s", says.Remaining, in(says.Unit))
			}
			s.printf("  \t  %s\n", said)
		}
		var rows []string
		for _, row := range [][2]string{{"success", op.Success}, {"refusals", op.Refused}, {"wrong credentials", op.Authenticated}} {
			if row[1] != "" && (row[0] != "wrong credentials" || op.Authenticated != op.Refused) {
				rows = append(rows, row[0]+" "+row[1])
			}
		}
		if len(rows) > 0 {
			s.printf("  \t  %s\n", strings.Join(rows, ", "))
		}
	}
}

// presented says what a security scheme puts where.
func presented(auth specs.Auth) string {
	place := "in the Authorization header as Bearer"
	switch auth.Kind {
	case specs.AuthBasic:
		place = "in the Authorization header as Basic"
	case specs.AuthQuery:
		place = "in the query parameter " + auth.Name
	case specs.AuthHeader:
		place = "in the header " + auth.Name
	}
	carried := strings.Join(auth.Fields, " and ")
	if auth.Carries != "" {
		carried = "a token of kind " + auth.Carries
	}
	return carried + " " + place
}

// input says where an input stands and where its value comes from.
func (s summary) input(op *specs.Operation, input specs.Input) string {
	part := map[specs.Part]string{specs.InQuery: "in the query", specs.InForm: "in the form", specs.InJSON: "in the JSON body"}[input.In]
	text := input.Name + " " + part + ", "
	from := input.From
	switch {
	case input.Fixed != "":
		return text + "always " + input.Fixed
	case from.Token != "":
		text += "a token of kind " + from.Token
	case from.Role != "":
		text += fmt.Sprintf("%s of %s", from.Field, from.Role)
	case from.Field != "":
		text += from.Field + " of the client"
	default:
		text += "only where a flow says so"
	}
	if !input.Required && (from != specs.Source{}) {
		text += ", optional"
	}
	return text
}

func (s summary) flows() {
	s.printf("\nflows\n")
	s.declared(s.d.Flows)
	if len(s.d.Flows) == 0 {
		s.printf("  none\n")
	}
	if len(s.d.ClientFlows) > 0 {
		s.printf("\nflows of a client, which gonogo watch looks for\n")
		s.declared(s.d.ClientFlows)
	}
}

func (s summary) declared(flows []specs.Flow) {
	for _, flow := range flows {
		var more []string
		for _, key := range sortedKeys(flow.Params) {
			if key != "flow" && key != "requirement" {
				more = append(more, key+" "+flow.Params[key])
			}
		}
		for _, key := range sortedKeys(flow.Lists) {
			more = append(more, key+" "+strings.Join(flow.Lists[key], ", "))
		}
		about := flow.Requirement
		if len(more) > 0 {
			about += " (" + strings.Join(more, "; ") + ")"
		}
		s.printf("  %s\t%s\n", flow.Name, about)
	}
}

func (s summary) requirements() {
	s.printf("\nrequirements\n")
	s.rows(s.d.Requirements)
	if len(s.d.ClientRows) > 0 {
		s.printf("\nrequirements of clients, which no case of a server shows\n")
		s.rows(s.d.ClientRows)
	}
}

func (s summary) rows(rows []specs.Requirement) {
	for _, r := range rows {
		place := "every dialect"
		if r.At.File == s.d.File {
			place = fmt.Sprintf("line %d", r.At.Line)
		}
		bound := r.Bound()
		if bound != "" {
			bound = "; " + bound
		}
		s.printf("  %s\t%s\t%s\t%s (%s)%s\n", r.ID, r.Level, place, r.Text, r.Where, bound)
	}
}

// in says how an answer counts time.
func in(unit specs.Unit) string {
	switch unit {
	case specs.Epoch:
		return "as seconds since 1970"
	case specs.RFC3339:
		return "as an RFC 3339 timestamp"
	default:
		return "in " + string(unit)
	}
}

// brief writes a duration without what is zero: 1h, 336h, 30s.
func brief(d time.Duration) string {
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = strings.TrimSuffix(text, zero[1:])
		}
	}
	return text
}
