package reports

import (
	"fmt"
	"path"
	"strings"
)

// MatchCase reports whether a glob matches a case id: * stands for any run of
// characters, slashes too, ? for one character, [a-z] for one of a set. So
// kitchenhub/* is every case of that dialect and */race-* every race. An
// ill-formed glob matches nothing; CheckGlob says what is wrong with it.
func MatchCase(glob, id string) bool {
	matched, err := path.Match(unslash(glob), unslash(id))
	return err == nil && matched
}

// CheckGlob returns an error if the glob is ill-formed.
func CheckGlob(glob string) error {
	if strings.TrimSpace(glob) == "" {
		return fmt.Errorf("an empty glob matches no case; write a case id, or * for all of them")
	}
	if _, err := path.Match(unslash(glob), ""); err != nil {
		return fmt.Errorf("the glob %q is ill-formed; close every [ with a ], and put \\ only before the character that it quotes", glob)
	}
	return nil
}

// unslash hides slashes from path.Match, for which a * would stop at them.
func unslash(s string) string { return strings.ReplaceAll(s, "/", "\x00") }
