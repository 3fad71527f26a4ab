package specs

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gonogo/internal/spell"
)

// Profile is one way in which a document can be read: a standard and its successor, say. Rows may be judged under some of
// a document's profiles only, or bind stronger under one than under another.
type Profile struct {
	Name string
	Text string
}

// Profiled reads the document under one of its profiles: with the rows that are judged there, at the levels that they have
// there. An empty name is the document's first profile, and of a document without profiles the document as it is.
func (d *Dialect) Profiled(name string) (*Dialect, error) {
	if len(d.Profiles) == 0 {
		if name != "" {
			return nil, fmt.Errorf("%s has no profiles, and so no profile %q; leave it out", d.ID, name)
		}
		return d, nil
	}
	names := d.profileNames()
	switch {
	case name == "":
		name = names[0]
	case !slices.Contains(names, name):
		return nil, fmt.Errorf("%s has no profile %q; %s", d.ID, name, spell.Hint(name, names, "its profiles are "))
	}
	whole := d
	if d.whole != nil {
		whole = d.whole
	}
	read := *whole
	read.Profile, read.whole = name, whole
	read.Requirements, read.ClientRows = whole.under(whole.Requirements, name), whole.under(whole.ClientRows, name)
	read.Checklist = nil
	for _, item := range whole.Checklist {
		item.Requirements = slices.DeleteFunc(slices.Clone(item.Requirements), func(id string) bool { return !read.Judges(id) })
		if len(item.Requirements) > 0 {
			read.Checklist = append(read.Checklist, item)
		}
	}
	return &read, nil
}

// under are the rows of a profile, at the levels that they have there.
func (d *Dialect) under(rows []Requirement, profile string) []Requirement {
	var judged []Requirement
	for _, row := range rows {
		if len(row.Profiles) > 0 && !slices.Contains(row.Profiles, profile) {
			continue
		}
		if level, differs := row.Levels[profile]; differs {
			row.Level = level
		}
		judged = append(judged, row)
	}
	return judged
}

// Judges reports whether a row is one of those judged: under the profile, where the document was read under one.
func (d *Dialect) Judges(id string) bool {
	if _, judged := d.Row(id); judged || d.whole == nil {
		return true
	}
	_, elsewhere := d.whole.Row(id)
	return !elsewhere
}

// Judging is the first profile under which a row is judged; of a document without profiles it is empty.
func (d *Dialect) Judging(id string) string {
	for _, profile := range d.Profiles {
		row, known := d.Row(id)
		if !known || len(row.Profiles) == 0 || slices.Contains(row.Profiles, profile.Name) {
			return profile.Name
		}
	}
	return ""
}

func (d *Dialect) profileNames() []string {
	var names []string
	for _, profile := range d.Profiles {
		names = append(names, profile.Name)
	}
	return names
}

// Bound says under which profiles a row is judged, and where its level is another, as people read it; empty: it is the
// same under all.
func (r Requirement) Bound() string {
	var parts []string
	if len(r.Profiles) > 0 {
		parts = append(parts, "only under "+strings.Join(r.Profiles, ", "))
	}
	for _, profile := range slices.Sorted(maps.Keys(r.Levels)) {
		parts = append(parts, fmt.Sprintf("%s under %s", r.Levels[profile], profile))
	}
	return strings.Join(parts, "; ")
}

func (b *builder) profiles() {
	for _, name := range b.src.keys(extensionKey, "profiles") {
		profile := Profile{Name: name}
		b.read(&profile.Text, extensionKey, "profiles", name)
		b.dialect.Profiles = append(b.dialect.Profiles, profile)
	}
}

// checkProfiles wants rows to name profiles that there are, and every profile to differ from another somewhere.
func (b *builder) checkProfiles() {
	names, differ := b.dialect.profileNames(), false
	for _, row := range slices.Concat(b.dialect.Requirements, b.dialect.ClientRows) {
		if row.At.File != b.src.file {
			continue
		}
		differ = differ || len(row.Profiles) > 0 || len(row.Levels) > 0
		for _, name := range slices.Concat(row.Profiles, slices.Sorted(maps.Keys(row.Levels))) {
			if !slices.Contains(names, name) {
				b.fail(row.At, fmt.Sprintf("%s names %q, which is no profile of the document", row.ID, name), spell.Hint(name, names, "add it to x-gonogo/profiles, or use one of "))
			}
		}
	}
	if len(names) > 0 && !differ {
		b.warn(b.src.at(extensionKey, "profiles"), "no row differs between the profiles", "say profiles or levels of one, or remove them")
	}
}
