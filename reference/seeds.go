package reference

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// seeds are the accounts of the served dialects: the built-in ones and those of
// the YAML file at path, if it is not "".
func seeds(path string, served []string) (all Accounts, err error) {
	for _, d := range dialects {
		all.Clients, all.Users = append(all.Clients, d.Seeds.Clients...), append(all.Users, d.Seeds.Users...)
	}
	if path != "" {
		if err = readSeeds(path, &all); err != nil {
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
	var file Accounts
	if err := yaml.UnmarshalWithOptions(content, &file, yaml.Strict()); err != nil {
		// The position is the useful half; the source excerpt might show a secret.
		return fmt.Errorf("seed file %s: %s", path, yaml.FormatError(err, false, false))
	}
	all.Clients, err = merged(all.Clients, file.Clients, "clients", func(c Client) seat { return seat{c.Dialect, c.Role} })
	if err == nil {
		all.Users, err = merged(all.Users, file.Users, "users", func(u User) seat { return seat{u.Dialect, u.Role} })
	}
	if err != nil {
		return fmt.Errorf("seed file %s: %w", path, err)
	}
	return nil
}

// seat is what one account can have: its role in a dialect.
type seat struct{ dialect, role string }

// merged has each account of a file replace the built-in one in its seat, and
// adds those that have none.
func merged[A any](all, file []A, name string, of func(A) seat) ([]A, error) {
	for i, account := range file {
		seat := of(account)
		if !slices.Contains(Dialects(), seat.dialect) {
			return nil, fmt.Errorf("%s[%d].dialect is %q; this build knows %s", name, i, seat.dialect, strings.Join(Dialects(), ", "))
		}
		at := slices.IndexFunc(all, func(other A) bool { return seat.role != "" && of(other) == seat })
		if at < 0 {
			all = append(all, account)
		} else {
			all[at] = account
		}
	}
	return all, nil
}
