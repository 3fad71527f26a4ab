package reports

import (
	"fmt"
	"strings"
)

// cases returns "1 case", "2 cases".
func cases(n int) string { return count(n, "case") }

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// join returns "a, b, c".
func join(words []string) string { return strings.Join(words, ", ") }
