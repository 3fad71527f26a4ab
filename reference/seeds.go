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
		{Dialect: "kitchenhub", Role: "primary", ID: "khub-client-juniper", Secret: "Zq4vTundra8mOrchard2kLantern"},
		{Dialect: "kitchenhub", Role: "second", ID: "khub-client-saffron", Secret: "Wj7pGlacier3xPebble9nHarvest"},
		{Dialect: "kitchenmonki", Role: "primary", ID: "monki-client-basalt", Secret: "Xr5dMeadow1bQuartz6tWalnut",
			RedirectURI: "https://www.example.com/api_helper.php", ActsAs: 101},
		{Dialect: "kitchenmonki", Role: "second", ID: "monki-client-cobalt", Secret: "Vf2hRaven7sThistle4cBirch",
			RedirectURI: "https://second.example.com/callback", ActsAs: 202},
		// Its redirect URI is the link helper's page, see registerHelper.
		{Dialect: "kitchenmonki", Role: helperRole, ID: "monki-client-dolomite", Secret: "Hn6wOrchid4zSlate8mRiver", ActsAs: 404},
		{Dialect: "pos", Role: "primary", ID: "pos-client-marigold", Secret: "Kc6wFjord3nHazel8dMarble"},
		{Dialect: "pos", Role: "second", ID: "pos-client-teasel", Secret: "Bq3yLagoon7kTimber5wOsprey"},
	},
	Users: []User{
		{Dialect: "kitchenmonki", Role: "user", Username: "marguerite.fennel", Password: "Yk9wCanyon5gMarble3zSparrow", ActsAs: 303},
		{Dialect: "b2b", Role: "primary", Username: "b2b-key-tamarind", Password: "Hn6cBramble2yFalcon8rCinder", ActsAs: 481},
		{Dialect: "b2b", Role: "listed", Username: "b2b-key-sorrel", Password: "Gt3zHollow9vJasper5kMagpie", ActsAs: 593,
			Allow: []string{"127.0.0.1", "::1"}},
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
		Dialect  string   `yaml:"dialect"`
		Role     string   `yaml:"role"`
		Username string   `yaml:"username"`
		Password string   `yaml:"password"`
		ActsAs   int      `yaml:"acts_as"`
		Allow    []string `yaml:"allow"`
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
