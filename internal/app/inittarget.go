package app

import (
	"fmt"
	"slices"
	"strings"

	"gonogo/internal/discovery"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
)

// draft is a target file to begin with.
type draft struct {
	dialect *specs.Dialect
	found   *discovery.Found // nil: nobody was asked
	out     strings.Builder
}

func draftOf(d *specs.Dialect, found *discovery.Found) *draft {
	return &draft{dialect: d, found: found}
}

func (w *draft) line(format string, args ...any) { fmt.Fprintf(&w.out, format+"\n", args...) }

// text is the file. What is commented out is optional, and says what it unlocks.
func (w *draft) text() string {
	w.line("# A target of %s. What ${NAME} stands for is taken from the environment; ${file:PATH} is a file's content.", oneLine(w.dialect.Title))
	w.line("# gonogo doctor THIS tries all of it, and says what is wrong and what to add; docs/target-file.md has every key.")
	name := w.dialect.ID
	if !w.dialect.BuiltIn {
		name = w.dialect.File
	}
	w.line("dialect: %s", quotedYAML(name))
	for i, profile := range w.dialect.Profiles {
		if i > 0 {
			w.line("# profile: %s  # %s", profile.Name, oneLine(profile.Text))
		}
	}
	w.places()
	w.credentials()
	w.rest()
	return w.out.String()
}

// places says where the target is: as its issuer has it, or as the environment will.
func (w *draft) places() {
	if w.found == nil {
		w.line("base_url: %s  # or the address itself; the document's paths are appended, so a path prefix is kept", variable("base_url"))
		for _, server := range w.dialect.Servers[1:] {
			w.line("# servers: {%s: https://…}  # if it is not at base_url", server.Name)
		}
		w.line("# endpoints: {%s: /elsewhere}  # where the target has an operation elsewhere: a path or an address, or none", w.firstEndpoint())
		return
	}
	file := w.found.File
	w.line("base_url: %s", quotedYAML(file.BaseURL))
	if len(file.Servers) > 0 {
		w.line("servers:")
		for _, name := range sortedKeys(file.Servers) {
			w.line("  %s: %s", name, quotedYAML(file.Servers[name]))
		}
	}
	w.line("endpoints:  # as %s has them", oneLine(w.found.At))
	for _, name := range sortedKeys(file.Endpoints) {
		why := ""
		if i := slices.IndexFunc(w.found.Places, func(p discovery.Place) bool { return p.Name == name }); i >= 0 && w.found.Places[i].Why != "" {
			why = "  # " + oneLine(w.found.Places[i].Why) + "; its address, if there is one"
		}
		w.line("  %s: %s%s", name, quotedYAML(file.Endpoints[name]), why)
	}
	if file.Settings.Issuer != "" || file.Settings.PKCE != "" {
		w.line("settings:")
	}
	if file.Settings.Issuer != "" {
		w.line("  issuer: %s  # letter by letter, for the metadata", quotedYAML(file.Settings.Issuer))
	}
	if file.Settings.PKCE != "" {
		w.line("  pkce: %s  # proof keys are advertised; public or required, if they must be used", file.Settings.PKCE)
	}
}

func (w *draft) firstEndpoint() string {
	for _, op := range w.dialect.Operations {
		if op.Role != specs.RoleMetadata && op.Doc != nil && op.Doc.OperationID != "" {
			return op.Doc.OperationID
		}
	}
	return "operationId"
}

// credentials has every role; one that a target need not give is commented out.
func (w *draft) credentials() {
	w.line("credentials:")
	var absent []string
	for _, role := range w.dialect.Credentials {
		if role.Registered {
			continue // a run makes it
		}
		before, about := "  ", ""
		switch is := target.Need(role.Role); {
		case role.Role == operation.Primary:
		case role.Optional || w.found != nil:
			before = "  # "
			about = "unlocks the cases that need " + role.Role
		case role.Human, slices.Contains(target.Needs(), is):
			about = "or remove it, and say absent: [" + role.Role + "]"
		}
		if !role.Optional && w.found != nil && role.Role != operation.Primary {
			absent = append(absent, role.Role)
		}
		var values []string
		for _, field := range role.Fields {
			if before == "  " && slices.Contains(role.MayBeLeft, field) {
				continue
			}
			values = append(values, field+": "+variable(role.Role, field))
		}
		if about != "" {
			about = "  # " + about
		}
		w.line("%s%s: {%s}%s", before, role.Role, strings.Join(values, ", "), about)
		for _, field := range role.MayBeLeft {
			if before == "  " {
				w.line("    # %s: %s may stand there too, and what needs it is then checked", field, variable(role.Role, field))
			}
		}
		if role.ActsAs {
			w.line("    # acts_as: the user that its tokens act for, as the API names it, with settings: {acting_user: '$response.body#/user_id'}")
		}
	}
	if len(absent) > 0 {
		w.line("absent: [%s]", strings.Join(absent, ", "))
	}
}

// rest is what no document asks for and many targets can have.
func (w *draft) rest() {
	if w.dialect.Human().Role != "" {
		w.line("# consent: {mode: form}  # or browser, command, manual; with names of fields and labels where the page's form is not found by itself")
	}
	if slices.ContainsFunc(w.dialect.Operations, func(op *specs.Operation) bool { return op.Setting != "" }) {
		w.line("# settings: {revoke_path: /…}  # the document names no path for this")
	}
	if _, listed := w.dialect.Credential(string(target.NeedListed)); listed {
		w.line("# outsider: {local_address: 127.0.0.2}  # an address that no allow-list has")
	}
	w.line("# clock: {advance: {method: POST, url: http://…, body: '{\"advance\":\"${duration}\"}'}}  # how to move the target's clock, if you can")
	limits := target.DefaultLimits()
	w.line("# limits: {max_wait: %s, failed_logins: %d, requests: %d, max_rps: %v}  # what a run may cost", limits.MaxWait, limits.FailedLogins, limits.Requests, limits.MaxRPS)
}
