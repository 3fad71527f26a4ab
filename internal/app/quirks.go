package app

import "gonogo/reference"

// quirk is what the reference server can be told to do wrong (a defect), or otherwise (a liberty).
type quirk struct {
	reference.Quirk
	kind string
}

// quirks are all defects, then all liberties.
func quirks() []quirk {
	var all []quirk
	for _, q := range reference.Defects() {
		all = append(all, quirk{q, defect})
	}
	for _, q := range reference.Liberties() {
		all = append(all, quirk{q, liberty})
	}
	return all
}
