// Package embedded is the reference server as a target: inside this process, and the target file that describes one
// wherever it is. The package must never know what is checked, nor a dialect.
package embedded

import (
	"context"
	"fmt"
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

// Server is a reference server inside this process.
type Server struct {
	server *reference.Server
	file   target.File
}

// Start starts the reference server for one dialect, with a clock and a control listener of its own and its pages on a
// listener apart from the API, as the documents have it.
func Start(ctx context.Context, dialect *specs.Dialect, defects, liberties []string) (*Server, error) {
	server, err := reference.Start(ctx, reference.Config{
		Dialects: []string{dialect.ID}, WWW: "127.0.0.1:0", Defects: defects, Liberties: liberties,
	})
	if err != nil {
		return nil, fmt.Errorf("the embedded reference server does not start: %w", err)
	}
	return &Server{server, TargetFile(server, dialect)}, nil
}

// YAML is the text of the target file that describes the server.
func (s *Server) YAML() string { return s.file.YAML() }

// Target is the server as a target.
func (s *Server) Target() (*target.Target, error) {
	t, _, err := s.file.Target("embedded", nil)
	if err != nil {
		return nil, fmt.Errorf("the target file of the embedded server is wrong: %w", err)
	}
	if _, listed := t.Credentials[string(target.NeedListed)]; listed && t.Outsider == nil {
		t.NoOutsider = "the loopback of this machine has no second address " + secondAddress + " (add it, on macOS with sudo ifconfig lo0 alias " + secondAddress + ")"
	}
	return t, nil
}

// Stop gives what is being answered two seconds.
func (s *Server) Stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = s.server.Shutdown(ctx) // what is left is cut off; nobody listens any more
}

// Kill waits for nobody.
func (s *Server) Kill() { s.server.Kill() }

// TargetFile is the target file that describes a reference server's dialect: what a user would write.
func TargetFile(server *reference.Server, dialect *specs.Dialect) target.File {
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

// secondAddress is where an outsider on this machine sends from. Linux and Windows have all of 127.0.0.0/8 on loopback; other
// systems have it only where somebody configured it. It begins like the address that the harness has, which is on the list: who compares
// addresses as texts takes the one for the other.
const secondAddress = "127.0.0.10"

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
	settings := target.FileSettings{RevokePath: told["revoke_path"], RefreshScheme: told["refresh_scheme"], Body: told["body"], PKCE: told["pkce"], AccessToken: told["access_token"]}
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
			values := []string{c.ID, c.Secret, c.RedirectURI}
			add(c.Role, c.ActsAs, slices.DeleteFunc(values, func(value string) bool { return c.Public && value == "" })...)
		}
	}
	for _, u := range accounts.Users {
		if strings.EqualFold(u.Dialect, dialect.ID) {
			add(u.Role, u.ActsAs, u.Username, u.Password)
		}
	}
	return credentials
}
