package reference

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// A kitchenResource is what admins create with an access token: "actions like
// creating users and dishes or adding/updating ingredients". Paths and members
// are from the companion pages. Nothing is kept of it.
type kitchenResource struct {
	id      string   // the member that names the new one
	texts   []string // members that must be there, as strings
	amounts []string // members that must be there, as numbers that are not negative
}

var (
	ingredient = &kitchenResource{"ingredient_id", []string{"display_name", "name"}, []string{"in_stock_qty"}}
	dish       = &kitchenResource{"dish_id", []string{"display_name", "name"}, []string{"price"}}
)

// resource serves one kind: "access_token … required for accessing protected
// endpoints".
func (p *pos) resource(of *kitchenResource) handler {
	return func(c *call) answer {
		sent, bad := p.resourceRequest(c, of)
		if refusal := p.firstOf(p.authorize(c, of), bad); refusal != nil {
			return *refusal
		}
		made := object{{of.id, text(randomUUID())}}
		made = append(made, sent...)
		return p.resourceQuirks(answer{status: http.StatusCreated, body: append(made,
			member{"created_at", text(timestamp(c.now))}, member{"updated_at", text(timestamp(c.now))})}, of)
	}
}

// authorize answers the refusal of a request without a live access token.
func (p *pos) authorize(c *call, of *kitchenResource) *answer {
	token, how := bearerToken(c.Header)
	if how == carriesToken {
		if _, live := p.tokens.use(p.canonical(token), c.now); live && !p.refusesLive(of) {
			return nil
		}
	}
	if p.letsIn(c, of, token, how) {
		return nil
	}
	a := p.unauthorizedQuirks(p.unauthorized(how), how)
	return &a
}

// resourceRequest checks a body and answers the members to be shown again.
func (p *pos) resourceRequest(c *call, of *kitchenResource) (object, *answer) {
	body, fault := p.readEither(c)
	if fault != "" {
		return nil, p.misread(fault)
	}
	for _, name := range of.texts {
		if _, bad := p.text(body, name); bad != nil {
			return nil, bad
		}
	}
	var sent object
	for _, f := range body {
		switch {
		case slices.Contains(of.amounts, f.name):
			amount, ok := amountOf(f)
			if !ok {
				return nil, p.bad("invalid_request", fmt.Sprintf("The member %s must be a number that is not negative.", f.name))
			}
			sent = append(sent, member{f.name, raw(amount)})
		case !slices.Contains([]string{of.id, "created_at", "updated_at"}, f.name):
			sent = append(sent, member{f.name, raw(string(f.raw))})
		}
	}
	for _, name := range of.amounts {
		if _, found := body.get(name); !found {
			return nil, p.bad("invalid_request", fmt.Sprintf("The member %s is missing.", name))
		}
	}
	return sent, nil
}

// amountOf is a number, or the text of one, which is all that a form can send.
func amountOf(f field) (string, bool) {
	amount := string(f.raw)
	if f.isText() {
		amount = f.text()
	}
	return amount, amount != "" && amount[0] >= '0' && amount[0] <= '9' && json.Valid([]byte(amount))
}
