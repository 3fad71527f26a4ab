// Package spell guesses what was meant by a word that is not among the known ones.
//
// It must never know what the words name.
package spell

import (
	"cmp"
	"slices"
	"strings"
)

// Guess is the word that was meant, if one is near enough: one that goes on where the written word ends, else
// the one with the fewest letters to change: one in a short word, two in a longer one. More would be a riddle and no
// help. Case does not matter.
func Guess[W ~string](written string, words []W) (meant W, ok bool) {
	written = strings.ToLower(written)
	if len(written) > longest {
		return "", false
	}
	if len(written) > 2 {
		for _, word := range words {
			if strings.HasPrefix(strings.ToLower(string(word)), written) {
				return word, true
			}
		}
	}
	least := min(2, max(1, (len(written)-1)/2)) + 1
	for _, word := range words {
		if d := Distance(written, strings.ToLower(string(word))); d < least && d < len(word) {
			meant, least, ok = word, d, true
		}
	}
	return meant, ok
}

// longest is a word that somebody might have mistyped; what is longer is something else.
const longest = 64

// Hint is the advice for a word that is not among the known ones: the one that was meant, else all of them,
// after the words of list ("it is one of ").
func Hint[W ~string](written string, known []W, list string) string {
	if meant, ok := Guess(written, known); ok {
		return "did you mean " + string(meant) + "?"
	}
	return list + Join(known)
}

// Join lists words: a, b, c.
func Join[W ~string](words []W) string {
	texts := make([]string, len(words))
	for i, word := range words {
		texts[i] = string(word)
	}
	return strings.Join(texts, ", ")
}

// Nearest are the three words with the fewest letters to change; those that contain what was written come
// first. Case does not matter.
func Nearest(written string, words []string) []string {
	written = strings.ToLower(written)
	rank := func(word string) int {
		word = strings.ToLower(word)
		if written != "" && strings.Contains(word, written) {
			return len(word) - 1000 // words are far shorter
		}
		return Distance(written, word)
	}
	sorted := slices.SortedStableFunc(slices.Values(words), func(a, b string) int { return cmp.Compare(rank(a), rank(b)) })
	return sorted[:min(3, len(sorted))]
}

// Distance is how many bytes to change, add or drop, or neighbours to swap, to make one text of another (Levenshtein's
// distance as Damerau has it, no byte touched twice).
func Distance(a, b string) int {
	var before []int // the row before the last
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			change := last[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
