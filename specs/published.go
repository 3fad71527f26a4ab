package specs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text is what a document says of a published text that it was written from: enough to know the text again, and to see
// that nothing in it was passed over.
type Text struct {
	Name     string   `json:"name"`     // with which places in it begin; empty: it is the document's only one
	SHA256   string   `json:"sha256"`   // of the text's bytes, in hex; empty: nobody had them at hand
	Headings []string `json:"headings"` // in the order of the text
}

// texts are a document's published texts, of which it can write one without a list.
type texts []Text

func (t *texts) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte("[")) {
		return json.Unmarshal(data, (*[]Text)(t))
	}
	*t = make(texts, 1)
	return json.Unmarshal(data, &(*t)[0])
}

// Reason says why no case comes of a statement.
type Reason string

// The reasons not to judge a statement of a published text.
const (
	ReasonOpinion       Reason = "opinion"        // it values or recommends, and promises nothing
	ReasonClient        Reason = "client"         // it is about who calls the API
	ReasonNotObservable Reason = "not-observable" // no answer shows whether it holds
	ReasonExample       Reason = "example"        // it is one of many values that could stand there
	ReasonElsewhere     Reason = "elsewhere"      // it is about something that the document is not about
	ReasonOptional      Reason = "optional"       // a server may do it or leave it
	ReasonUnchecked     Reason = "unchecked"      // an answer would show it, and no case looks
)

// Unjudged is a statement of a published text that no row answers.
type Unjudged struct {
	Where  string `json:"where"` // as of a Requirement
	Text   string `json:"text"`  // in our words
	Reason Reason `json:"reason"`
	At     Place  `json:"-"`
}

// Section is what stands under a heading of a published text, and what became of it.
type Section struct {
	Text     string     `json:"text,omitempty"` // the name of the published text; empty: it is the only one
	Heading  string     `json:"heading"`
	Rows     []string   `json:"rows"`   // the ids of requirements of a server, under whichever profile
	Client   []string   `json:"client"` // those of a client, which no report of a server shows
	Unjudged []Unjudged `json:"unjudged"`
}

// Empty: neither a row of a server nor a reason answers the heading.
func (s Section) Empty() bool { return len(s.Rows)+len(s.Unjudged) == 0 }

// Coverage is the published texts heading by heading; nil where the document names none.
func (d *Dialect) Coverage() []Section {
	if d.whole != nil {
		d = d.whole
	}
	var sections []Section
	for _, text := range d.Published {
		for _, heading := range text.Headings {
			sections = append(sections, Section{Text: text.Name, Heading: heading, Rows: []string{}, Client: []string{}, Unjudged: []Unjudged{}})
		}
	}
	names := namesOf(sections)
	answer := func(row Requirement, rows func(*Section) *[]string) {
		for _, where := range row.places() {
			if i := names.under(where); i >= 0 {
				if ids := rows(&sections[i]); !slices.Contains(*ids, row.ID) {
					*ids = append(*ids, row.ID)
				}
			}
		}
	}
	for _, row := range d.Requirements {
		answer(row, func(s *Section) *[]string { return &s.Rows })
	}
	for _, row := range d.ClientRows {
		answer(row, func(s *Section) *[]string { return &s.Client })
	}
	for _, statement := range d.Unjudged {
		if i := names.under(statement.Where); i >= 0 {
			sections[i].Unjudged = append(sections[i].Unjudged, statement)
		}
	}
	return sections
}

// places are where the published texts say what a row does.
func (r Requirement) places() []string { return append([]string{r.Where}, r.Also...) }

// sectionNames are the names of sections.
type sectionNames [][]string

func namesOf(sections []Section) sectionNames {
	all := make(sectionNames, len(sections))
	for i, section := range sections {
		all[i] = section.names()
	}
	return all
}

// under finds the section that a place is in, or -1: the place names it, alone or followed by a comma or a parenthesis
// and more.
func (s sectionNames) under(where string) int {
	found, length := -1, 0
	for i, names := range s {
		for _, name := range names {
			rest, begins := strings.CutPrefix(where, name)
			if begins && (rest == "" || strings.HasPrefix(rest, ", ") || strings.HasPrefix(rest, " (")) && len(name) > length {
				found, length = i, len(name)
			}
		}
	}
	return found
}

