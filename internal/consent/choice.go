package consent

import "strings"

// chosen answers forms that ask with radio buttons, a list or one checkbox, and a button that only sends.
func (p *page) chosen(f *form, want Decision, hint string) (move, bool) {
	if len(f.submits()) == 0 {
		return move{}, false
	}
	m := move{form: f, fill: entries{}}
	wanted := assents
	if want == Deny {
		wanted = denies
	}
	found := false
	for _, group := range f.radios() {
		if pick := pickOf(group, wanted, hint); pick != nil {
			found = true
			for _, c := range group {
				m.fill[c] = unticked
			}
			m.fill[pick] = ticked
		}
	}
	for _, c := range f.controls {
		if c.kind == "select" && c.usable() && !c.multiple {
			if value, ok := c.pickOption(wanted, hint); ok {
				m.fill[c], found = value, true
			}
		}
	}
	if !found {
		if box := f.onlyBox(); box != nil {
			m.fill[box], found = ticked, true
			if want == Deny {
				m.fill[box] = unticked
			}
		}
	}
	if !found {
		return move{}, false
	}
	m.button = f.sender(wanted)
	if want == Approve {
		for _, box := range f.controls {
			if _, filled := m.fill[box]; !filled && box.kind == "checkbox" && box.required && !box.disabled {
				m.fill[box] = ticked
			}
		}
	}
	return m, true
}

// radios are the form's groups of radio buttons, in order.
func (f *form) radios() [][]*control {
	var groups [][]*control
	at := map[string]int{}
	for _, c := range f.controls {
		if c.kind != "radio" || c.disabled || c.name == "" {
			continue
		}
		i, known := at[c.name]
		if !known {
			i = len(groups)
			at[c.name] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], c)
	}
	return groups
}

// pickOf chooses in a group that offers both answers; in any other the page's own choice stands.
func pickOf(group []*control, wanted lean, hint string) *control {
	var pick *control
	both := false
	for _, c := range group {
		if hint != "" && (same(c.label, hint) || same(c.value, hint) || same(c.id, hint)) {
			return c
		}
		switch l := choiceLean(c.label, c.name, c.value); {
		case l == wanted && pick == nil:
			pick = c
		case l == -wanted:
			both = true
		}
	}
	if !both {
		return nil
	}
	return pick
}

func choiceLean(label, name, value string) lean {
	if l := leanOf(label); l == assents || l == denies {
		return l
	}
	if l := leanOfName(value); l != neutral {
		return l
	}
	if l := leanOfName(name); l != neutral {
		if yes, known := truth(value); known && yes {
			return l
		} else if known {
			return -l
		}
	}
	return neutral
}

func (c *control) pickOption(wanted lean, hint string) (string, bool) {
	pick, found, both := "", false, false
	for _, o := range c.options {
		if o.disabled {
			continue
		}
		if hint != "" && (same(o.label, hint) || same(o.value, hint)) {
			return o.value, true
		}
		switch l := choiceLean(o.label, c.name, o.value); {
		case l == wanted && !found:
			pick, found = o.value, true
		case l == -wanted:
			both = true
		}
	}
	return pick, found && both
}

// onlyBox is the one checkbox that is the answer: "[ ] I allow this", and a button that only sends. Boxes for
// scopes are not: they stay as the page has them.
func (f *form) onlyBox() *control {
	var box *control
	for _, c := range f.controls {
		switch {
		case c.isSubmit():
			if l := c.lean(); l == assents || l == denies {
				return nil
			}
		case c.kind == "checkbox" && c.usable():
			if box != nil {
				return nil
			}
			box = c
		}
	}
	if box == nil || strings.Contains(strings.ToLower(box.name+box.id), "scope") || strings.HasSuffix(box.name, "[]") {
		return nil
	}
	if leanOfName(box.name) == assents || leanOfName(box.value) == assents || leanOf(box.label) == assents {
		return box
	}
	return nil
}

// sender is the button that sends a form whose answer is chosen in its fields: one that says the same, else one
// that says nothing, else the first.
func (f *form) sender(wanted lean) *control {
	buttons := f.submits()
	for _, c := range buttons {
		if c.lean() == wanted {
			return c
		}
	}
	for _, c := range buttons {
		if l := c.lean(); l == neutral || l == weakAssent {
			return c
		}
	}
	return buttons[0]
}
