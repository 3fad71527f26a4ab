package reference

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
}

// quirk is a quirk's place in the catalogue: looking one up on the way of a
// request is an index into a slice.
type quirk int

// absent stands in a dialect's common quirks for one that its document does
// not leave open.
const absent quirk = -1

type catalogued struct {
	Quirk
	defect bool
}

var catalogue []catalogued

// defect enters a defect into the catalogue. It is called where the variable
// is declared, so that name, requirement and meaning stand in one line.
func defect(id, requirement, text string) quirk { return enter(id, requirement, text, true) }

// liberty enters a liberty.
func liberty(id, requirement, text string) quirk { return enter(id, requirement, text, false) }

func enter(id, requirement, text string, isDefect bool) quirk {
	dialect, _, _ := strings.Cut(id, "-")
	catalogue = append(catalogue, catalogued{Quirk{id, dialect, requirement, text}, isDefect})
	return quirk(len(catalogue) - 1)
}

// switches says which quirks of the catalogue are on.
type switches []bool

func (s switches) has(q quirk) bool { return q != absent && s[q] }

func (s switches) any(qs ...quirk) bool { return slices.ContainsFunc(qs, s.has) }

// Defects is the catalogue of deliberate defects, sorted by id.
func Defects() []Quirk { return listed(true) }

// Liberties is the catalogue of legal variations, sorted by id.
func Liberties() []Quirk { return listed(false) }

func listed(defects bool) []Quirk {
	var list []Quirk
	for _, c := range catalogue {
		if c.defect == defects {
			list = append(list, c.Quirk)
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].ID < list[j].ID })
	return list
}

// switchOn finds the named quirks among those of the served dialects.
func switchOn(dialects, defects, liberties []string) (switches, error) {
	on := make(switches, len(catalogue))
	for _, group := range []struct {
		what   string
		defect bool
		ids    []string
	}{{"defect", true, defects}, {"liberty", false, liberties}} {
		for _, id := range group.ids {
			i := slices.IndexFunc(catalogue, func(c catalogued) bool { return c.defect == group.defect && c.ID == id })
			if i < 0 {
				var ids []string
				for _, q := range listed(group.defect) {
					ids = append(ids, q.ID)
				}
				return nil, fmt.Errorf("unknown %s %q; the nearest are %s", group.what, id, spell.Join(spell.Nearest(id, ids)))
			}
			if dialect := catalogue[i].Dialect; !slices.Contains(dialects, dialect) {
				return nil, fmt.Errorf("%s %q belongs to %s, which is not served (served: %s)",
					group.what, id, dialect, strings.Join(dialects, ", "))
			}
			on[i] = true
		}
	}
	return on, nil
}