var (
	numbered = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)*)\.? `)
	lettered = regexp.MustCompile(`^(?:Appendix )?([A-Z](?:\.[0-9]+)*)\. `)
)

// names are the ways in which a place names the section: by its heading, and in a text with a name by its number as well.
func (s Section) names() []string {
	if s.Text == "" {
		return []string{s.Heading}
	}
	names := []string{s.Text + ", " + s.Heading}
	if number := numbered.FindStringSubmatch(s.Heading); number != nil {
		names = append(names, s.Text+" section "+number[1])
	}
	if letter := lettered.FindStringSubmatch(s.Heading); letter != nil {
		names = append(names, s.Text+" appendix "+letter[1])
	}
	return names
}

// Compare holds what the document says of the text against its bytes, and says what differs.
func (t Text) Compare(text []byte) (differences []string) {
	if got := sum(text); t.SHA256 != "" && got != t.SHA256 {
		differences = append(differences, fmt.Sprintf("the text has the SHA-256 %s, the document was written from one with %s", got, t.SHA256))
	}
	whole := flat(text)
	rest := whole
	for _, heading := range t.Headings {
		after, found := pastWords(rest, heading)
		if !found {
			why := "is not in the text"
			if _, elsewhere := pastWords(whole, heading); elsewhere {
				why = "stands in the text before the one that is listed above it"
			}
			differences = append(differences, fmt.Sprintf("the heading %q %s", heading, why))
			continue
		}
		rest = after
	}
	return differences
}

// Recognize finds out which of the document's texts these bytes are: the one with their hash, or the one of whose headings
// they have the largest part. It is false where they could be several, or are none.
func (d *Dialect) Recognize(text []byte) (Text, bool) {
	whole, got := flat(text), sum(text)
	best, most, twice := Text{}, 0.0, false
	for _, t := range d.Published {
		if t.SHA256 == got || len(d.Published) == 1 {
			return t, true
		}
		found := 0
		for _, heading := range t.Headings {
			if _, has := pastWords(whole, heading); has {
				found++
			}
		}
		switch part := float64(found) / float64(len(t.Headings)); {
		case part > most:
			best, most, twice = t, part, false
		case part == most:
			twice = true
		}
	}
	return best, most > 0 && !twice
}

func sum(text []byte) string {
	hash := sha256.Sum256(text)
	return hex.EncodeToString(hash[:])
}

// flat is a text without its lines: how wide it was set says nothing of a heading.
func flat(text []byte) string { return strings.Join(strings.Fields(string(text)), " ") }

// pastWords is what comes after the first place in a flat text where these words stand, and are not the middle of others:
// in "4.1. Scope" there is no "1. Scope".
func pastWords(text, words string) (after string, found bool) {
	words = flat([]byte(words))
	for from := 0; ; from++ {
		at := strings.Index(text[from:], words)
		if at < 0 {
			return "", false
		}
		from += at
		after = text[from+len(words):]
		before, _ := utf8.DecodeLastRuneInString(text[:from])
		next, _ := utf8.DecodeRuneInString(after)
		if !goesOn(before) && before != '.' && !goesOn(next) {
			return after, true
		}
	}
}

func goesOn(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// checkPublished wants every row and every statement to stand under a heading of a published text.
func (b *builder) checkPublished() {
	d := b.dialect
	if d.Published == nil {
		if len(d.Unjudged) > 0 {
			b.fail(d.Unjudged[0].At, "statements are left unjudged of a text that the document does not name", "add x-gonogo/published with the text's sha256 and headings")
		}
		return
	}
	of, fix := "the published text", "use a heading of x-gonogo/published/headings, alone or followed by a comma and more"
	if d.Published[0].Name != "" {
		of, fix = "a published text", "name a text of x-gonogo/published and a section of its headings, like "+example(d.Published[0])
	}
	sections := d.Coverage()
	names := namesOf(sections)
	stands := func(where string, at Place) {
		if names.under(where) < 0 {
			b.fail(at, fmt.Sprintf("%q is under no heading of %s", where, of), fix)
		}
	}
	for _, row := range slices.Concat(d.Requirements, d.ClientRows) {
		if row.At.File != b.src.file {
			continue // of every dialect
		}
		for _, where := range row.places() {
			stands(where, row.At)
		}
	}
	for _, statement := range d.Unjudged {
		stands(statement.Where, statement.At)
	}
	b.checkTexts(sections)
}

// example is a place in the text.
func example(t Text) string {
	names := Section{Text: t.Name, Heading: t.Headings[0]}.names()
	return fmt.Sprintf("%q", names[len(names)-1])
}

// checkTexts wants every text to have a name of its own, and something to be said of what stands under each heading.
func (b *builder) checkTexts(sections []Section) {
	names := map[string]bool{}
	for i, text := range b.dialect.Published {
		at := []string{extensionKey, "published"}
		if text.Name != "" {
			at = append(at, fmt.Sprint(i))
			if names[text.Name] {
				b.fail(b.src.at(append(at, "name")...), fmt.Sprintf("two published texts have the name %q", text.Name), "give each a name of its own")
			}
			names[text.Name] = true
		}
		for j, heading := range text.Headings {
			if sections[0].Empty() {
				of := ""
				if text.Name != "" {
					of = " of " + text.Name
				}
				b.warn(b.src.at(append(at, "headings", fmt.Sprint(j))...), fmt.Sprintf("nothing is said of what stands under %q%s", heading, of), "add a requirement there, or name each statement in x-gonogo/unjudged with a reason")
			}
			sections = sections[1:]
		}
	}
}
