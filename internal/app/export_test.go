package app

// Explanations are what explain says of everything that has an id.
func Explanations() (map[string]string, error) {
	e, err := newExplainer()
	if err != nil {
		return nil, err
	}
	said := map[string]string{}
	for _, each := range e.entries() {
		e.out.Reset()
		each.explain()
		said[each.id] = e.out.String()
	}
	return said, nil
}
