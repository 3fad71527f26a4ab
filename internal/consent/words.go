package consent

import (
	"slices"
	"strings"
	"unicode"
)

// lean is what words on a control say about pressing it. Weak words mean something only where nothing stronger
// stands: every second sign-in page has a "Continue".
type lean int

const (
	denies     lean = -2
	weakDeny   lean = -1
	neutral    lean = 0
	weakAssent lean = 1
	assents    lean = 2
)

// Stems match the beginning of a word, so that "allowed" and "approves" count.
var (
	assentStems = []string{"allow", "approv", "authoris", "authoriz", "grant", "accept", "agree", "permit"}
	assentWords = []string{"yes", "consent"}
	denyStems   = []string{"deny", "denied", "denies", "declin", "refus", "reject", "disallow", "disagree", "forbid", "cancel", "abort"}
	weakAssents = []string{"continue", "ok", "okay", "confirm", "proceed", "submit", "next", "connect", "trust", "share", "go"}
	weakDenies  = []string{"back", "close", "dismiss", "later", "return"}
	negations   = []string{"don't", "dont", "not", "never", "without", "cannot", "can't", "won't"}
	// Nouns say what a thing is about, not what it does: the refusal's name may well be cancel_authorization.
	nouns = []string{"authorization", "authorisation", "authorizations", "approval", "allowance", "acceptance", "permission", "permissions"}
	// Words that make a button something else altogether.
	elsewhere = []string{"logout", "signout", "signup", "register", "forgot", "switch", "cookie", "cookies", "help", "search", "newsletter", "privacy", "terms"}
)

// leanOf judges what a human reads. The first word that decides wins: "Allow. You may cancel at any time" allows.
func leanOf(label string) lean {
	words := split(short(label))
	if anyOf(words, elsewhere...) || pairs(words, "log", "out") || pairs(words, "sign", "out") || pairs(words, "sign", "up") {
		return neutral
	}
	weak := neutral
	for i, w := range words {
		switch {
		case w == "no":
			if i == 0 && (len(words) == 1 || decides(leanOf(strings.Join(words[1:], " "))) || strings.HasPrefix(words[1], "thank") || noPause(label)) || i > 0 && assentSoon(words[i+1:]) {
				return denies
			}
		case slices.Contains(negations, w):
			if assentSoon(words[i+1:]) {
				return denies
			}
			if i+1 < len(words) && (words[i+1] == "now" || words[i+1] == "yet") {
				return denies
			}
			if i+1 < len(words) && startsWith(words[i+1], denyStems) {
				return neutral // "don't cancel": whatever it does, it is not for us to press
			}
		case startsWith(w, denyStems):
			return denies
		case isAssent(w):
			return assents
		case slices.Contains(weakAssents, w) && weak == neutral:
			weak = weakAssent
		case slices.Contains(weakDenies, w) && weak == neutral:
			weak = weakDeny
		}
	}
	return weak
}

// leanOfName judges a name, id or value that a programmer wrote: there a refusal anywhere wins.
func leanOfName(name string) lean {
	words := split(uncamel(short(name)))
	said := neutral
	for i, w := range words {
		switch {
		case startsWith(w, denyStems), w == "no" && len(words) == 1:
			return denies
		case slices.Contains(negations, w) && assentSoon(words[i+1:]):
			return denies
		case slices.Contains(nouns, w), w == "consent" && len(words) > 1:
		case isAssent(w) && !(w == "grant" && i+1 < len(words) && words[i+1] == "type"):
			said = assents
		}
	}
	return said
}

func decides(l lean) bool { return l == assents || l == denies }

// short is as much of a label as anybody reads before pressing; pages of hostile length stop here.
func short(s string) string { return s[:min(len(s), 200)] }

// truth reads a value that only means something beside its name: approve=1, approve=false.
func truth(value string) (yes, known bool) {
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "1", "true", "yes", "y", "on", "ok":
		return true, true
	case "0", "false", "no", "n", "off":
		return false, true
	}
	return false, false
}

// leanOfPair judges a name with the value beside it; told says that the value is a yes or a no.
func leanOfPair(name, value string) (l lean, told bool) {
	l = leanOfName(name)
	yes, told := truth(value)
	if told && !yes {
		l = -l
	}
	return l, told
}

func isAssent(w string) bool {
	return slices.Contains(assentWords, w) || startsWith(w, assentStems) && !slices.Contains(nouns, w)
}

// assentSoon looks past a helper word or two: "do not, ever, allow".
func assentSoon(words []string) bool {
	for i, w := range words {
		if i == 3 {
			return false
		}
		if isAssent(w) {
			return true
		}
	}
	return false
}

// noPause reports "No, …" and the like.
func noPause(label string) bool {
	rest := strings.TrimSpace(strings.TrimSpace(label)[len("no"):])
	return rest != "" && strings.ContainsRune(",.!-–—;:", []rune(rest)[0])
}

func startsWith(w string, stems []string) bool {
	return slices.ContainsFunc(stems, func(stem string) bool { return strings.HasPrefix(w, stem) })
}

func pairs(words []string, a, b string) bool {
	for i := range len(words) - 1 {
		if words[i] == a && words[i+1] == b {
			return true
		}
	}
	return false
}

var apostrophes = strings.NewReplacer("’", "'", "‘", "'", "`", "'")

// split cuts a label into lower-case words; an apostrophe belongs to its word.
func split(s string) []string {
	s = apostrophes.Replace(strings.ToLower(s))
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' })
}

func uncamel(s string) string {
	var out strings.Builder
	var last rune
	for _, r := range s {
		if unicode.IsUpper(r) && unicode.IsLower(last) {
			out.WriteByte(' ')
		}
		out.WriteRune(r)
		last = r
	}
	return out.String()
}

// signsIn reports the words of a sign-in button: 2 for certain, 1 for what such a button may also say.
func signsIn(label string) int {
	words := split(uncamel(label))
	switch {
	case anyOf(words, "with", "using", "forgot", "register"): // "Sign in with …" leads to somebody else's sign-in
		return 0
	case anyOf(words, "login", "signin", "logon", "signon"),
		pairs(words, "sign", "in"), pairs(words, "log", "in"), pairs(words, "log", "on"), pairs(words, "sign", "on"):
		return 2
	case anyOf(words, "continue", "next", "submit", "enter", "go", "ok", "proceed", "verify"):
		return 1
	}
	return 0
}

func anyOf(words []string, wanted ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(wanted, w) })
}
