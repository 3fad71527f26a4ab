package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"gonogo/internal/discovery"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/reports/words"
	"gonogo/specs"
	"gonogo/suites/engine"
)

// issuerFlags are what the metadata of an issuer do not tell: with whom to come.
type issuerFlags struct {
	clientID, clientSecret, redirectURI string
	user, password                      string
	secondID, secondSecret              string
	publicID, publicRedirectURI         string
}

// commandLine stands for the target file that a command line makes.
const commandLine = "the command line"

func (f *issuerFlags) addTo(flags *pflag.FlagSet) {
	for _, one := range f.list() {
		flags.StringVar(one.into, one.name, "", one.usage)
	}
}

type issuerFlag struct {
	name, usage string
	into        *string
	secret      bool
}

func (f *issuerFlags) list() []issuerFlag {
	return []issuerFlag{
		{"client-id", "of an issuer, the `ID` of the client to come as", &f.clientID, false},
		{"client-secret", "its `SECRET`, best as '${NAME}' of the environment or '${file:PATH}'", &f.clientSecret, true},
		{"redirect-uri", "its redirect `URI`, for what users approve", &f.redirectURI, false},
		{"user", "the `NAME` of a user who signs in and approves", &f.user, false},
		{"password", "the user's `PASSWORD`, best as '${NAME}' or '${file:PATH}'", &f.password, true},
		{"second-id", "the `ID` of another client, which must not get at the first one's tokens", &f.secondID, false},
		{"second-secret", "its `SECRET`, best as '${NAME}' or '${file:PATH}'", &f.secondSecret, true},
		{"public-id", "the `ID` of a client without a secret, which gets tokens with a proof key alone", &f.publicID, false},
		{"public-redirect-uri", "its redirect `URI`, where that is not the one of --redirect-uri", &f.publicRedirectURI, false},
	}
}

// given names the flags that were given.
func (f *issuerFlags) given() (names []string) {
	for _, one := range f.list() {
		if *one.into != "" {
			names = append(names, "--"+one.name)
		}
	}
	return names
}

// fit refuses flags without an issuer, and issuers that the flags cannot be about.
func (f *issuerFlags) fit(issuers, targets []string) error {
	switch {
	case len(issuers) == 0 && len(f.given()) > 0:
		return usagef("%s is about an issuer: name its address, like https://login.example.com", words.Join(f.given()))
	case f.publicRedirectURI != "" && f.publicID == "":
		return usagef("--public-redirect-uri is of a client without a secret: name it with --public-id")
	case len(issuers) > 1 || len(issuers) > 0 && len(targets) > 0:
		return usagef("an issuer comes alone: its flags are of one client")
	}
	return nil
}

// again are the flags as they can be given once more, without a secret that was written out.
func (f *issuerFlags) again() (args []string) {
	for _, one := range f.list() {
		value := *one.into
		if one.secret && value != "" && !strings.HasPrefix(value, "${") {
			value = "${" + strings.ToUpper(strings.ReplaceAll(one.name, "-", "_")) + "}"
		}
		if value != "" {
			args = append(args, "--"+one.name, value)
		}
	}
	return args
}

// credentials are the flags by the roles of a document: who one is first, what proves it second, then where users are sent.
func (f *issuerFlags) credentials(d *specs.Dialect) map[string]map[string]string {
	all := map[string]map[string]string{}
	for _, role := range d.Credentials {
		var values []string
		switch {
		case role.Human:
			values = []string{f.user, f.password}
		case role.Role == operation.Primary:
			values = []string{f.clientID, f.clientSecret, f.redirectURI}
		case target.Need(role.Role) == target.NeedSecond:
			values = []string{f.secondID, f.secondSecret}
		case target.Need(role.Role) == target.NeedPublic && f.publicID != "":
			values = []string{f.publicID, cmp.Or(f.publicRedirectURI, f.redirectURI)}
		}
		fields := map[string]string{}
		for i, field := range role.Fields[:min(len(values), len(role.Fields))] {
			if values[i] != "" {
				fields[field] = values[i]
			}
		}
		if len(fields) > 0 {
			all[role.Role] = fields
		}
	}
	return all
}

// discovering is the document that an issuer is held to: the one that is named, else the built-in one that says where to ask.
func discovering(dialects []string) (*specs.Dialect, error) {
	names := dialects
	if len(names) == 0 {
		names = specs.Builtin()
	}
	for _, name := range names {
		d, err := specs.Load(name)
		if err != nil {
			return nil, usageError{err}
		}
		if len(d.ByRole(specs.RoleMetadata)) > 0 {
			return d, nil
		}
	}
	return nil, usagef("%s does not say where an issuer has its metadata (an operation of role metadata); write a target file instead", strings.Join(names, ", "))
}

