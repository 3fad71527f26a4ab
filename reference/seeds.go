package reference

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// seedFile is the YAML of Config.SeedFile. An account with the dialect and role
// of a built-in one replaces it; any other is added.
type seedFile struct {
	Clients []struct {
		Dialect     string `yaml:"dialect"`
		Role        string `yaml:"role"`
		ID          string `yaml:"client_id"`
		Secret      string `yaml:"client_secret"`
		RedirectURI string `yaml:"redirect_uri"`
		ActsAs      int    `yaml:"acts_as"`
	} `yaml:"clients"`
	Users []struct {
		Dialect  string   `yaml:"dialect"`
		Role     string   `yaml:"role"`
		Username string   `yaml:"username"`
		Password string   `yaml:"password"`
		ActsAs   int      `yaml:"acts_as"`
		Allow    []string `yaml:"allow"`
	} `yaml:"users"`
}

// seeds are the accounts of the served dialects.
func seeds(path string, served []string) (Accounts, error) {
	var all Accounts
	for _, d := range dialects() {
		all.Clients, all.Users = append(all.Clients, d.Seeds.Clients...), append(all.Users, d.Seeds.Users...)
	}
	if path != "" {
		if err := readSeeds(path, &all); err != nil {
			return all, err
		}
	}
	all.Clients = slices.DeleteFunc(all.Clients, func(c Client) bool { return !slices.Contains(served, c.Dialect) })
	all.Users = slices.DeleteFunc(all.Users, func(u User) bool { return !slices.Contains(served, u.Dialect) })
	return all, nil
}

func readSeeds(path string, all *Accounts) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("seed file: %w", err)
	}
	var file seedFile
	if err := yaml.UnmarshalWithOptions(content, &file, yaml.Strict()); err != nil {
		// The position is the useful half; the source excerpt might show a secret.
		return fmt.Errorf("seed file %s: %s", path, yaml.FormatError(err, false, false))
	}
	for i, c := range file.Clients {
		if !slices.Contains(Dialects(), c.Dialect) {
			return fmt.Errorf("seed file %s: clients[%d].dialect is %q; this build knows %s", path, i, c.Dialect, strings.Join(Dialects(), ", "))
		}
		seed := Client{Dialect: c.Dialect, Role: c.Role, ID: c.ID, Secret: c.Secret, RedirectURI: c.RedirectURI, ActsAs: c.ActsAs}
		at := slices.IndexFunc(all.Clients, func(o Client) bool { return c.Role != "" && o.Dialect == c.Dialect && o.Role == c.Role })
		if at < 0 {
			all.Clients = append(all.Clients, seed)
		} else {
			all.Clients[at] = seed
		}
	}
	for i, u := range file.Users {
		if !slices.Contains(Dialects(), u.Dialect) {
			return fmt.Errorf("seed file %s: users[%d].dialect is %q; this build knows %s", path, i, u.Dialect, strings.Join(Dialects(), ", "))
		}
		seed := User{Dialect: u.Dialect, Role: u.Role, Username: u.Username, Password: u.Password, ActsAs: u.ActsAs, Allow: u.Allow}
		at := slices.IndexFunc(all.Users, func(o User) bool { return u.Role != "" && o.Dialect == u.Dialect && o.Role == u.Role })
		if at < 0 {
			all.Users = append(all.Users, seed)
		} else {
			all.Users[at] = seed
		}
	}
	return nil
}
