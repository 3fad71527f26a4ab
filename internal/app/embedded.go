package app

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/reference"
	"gonogo/specs"
)

// embedded is a reference server inside this process, and the target file that describes it.
type embedded struct {
	server *reference.Server
	yaml   string
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
	return server.yaml, server.stop, nil
}

// target is the embedded server as a target.
func (e *embedded) target() (*target.Target, *specs.Dialect, error) {
	none := func(string) (string, bool) { return "", false }
	t, d, err := target.Parse("embedded", []byte(e.yaml), none)
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
func targetFile(server *reference.Server, dialect *specs.Dialect) string {
	file := yaml.MapSlice{
		{Key: "version", Value: 1},
		{Key: "dialect", Value: dialect.ID},
		{Key: "base_url", Value: server.URL()},
	}
	if pages := pagesServer(dialect); pages != "" {
		file = append(file, yaml.MapItem{Key: "servers", Value: yaml.MapSlice{{Key: pages, Value: server.WWWURL()}}})
	}
	credentials, names := credentialsOf(server.Accounts(), dialect)
	file = append(file, yaml.MapItem{Key: "credentials", Value: credentials})
	if settings := settingsOf(server, dialect, names); len(settings) > 0 {
		file = append(file, yaml.MapItem{Key: "settings", Value: settings})
	}
	if _, listed := dialect.Credential(string(target.NeedListed)); listed && canSendFrom(secondAddress) {
		file = append(file, yaml.MapItem{Key: "outsider", Value: yaml.MapSlice{{Key: "local_address", Value: secondAddress}}})
	}
	if control := server.ControlURL(); control != "" {
		call := func(path, body string) yaml.MapSlice {
			return yaml.MapSlice{{Key: "method", Value: "POST"}, {Key: "url", Value: control + path}, {Key: "body", Value: body}}
		}
		file = append(file, yaml.MapItem{Key: "clock", Value: yaml.MapSlice{{Key: "advance", Value: call("/__control/clock", `{"advance":"${duration}"}`)}}})
		if primary, _ := dialect.Credential(operation.Primary); slices.Contains(primary.Fields, "client_id") {
			rotate := append(call("/__control/rotate-secret", `{"client_id":"${client_id}"}`), yaml.MapItem{Key: "result", Value: "$response.body#/client_secret"})
			file = append(file, yaml.MapItem{Key: "operator", Value: yaml.MapSlice{
				{Key: "rotate_secret", Value: rotate},
				{Key: "restore_secret", Value: call("/__control/rotate-secret", `{"client_id":"${client_id}","client_secret":"${client_secret}"}`)},
			}})
		}
	}
	text, err := yaml.Marshal(file)
	if err != nil {
		panic("app: a target file cannot be written as YAML: " + err.Error()) // strings and maps always can
	}
	return string(text)
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
func settingsOf(server *reference.Server, dialect *specs.Dialect, actingUser bool) (settings yaml.MapSlice) {
	if actingUser {
		settings = append(settings, yaml.MapItem{Key: "acting_user", Value: "$response.body#/data/user_id"})
	}
	told := server.Settings(dialect.ID)
	for _, key := range slices.Sorted(maps.Keys(told)) {
		settings = append(settings, yaml.MapItem{Key: key, Value: told[key]})
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

// credentialsOf are the seed accounts under the names that the dialect's document gives them; names says
// whether any of them names the user it acts for.
func credentialsOf(accounts reference.Accounts, dialect *specs.Dialect) (credentials yaml.MapSlice, names bool) {
	add := func(role string, actsAs int, values ...string) {
		credential, ok := dialect.Credential(role)
		if !ok {
			return
		}
		var fields yaml.MapSlice
		for i, field := range credential.Fields {
			if i < len(values) {
				fields = append(fields, yaml.MapItem{Key: field, Value: values[i]})
			}
		}
		if credential.ActsAs && actsAs != 0 {
			fields = append(fields, yaml.MapItem{Key: "acts_as", Value: actsAs})
			names = true
		}
		credentials = append(credentials, yaml.MapItem{Key: role, Value: fields})
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
	return credentials, names
}
