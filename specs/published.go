package specs

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Published is what a document says of the published text that it was written from: enough to know the text again,
// and to see that nothing in it was passed over.
type Published struct {
	SHA256   string   `json:"sha256"`   // of the text's bytes, in hex
	Headings []string `json:"headings"` // in the order of the text
}

// Reason says why no case comes of a statement.
type Reason string

// The reasons not to judge a statement of the published text.
const (
	ReasonOpinion       Reason = "opinion"        // it values or recommends, and promises nothing
	ReasonClient        Reason = "client"         // it is about who calls the API
	ReasonNotObservable Reason = "not-observable" // no answer shows whether it holds
	ReasonExample       Reason = "example"        // it is one of many values that could stand there
	ReasonElsewhere     Reason = "elsewhere"      // it is about something that the document is not about
)

// Unjudged is a statement of the published text that no row answers.
type Unjudged struct {
	Where  string `json:"where"` // as of a Requirement
	Text   string `json:"text"`  // in our words
	Reason Reason `json:"reason"`
	At     Place  `json:"-"`
}

// Section is what stands under a heading of the published text, and what became of it.
type Section struct {
	Heading  string     `json:"heading"`
	Rows     []string   `json:"rows"` // the ids of requirements of a server
	Unjudged []Unjudged `json:"unjudged"`
}

// Empty: neither a row nor a reason answers the heading.
func (s Section) Empty() bool { return len(s.Rows)+len(s.Unjudged) == 0 }

// Coverage is the published text heading by heading; nil where the document says nothing of it.
func (d *Dialect) Coverage() []Section {
	if d.Published == nil {
		return nil
	}
	sections := make([]Section, len(d.Published.Headings))
	for i, heading := range d.Published.Headings {
		sections[i] = Section{Heading: heading, Rows: []string{}, Unjudged: []Unjudged{}}
	}
	for _, row := range d.Requirements {
		for _, where := range row.places() {
			if i := d.headingOf(where); i >= 0 && !slices.Contains(sections[i].Rows, row.ID) {
				sections[i].Rows = append(sections[i].Rows, row.ID)
			}
		}
	}
	for _, statement := range d.Unjudged {
		if i := d.headingOf(statement.Where); i >= 0 {
			sections[i].Unjudged = append(sections[i].Unjudged, statement)
		}
	}
	return sections
}

// places are where the published text says what a row does.
func (r Requirement) places() []string { return append([]string{r.Where}, r.Also...) }

// headingOf finds the heading that a place is under, or -1: the place is the heading, or goes on after it with a comma or
// a parenthesis.
func (d *Dialect) headingOf(where string) int {
	found := -1
	for i, heading := range d.Published.Headings {
		rest, under := strings.CutPrefix(where, heading)
		under = under && (rest == "" || strings.HasPrefix(rest, ", ") || strings.HasPrefix(rest, " ("))
		if under && (found < 0 || len(heading) > len(d.Published.Headings[found])) {
			found = i
		}
	}
	return found
}

// CompareText holds what the document says of its published text against that text, and says what differs.
func (d *Dialect) CompareText(text []byte) (differences []string) {
	sum := sha256.Sum256(text)
	if got := hex.EncodeToString(sum[:]); got != d.Published.SHA256 {
		differences = append(differences, fmt.Sprintf("the text has the SHA-256 %s, the document was written from one with %s", got, d.Published.SHA256))
	}
	rest := string(text)
	for _, heading := range d.Published.Headings {
		at := strings.Index(rest, heading)
		if at < 0 {
			why := "is not in the text"
			if strings.Contains(string(text), heading) {
				why = "stands in the text before the one that is listed above it"
			}
			differences = append(differences, fmt.Sprintf("the heading %q %s", heading, why))
			continue
		}
		rest = rest[at+len(heading):]
	}
	return differences
}

// checkPublished wants every row and every statement to stand under a heading of the published text.
func (b *builder) checkPublished() {
	d := b.dialect
	if d.Published == nil {
		if len(d.Unjudged) > 0 {
			b.fail(d.Unjudged[0].At, "statements are left unjudged of a text that the document does not name", "add x-gonogo/published with the text's sha256 and headings")
		}
		return
	}
	fix := "use a heading of x-gonogo/published/headings, alone or followed by a comma and more"
	under := func(where string, at Place) {
		if d.headingOf(where) < 0 {
			b.fail(at, fmt.Sprintf("%q is under no heading of the published text", where), fix)
		}
	}
	for _, row := range slices.Concat(d.Requirements, d.ClientRows) {
		if row.At.File != b.src.file {
			continue // of every dialect
		}
		for _, where := range row.places() {
			under(where, row.At)
		}
	}
	for _, statement := range d.Unjudged {
		under(statement.Where, statement.At)
	}
	for i, section := range d.Coverage() {
		if section.Empty() {
			b.warn(b.src.at(extensionKey, "published", "headings", fmt.Sprint(i)), fmt.Sprintf("nothing is said of what stands under %q", section.Heading), "add a requirement there, or name each statement in x-gonogo/unjudged with a reason")
		}
	}
}
