package specs

import "slices"

// Requirement finds a row by its id.
func (d *Dialect) Requirement(id string) (Requirement, bool) {
	for _, r := range d.Requirements {
		if r.ID == id {
			return r, true
		}
	}
	return Requirement{}, false
}

// ClientRow finds a row of a client by its id.
func (d *Dialect) ClientRow(id string) (Requirement, bool) {
	for _, r := range d.ClientRows {
		if r.ID == id {
			return r, true
		}
	}
	return Requirement{}, false
}

// Row finds a row by its id, whomever it binds.
func (d *Dialect) Row(id string) (Requirement, bool) {
	if row, found := d.Requirement(id); found {
		return row, true
	}
	return d.ClientRow(id)
}

// Token finds a token kind by name.
func (d *Dialect) Token(name string) (TokenKind, bool) {
	for _, k := range d.Tokens {
		if k.Name == name {
			return k, true
		}
	}
	return TokenKind{}, false
}

// Credential finds a role by name.
func (d *Dialect) Credential(role string) (Credential, bool) {
	for _, c := range d.Credentials {
		if c.Role == role {
			return c, true
		}
	}
	return Credential{}, false
}

// Human is the role that signs in on pages; its Role is empty if the dialect has none.
func (d *Dialect) Human() Credential {
	for _, c := range d.Credentials {
		if c.Human {
			return c
		}
	}
	return Credential{}
}

// ByRole lists the operations of a role in document order.
func (d *Dialect) ByRole(role Role) []*Operation {
	var found []*Operation
	for _, op := range d.Operations {
		if op.Role == role {
			found = append(found, op)
		}
	}
	return found
}

// Operation finds an operation variant by id.
func (d *Dialect) Operation(id string) (*Operation, bool) {
	for _, op := range d.Operations {
		if op.ID == id {
			return op, true
		}
	}
	return nil, false
}

// Flow is the first flow of a name that the document declares.
func (d *Dialect) Flow(name string) (Flow, bool) {
	for _, flow := range d.Flows {
		if flow.Name == name {
			return flow, true
		}
	}
	return Flow{}, false
}

// TokenParameter is the parameter of an operation's form that an access token may stand in, empty if there is none.
func (d *Dialect) TokenParameter(op *Operation) string {
	for _, flow := range d.Flows {
		if flow.Name == "placement" && slices.Contains(flow.Lists["form"], op.ID) {
			return flow.Params["parameter"]
		}
	}
	return ""
}

// Input finds an input by name.
func (op *Operation) Input(name string) (Input, bool) {
	for _, in := range op.Inputs {
		if in.Name == name {
			return in, true
		}
	}
	return Input{}, false
}

// Takes reports whether a token of a kind may stand in an input.
func (in Input) Takes(kind string) bool {
	return kind != "" && (in.From.Token == kind || slices.Contains(in.Also, kind))
}

// OneOfKinds reports whether an input takes one token of several kinds.
func (op *Operation) OneOfKinds() bool {
	return slices.ContainsFunc(op.Inputs, func(in Input) bool { return len(in.Also) > 0 })
}

// HandsOut reports whether a success of an operation is documented to carry a token of a kind.
func (op *Operation) HandsOut(kind TokenKind) bool {
	_, withheld := op.Withholds[kind.Name]
	return !withheld && kind.At != "" && op.Describes(kind.At)
}
