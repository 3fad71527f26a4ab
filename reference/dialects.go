package reference

import (
	"gonogo/reference/b2b"
	"gonogo/reference/kit"
	"gonogo/reference/kitchenhub"
	"gonogo/reference/kitchenmonki"
	"gonogo/reference/oauth2"
	"gonogo/reference/pos"
)

// What the server is told and tells, in words of its kit.
type (
	// Accounts are the accounts that a server starts with.
	Accounts = kit.Accounts
	// A Client is a party that makes API calls.
	Client = kit.Client
	// A User has a name and a password.
	User = kit.User
	// A Quirk is one way in which the server can be told to differ.
	Quirk = kit.Quirk
)

// dialects are all that this build knows. Their documented paths do not
// collide, so that one listener serves them all.
var dialects = []kit.Dialect{kitchenhub.Dialect, kitchenmonki.Dialect, b2b.Dialect, pos.Dialect, oauth2.Dialect}

// Dialects are the ids of the dialects that this build serves.
func Dialects() []string {
	var ids []string
	for _, d := range dialects {
		ids = append(ids, d.ID)
	}
	return ids
}

func catalogue() kit.Catalogue { return kit.CatalogueOf(dialects) }

// Defects is the catalogue of deliberate defects, sorted by id.
func Defects() []Quirk { return catalogue().Sorted(true) }

// Liberties is the catalogue of legal variations, sorted by id.
func Liberties() []Quirk { return catalogue().Sorted(false) }
