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
// the one with the fewest letters to change: at most two, and at most half of it. More would be a riddle and no
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
	least := 3
	for _, word := range words {
		if d := Distance(written, strings.ToLower(string(word))); d < least && d <= len(word)/2 {
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

// Distance is how many bytes to change, add or drop to make one text of another (Levenshtein).
func Distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
