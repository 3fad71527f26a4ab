package kit

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"gonogo/internal/spell"
)

// A Quirk is one way in which the server can be told to differ: a defect
// violates one requirement, a liberty is legal where the documents are silent.
type Quirk struct {
	ID          string // like "kitchenhub-refresh-replay"
	Dialect     string // the one dialect that it changes
	Requirement string // the requirement that a defect violates, or that a liberty leans on
	Text        string // what the server does, in a sentence
	Defect      bool

	// Load is the scenario of a load in which a defect shows that no case of a check is for; "" is that one is.
	Load string
}

// Kind is defect or liberty.
func (q Quirk) Kind() string {
	if q.Defect {
		return "defect"
	}
	return "liberty"
}

// Served is a dialect's server with what its deeds can change: a struct that
// embeds *Service.
type Served interface{ Base() *Service }

// Declared is a quirk with its deeds: what they do to a server, before it
// answers anybody, is all that makes the quirk.
type Declared[D Served] struct {
	Quirk
	deeds []func(D)
}

// Defect declares a defect.
func Defect[D Served](id, requirement, text string, deeds ...func(D)) Declared[D] {
	dialect, _, _ := strings.Cut(id, "-")
	return Declared[D]{Quirk{ID: id, Dialect: dialect, Requirement: requirement, Text: text, Defect: true}, deeds}
}

// Under is a defect that shows in a load of a scenario.
func (q Declared[D]) Under(scenario string) Declared[D] {
	q.Load = scenario
	return q
}

// Liberty declares a liberty.
func Liberty[D Served](id, requirement, text string, deeds ...func(D)) Declared[D] {
	q := Defect(id, requirement, text, deeds...)
	q.Quirk.Defect = false
	return q
}

// Dialect is all that the server knows of a dialect.
type Dialect struct {
	ID     string
	Seeds  Accounts // its accounts to test with
	Quirks []Quirk

	// Open makes its service with the quirks that are on, and its routes.
	Open func(h *Host, on func(id string) bool) (*Service, []Route)
}

// NewDialect puts a dialect together: plain makes its server as documented,
// the deeds of the quirks that are on change it, and serve says what is where.
func NewDialect[D Served](id string, seeds Accounts, quirks []Declared[D], plain func(*Service) D, serve func(D) []Route) Dialect {
	known := make([]Quirk, len(quirks))
	for i, q := range quirks {
		known[i] = q.Quirk
	}
	return Dialect{id, seeds, known, func(h *Host, on func(string) bool) (*Service, []Route) {
		s := NewService(h, id)
		d := plain(s)
		for _, q := range quirks {
			if on(q.ID) {
				for _, do := range q.deeds {
					do(d)
				}
			}
		}
		s.open()
		return s, serve(d)
	}}
}

// Catalogue is all quirks of some dialects.
type Catalogue []Quirk

// CatalogueOf collects the quirks of dialects.
func CatalogueOf(dialects []Dialect) (c Catalogue) {
	for _, d := range dialects {
		c = append(c, d.Quirks...)
	}
	return c
}

// Sorted are the defects, or else the liberties, sorted by id.
func (c Catalogue) Sorted(defects bool) []Quirk {
	list := slices.DeleteFunc(slices.Clone(c), func(q Quirk) bool { return q.Defect != defects })
	sort.Slice(list, func(i, j int) bool { return list[i].ID < list[j].ID })
	return list
}

// Choose finds the named quirks among those of the served dialects.
func (c Catalogue) Choose(dialects, defects, liberties []string) (on Catalogue, err error) {
	for _, group := range []struct {
		what   string
		defect bool
		ids    []string
	}{{"defect", true, defects}, {"liberty", false, liberties}} {
		for _, id := range group.ids {
			i := slices.IndexFunc(c, func(q Quirk) bool { return q.Defect == group.defect && q.ID == id })
			if i < 0 {
				var ids []string
				for _, q := range c.Sorted(group.defect) {
					ids = append(ids, q.ID)
				}
				return nil, fmt.Errorf("unknown %s %q; the nearest are %s", group.what, id, spell.Join(spell.Nearest(id, ids)))
			}
			if !slices.Contains(dialects, c[i].Dialect) {
				return nil, fmt.Errorf("%s %q belongs to %s, which is not served (served: %s)",
					group.what, id, c[i].Dialect, strings.Join(dialects, ", "))
			}
			on = append(on, c[i])
		}
	}
	return on, nil
}

// Has: a quirk is among them.
func (c Catalogue) Has(id string) bool {
	return slices.ContainsFunc(c, func(q Quirk) bool { return q.ID == id })
}
