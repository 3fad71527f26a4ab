package app

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/reference"
	"gonogo/specs"
)

// embedded is a reference server inside this process, and the target file that describes it.
type embedded struct {
	server *reference.Server
	file   target.File
}

// startEmbedded starts the reference server for one dialect, with a clock and a control listener of its own
// and its pages on a listener apart from the API, as the documents have it.
func startEmbedded(ctx context.Context, dialect *specs.Dialect, defects, liberties []string, log io.Writer) (*embedded, error) {
	server, err := reference.Start(ctx, reference.Config{
		Dialects: []string{dialect.ID}, WWW: "127.0.0.1:0", Defects: defects, Liberties: liberties, Log: log,
	})
	if err != nil {
		return nil, harnessError{fmt.Errorf("the embedded reference server does not start: %w", err)}
	}
	return &embedded{server, targetFile(server, dialect)}, nil
}

// Embedded starts the reference server for one dialect and returns the target file that describes it: what check
// gauges without a target. stop ends it.
func Embedded(ctx context.Context, dialect string) (targetFile string, stop func(), err error) {
	d, err := specs.Load(dialect)
	if err != nil {
		return "", nil, err
	}
	server, err := startEmbedded(ctx, d, nil, nil, nil)
	if err != nil {
		return "", nil, err
	}
	return server.file.YAML(), server.stop, nil
}

// target is the embedded server as a target.
func (e *embedded) target() (*target.Target, *specs.Dialect, error) {
	t, d, err := e.file.Target("embedded", nil)
	if err != nil {
		return nil, nil, harnessError{fmt.Errorf("the target file of the embedded server is wrong: %w", err)}
	}
	return t, d, nil
}

func (e *embedded) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = e.server.Shutdown(ctx) // what is left is cut off; nobody listens any more
}

// served reports whether the reference server speaks a dialect.
func served(dialect string) bool { return slices.Contains(reference.Dialects(), dialect) }

// servedDialect reads the document of a dialect, which the reference server is to be the target of.
func servedDialect(id string) (*specs.Dialect, error) {
	d, err := specs.Load(id)
	switch {
	case err != nil:
		return nil, usageError{err}
	case !served(d.ID):
		return nil, usagef("the reference server does not speak %s; name a target with --target", d.ID)
	}
	return d, nil
}

// allServed looks whether the reference server speaks all of these.
func allServed(dialects []string) error {
	for _, id := range dialects {
		if !served(id) {
			return usagef("the reference server does not speak %q; it speaks %s", id, strings.Join(reference.Dialects(), ", "))
		}
	}
	return nil
}

// targetFile is the target file that describes a reference server's dialect: what a user would write.
func targetFile(server *reference.Server, dialect *specs.Dialect) target.File {
	file := target.File{Version: 1, Dialect: dialect.ID, BaseURL: server.URL()}
	if pages := pagesServer(dialect); pages != "" {
		file.Servers = map[string]string{pages: server.WWWURL()}
	}
	file.Credentials = credentialsOf(server.Accounts(), dialect)
	file.Settings = settingsOf(server, dialect, file.Credentials)
	if _, listed := dialect.Credential(string(target.NeedListed)); listed && canSendFrom(secondAddress) {
		file.Outsider.LocalAddress = secondAddress
	}
	if control := server.ControlURL(); control != "" {
		call := func(path, body string) *target.FileCall {
			return &target.FileCall{Method: http.MethodPost, URL: control + path, Body: body}
		}
		file.Clock.Advance = call("/__control/clock", `{"advance":"${duration}"}`)
		if primary, _ := dialect.Credential(operation.Primary); slices.Contains(primary.Fields, "client_id") {
			file.Operator.RotateSecret = call("/__control/rotate-secret", `{"client_id":"${client_id}"}`)
			file.Operator.RotateSecret.Result = "$response.body#/client_secret"
			file.Operator.RestoreSecret = call("/__control/rotate-secret", `{"client_id":"${client_id}","client_secret":"${client_secret}"}`)
		}
	}
	return file
}

// secondAddress is where an outsider on this machine sends from. Linux has all of 127.0.0.0/8 on loopback; other
// systems have it only where somebody configured it.
const secondAddress = "127.0.0.2"

func canSendFrom(address string) bool {
	l, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		return false
	}
	_ = l.Close()
	return true
}

// settingsOf is what the document leaves open and the reference server has: what companion pages show, or what it
// was told to do otherwise.
func settingsOf(server *reference.Server, dialect *specs.Dialect, credentials map[string]map[string]string) target.FileSettings {
	told := server.Settings(dialect.ID)
	settings := target.FileSettings{RevokePath: told["revoke_path"], RefreshScheme: told["refresh_scheme"], Body: told["body"]}
	for _, fields := range credentials {
		if fields["acts_as"] != "" {
			settings.ActingUser = "$response.body#/data/user_id"
		}
	}
	return settings
}

// pagesServer is the document's server for people, if it has one beside the API.
func pagesServer(dialect *specs.Dialect) string {
	if len(dialect.Servers) > 1 {
		return dialect.Servers[1].Name
	}
	return ""
}

// credentialsOf are the seed accounts under the names that the dialect's document gives them.
func credentialsOf(accounts reference.Accounts, dialect *specs.Dialect) map[string]map[string]string {
	credentials := map[string]map[string]string{}
	add := func(role string, actsAs int, values ...string) {
		credential, ok := dialect.Credential(role)
		if !ok {
			return
		}
		fields := map[string]string{}
		for i, field := range credential.Fields[:min(len(values), len(credential.Fields))] {
			fields[field] = values[i]
		}
		if credential.ActsAs && actsAs != 0 {
			fields["acts_as"] = strconv.Itoa(actsAs)
		}
		credentials[role] = fields
	}
	for _, c := range accounts.Clients {
		if strings.EqualFold(c.Dialect, dialect.ID) {
			add(c.Role, c.ActsAs, c.ID, c.Secret, c.RedirectURI)
		}
	}
	for _, u := range accounts.Users {
		if strings.EqualFold(u.Dialect, dialect.ID) {
			add(u.Role, u.ActsAs, u.Username, u.Password)
		}
	}
	return credentials
}
