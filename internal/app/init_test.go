package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"gonogo/specs"
)

// variables are what a target file names by itself, as the file that init writes takes it from the environment.
func variables(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var has struct {
		BaseURL     string                       `yaml:"base_url"`
		Credentials map[string]map[string]string `yaml:"credentials"`
	}
	if err := yaml.Unmarshal(text, &has); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"BASE_URL": has.BaseURL}
	for role, fields := range has.Credentials {
		for field, value := range fields {
			env[strings.ToUpper(role+"_"+field)] = value
		}
	}
	return env
}

// TestInitWritesATargetOfEveryDialect: what it writes loads as it is, and is good for a check.
func TestInitWritesATargetOfEveryDialect(t *testing.T) {
	t.Parallel()
	for _, id := range specs.Builtin() {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			s := serve(t, id)
			file := filepath.Join(t.TempDir(), "target.yaml")
			gonogo(t, "init", id, "-o", file).exits(t, 0)
			env := variables(t, s.file(id))
			o := gonogoIn(t.Context(), env, "check", "--target", file, "--quiet", "--case", "*/audit/*", "--case", "*/issue*", "--case", "*/client-credentials/documented-*")
			if o.exits(t, 0); strings.Contains(o.String(), env["PRIMARY_CLIENT_SECRET"]) && env["PRIMARY_CLIENT_SECRET"] != "" {
				t.Error("a secret is told")
			}
			again := gonogo(t, "init", id, "-o", file)
			again.refuses(t, file+" is there already, and stays as it is; name another file with -o")
		})
	}
}

// TestInitAsksAnIssuer: the file has what the metadata say, and is good for a check once the client is in the environment.
func TestInitAsksAnIssuer(t *testing.T) {
	t.Parallel()
	s := serve(t, "oauth2")
	o := gonogo(t, "init", s.api)
	o.exits(t, 0, "  token: '"+s.api+"/token'", "  resource: 'none'  # no metadata tell where it is; its address, if there is one", "  pkce: supported  # proof keys are advertised; public or required, if they must be used")
	file := written(t, "issuer.yaml", strings.Replace(o.stdout, "resource: 'none'", fmt.Sprintf("resource: '%s/resource'", s.api), 1))
	gonogoIn(t.Context(), variables(t, s.file("oauth2")), "check", "--target", file, "--quiet").exits(t, 0)
}

func TestInitWantsOneThing(t *testing.T) {
	t.Parallel()
	gonogo(t, "init").complains(t, "say what to begin with")
	gonogo(t, "init", "pos", "b2b").complains(t, "say what to begin with")
	gonogo(t, "init", "poss").complains(t, `there is no dialect "poss"`)
	gonogo(t, "init", "http://login.example.com").complains(t, "is not https")
}
