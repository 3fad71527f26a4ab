package consent

import "strings"

// chosen answers forms that ask with radio buttons, a list or one checkbox, and a button that only sends.
func (f *form) chosen(want Decision, hint string) *move {
	if len(f.submits()) == 0 {
		return nil
	}
	m := &move{form: f, fill: entries{}}
	wanted := assents
	if want == Deny {
		wanted = denies
	}
	for _, group := range f.radios() {
		if picked := pick(group, wanted, hint); picked != nil {
			for _, c := range group {
				m.fill[c] = unticked
			}
			m.fill[picked] = ticked
		}
	}
	for _, c := range f.controls {
		if c.kind == "select" && c.usable() && !c.has("multiple") {
			if picked := pick(c.options, wanted, hint); picked != nil {
				m.fill[c] = picked.value
			}
		}
	}
	if len(m.fill) == 0 {
		box := f.onlyBox()
		if box == nil {
			return nil
		}
		m.fill[box] = ticked
		if want == Deny {
			m.fill[box] = unticked
		}
	}
	m.button = f.sender(wanted)
	if want == Approve {
		m.tickRequired()
	}
	return m
}

// radios are the form's groups of radio buttons, in order.
func (f *form) radios() (groups [][]*control) {
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

// pick chooses among radio buttons or options of which one approves and one refuses; in any other group the page's own
// choice stands. A hint needs no opposite.
func pick(choices []*control, wanted lean, hint string) (picked *control) {
	opposed := false
	for _, c := range choices {
		if same(hint, c.label, c.value, c.id) {
			return c
		}
		switch l := c.leanAsChoice(); {
		case l == wanted && picked == nil:
			picked = c
		case l == -wanted:
			opposed = true
		}
	}
	if !opposed {
		return nil
	}
	return picked
}

// leanAsChoice is what one of several answers says: its name, which it shares with the others, only as a question.
func (c *control) leanAsChoice() lean {
	if l := leanOf(c.label); decides(l) {
		return l
	}
	if l := leanOfName(c.value); l != neutral {
		return l
	}
	if l, told := leanOfPair(c.name, c.value); told {
		return l
	}
	return neutral
}

// onlyBox is the one checkbox that is the answer: "[ ] I allow this", and a button that only sends. Boxes for
// scopes are not: they stay as the page has them.
func (f *form) onlyBox() *control {
	var box *control
	for _, c := range f.controls {
		switch {
		case c.isSubmit():
			if decides(c.lean()) {
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
