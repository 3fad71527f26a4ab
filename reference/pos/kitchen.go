package pos

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"gonogo/reference/kit"
)

// A resource is what admins create with an access token: "actions like
// creating users and dishes or adding/updating ingredients". Paths and members
// are from the companion pages. Nothing is kept of it.
type resource struct {
	id      string   // the member that names the new one
	texts   []string // members that must be there, as strings
	amounts []string // members that must be there, as numbers that are not negative
}

var resources = map[string]*resource{
	ingredientsPath: {"ingredient_id", []string{"display_name", "name"}, []string{"in_stock_qty"}},
	dishesPath:      {"dish_id", []string{"display_name", "name"}, []string{"price"}},
}

// create serves both: "access_token … required for accessing protected
// endpoints".
func (p *pos) create(c *kit.Call) kit.Answer {
	if c.Token, c.How = kit.BearerToken(c.Header); c.How == kit.CarriesToken {
		var live bool
		if c.Grant, live = p.Tokens.Use(p.canonical(c.Token), c.Now); live {
			return p.make(c)
		}
	}
	return p.Unauthorized(c)
}

// make answers the resource that a request asks for, or what is wrong with it.
func (p *pos) make(c *kit.Call) kit.Answer {
	of := resources[c.At]
	if refusal := p.body(c); refusal != nil {
		return *refusal
	}
	for _, name := range of.texts {
		if _, wrong := p.text(c, name); wrong != nil {
			return *wrong
		}
	}
	made := kit.Object{{of.id, kit.Text(kit.RandomUUID())}}
	for _, f := range c.Fields {
		switch {
		case slices.Contains(of.amounts, f.Name):
			amount, ok := amountOf(f)
			if !ok {
				return *badMember(c, f.Name, "invalid_request", fmt.Sprintf("The member %s must be a number that is not negative.", f.Name))
			}
			made = append(made, kit.Member{Name: f.Name, Value: kit.Raw(amount)})
		case !slices.Contains([]string{of.id, "created_at", "updated_at"}, f.Name):
			made = append(made, kit.Member{Name: f.Name, Value: kit.Raw(string(f.Raw))})
		}
	}
	for _, name := range of.amounts {
		if _, found := c.Fields.Get(name); !found {
			return *badMember(c, name, "invalid_request", fmt.Sprintf("The member %s is missing.", name))
		}
	}
	made = append(made, kit.Object{{"created_at", timestamp(c.Now)}, {"updated_at", timestamp(c.Now)}}...)
	return kit.Answer{Status: http.StatusCreated, Why: created, Body: made}
}

// amountOf is a number, or the text of one, which is all that a form can send.
func amountOf(f kit.Field) (string, bool) {
	amount := string(f.Raw)
	if f.IsText() {
		amount = f.Text()
	}
	return amount, amount != "" && amount[0] >= '0' && amount[0] <= '9' && json.Valid([]byte(amount))
}
