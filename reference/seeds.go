package reference

import (
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// builtinSeeds are the fixed test accounts, the same in every run. The secrets
// are words and digits that no protocol uses, so that a search for their values
// finds nothing by accident. They are public and protect nothing.
var builtinSeeds = Accounts{
	Clients: []Client{
		{"kitchenhub", "primary", "khub-client-juniper", "Zq4vTundra8mOrchard2kLantern", "", 0},
		{"kitchenhub", "second", "khub-client-saffron", "Wj7pGlacier3xPebble9nHarvest", "", 0},
		{"kitchenmonki", "primary", "monki-client-basalt", "Xr5dMeadow1bQuartz6tWalnut",
			"https://www.example.com/api_helper.php", 101},
		{"kitchenmonki", "second", "monki-client-cobalt", "Vf2hRaven7sThistle4cBirch",
			"https://second.example.com/callback", 202},
		// Its redirect URI is the link helper's page, see registerHelper.
		{"kitchenmonki", helperRole, "monki-client-dolomite", "Hn6wOrchid4zSlate8mRiver", "", 404},
	},
	Users: []User{
		{"kitchenmonki", "user", "marguerite.fennel", "Yk9wCanyon5gMarble3zSparrow", 303},
	},
}

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
		Dialect  string `yaml:"dialect"`
		Role     string `yaml:"role"`
		Username string `yaml:"username"`
		Password string `yaml:"password"`
		ActsAs   int    `yaml:"acts_as"`
	} `yaml:"users"`
}

// seeds are the accounts of the served dialects.
func seeds(path string, dialects []string) (Accounts, error) {
	all := Accounts{slices.Clone(builtinSeeds.Clients), slices.Clone(builtinSeeds.Users)}
	if path != "" {
		if err := readSeeds(path, &all); err != nil {
			return all, err
		}
	}
	all.Clients = slices.DeleteFunc(all.Clients, func(c Client) bool { return !slices.Contains(dialects, c.Dialect) })
	all.Users = slices.DeleteFunc(all.Users, func(u User) bool { return !slices.Contains(dialects, u.Dialect) })
	return all, nil
}

// registerHelper registers the link helper's own page for the client that has
// no other redirect URI: only the running server knows its address.
func (a *Accounts) registerHelper(page string) {
	for i, c := range a.Clients {
		if c.Dialect == helperDialect && c.Role == helperRole && c.RedirectURI == "" {
			a.Clients[i].RedirectURI = page
		}
	}
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
		seed := Client{c.Dialect, c.Role, c.ID, c.Secret, c.RedirectURI, c.ActsAs}
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
		seed := User{u.Dialect, u.Role, u.Username, u.Password, u.ActsAs}
		at := slices.IndexFunc(all.Users, func(o User) bool { return u.Role != "" && o.Dialect == u.Dialect && o.Role == u.Role })
		if at < 0 {
			all.Users = append(all.Users, seed)
		} else {
			all.Users[at] = seed
		}
	}
	return nil
}

// checkRedirectURI holds a registered redirect URI to RFC 6749 3.1.2: absolute
// and without a fragment. "" is a client that sends no users.
func checkRedirectURI(s string) error {
	if s == "" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || !u.IsAbs() || strings.Contains(s, "#") {
		return fmt.Errorf("the redirect URI %q must be absolute and without a fragment", s)
	}
	for _, c := range s {
		if c <= ' ' || c > '~' {
			return fmt.Errorf("the redirect URI %q must be printable ASCII", s)
		}
	}
	if slices.Contains([]string{"javascript", "data", "vbscript"}, strings.ToLower(u.Scheme)) {
		return fmt.Errorf("the redirect URI %q would run as a script", s)
	}
	return nil
}