// discovered asks an issuer for its metadata.
func discovered(ctx context.Context, dialects []string, issuer string) (*discovery.Found, *specs.Dialect, error) {
	d, err := discovering(dialects)
	if err != nil {
		return nil, nil, err
	}
	found, err := discovery.Ask(ctx, d, issuer)
	if _, ok := errors.AsType[discovery.Unreachable](err); ok || ctx.Err() != nil {
		return nil, nil, harnessError{err}
	}
	if err != nil {
		return nil, nil, usageError{err}
	}
	return found, d, nil
}

// issuerTarget is an issuer as a target.
func (a *App) issuerTarget(ctx context.Context, dialects []string, issuer string, f *issuerFlags) (*target.Target, *specs.Dialect, *discovery.Found, error) {
	if f.clientID == "" {
		if _, err := discovery.Issuer(issuer); err != nil {
			return nil, nil, nil, usageError{err}
		}
		return nil, nil, nil, usagef("say as which client to come to %s: --client-id ID --client-secret '${NAME}', where NAME is a variable of the environment", issuer)
	}
	found, d, err := discovered(ctx, dialects, issuer)
	if err != nil {
		return nil, nil, nil, err
	}
	file := found.File
	file.Credentials = f.credentials(d)
	for _, role := range d.Credentials {
		if _, has := file.Credentials[role.Role]; !has && !role.Optional && slices.Contains(target.Needs(), target.Need(role.Role)) {
			file.Absent = append(file.Absent, target.Need(role.Role))
		}
	}
	found.File = file
	t, d, err := target.Parse(commandLine, []byte(file.YAML()), a.env)
	var problems specs.Problems
	if errors.As(err, &problems) { // nobody has written the lines that they speak of
		for i := range problems {
			problems[i].Place = specs.Place{File: commandLine}
		}
		err = problems
	}
	if err != nil {
		return nil, nil, nil, usageError{err}
	}
	t.Discovered = true
	for i, note := range t.Notes {
		_, t.Notes[i], _ = strings.Cut(strings.TrimPrefix(note, commandLine+":"), ": ")
	}
	return t, d, found, nil
}

// tellIssuer says what an issuer has, to whom credentials go, and what more could be checked.
func tellIssuer(issuer string, found *discovery.Found, job engine.Job) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s says at %s where it is\n", issuer, found.At)
	for _, place := range found.Places {
		fmt.Fprintf(&out, "  %-20s %s\n", place.Name, cmp.Or(place.URL, "none: "+place.Why))
	}
	fmt.Fprintf(&out, "credentials go to %s and nowhere else\n", words.Join(hostsOf(job.Target)))
	unlocked, runs := map[string]int{}, 0
	for _, c := range job.Plan.Cases {
		switch key := unlockedBy(job.Target, c); key {
		case "":
			runs++
		default:
			unlocked[key]++
		}
	}
	fmt.Fprintf(&out, "%d of %s can run\n", runs, words.Cases(len(job.Plan.Cases)))
	for _, key := range sortedKeys(unlocked) {
		fmt.Fprintf(&out, "  %d more: %s\n", unlocked[key], key)
	}
	return out.String()
}

// unlockedBy says what a case lacks to run; empty: nothing that could be given.
func unlockedBy(t *target.Target, c engine.Case) string {
	var lacks []string
	add := func(what string) {
		if !slices.Contains(lacks, what) {
			lacks = append(lacks, what)
		}
	}
	for _, need := range c.Needs {
		have, why := t.Provides(need, "")
		switch {
		case have == target.Provided:
		case need == target.NeedOperation:
			return "endpoints in a target file name what the metadata do not (gonogo init writes one)"
		case need == target.NeedSecond:
			add("--second-id and --second-secret")
		case need == target.NeedPublic:
			add("--public-id")
		case need == target.NeedUser, need == target.NeedConsent, need == target.NeedBrowser:
			add("--redirect-uri, --user and --password")
		default:
			add(why)
		}
	}
	return strings.Join(lacks, "; ")
}

// hostsOf are the hosts that a target's credentials go to.
func hostsOf(t *target.Target) []string {
	hosts := []string{t.BaseURL.Host}
	for _, name := range sortedKeys(t.Places) {
		if host := t.Places[name].Host; !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

// issuersAmong takes the addresses out of a command's arguments.
func issuersAmong(args []string) (issuers, others []string) {
	for _, arg := range args {
		if isIssuer(arg) {
			issuers = append(issuers, arg)
		} else {
			others = append(others, arg)
		}
	}
	return issuers, others
}

// isIssuer reports whether an argument is an address.
func isIssuer(arg string) bool {
	u, err := url.Parse(arg)
	return strings.Contains(arg, "://") && (err != nil || u.Scheme != "")
}
