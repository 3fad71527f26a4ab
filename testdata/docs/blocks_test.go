// Package docs holds README.md and the pages of docs to their word: each block of them is executed, is a file that is executed with, stands as it
// is in the tree, or says why none of it is so. Flags are looked at in every run of the tests; the commands are executed with -commands, by
// make prove-docs.
package docs

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const root = "../.."

// pages are the files that people read.
func pages(t *testing.T) (all []string) {
	t.Helper()
	for _, pattern := range []string{"README.md", "docs/*.md", "deploy/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	if len(all) < 10 {
		t.Fatalf("there are but %d pages", len(all))
	}
	return all
}

// block is one between two lines of three backquotes. What is to be done with it says the comment before it, which is not shown:
//
//	<!-- with stage.yaml kitchenhub; ends 0 1 -->
//
// with FILE DIALECT [DEFECT] has a server, and a target file for it; first COMMAND is typed before; script FILE COMMAND makes a file of it;
// serves says that the block's first command goes on, and ends CODE… what each ends with. tree: it is typed in the tree.
//
// Its language decides what it is without one: sh is executed, console too, and what it prints compared; text is neither.
type block struct {
	page, language, text string
	line                 int
	notes                map[string][]string // by their first word
}

func (b block) String() string {
	return fmt.Sprintf("%s:%d", strings.TrimPrefix(b.page, root+"/"), b.line)
}

// note is what a note of the block says; told: it has one.
func (b block) note(name string) (what string, told bool) {
	all := b.notes[name]
	if len(all) == 0 {
		return "", false
	}
	return all[0], true
}

var noted = regexp.MustCompile(`^<!-- (.*) -->$`)

// blocks are those of a page, in order.
func blocks(t *testing.T, page string) (all []block) {
	t.Helper()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var open *block
	var notes map[string][]string
	for i, line := range strings.Split(string(data), "\n") {
		fence, isFence := strings.CutPrefix(strings.TrimSpace(line), "```")
		said := noted.FindStringSubmatch(strings.TrimSpace(line))
		switch {
		case open != nil && isFence:
			all, open = append(all, *open), nil
		case open != nil:
			open.text += line + "\n"
		case isFence:
			open, notes = &block{page: page, language: fence, line: i + 1, notes: notes}, nil
		case said != nil:
			if notes == nil {
				notes = map[string][]string{}
			}
			each := strings.SplitSeq(said[1], ";")
			if strings.HasPrefix(said[1], "first ") { // a command may have semicolons
				each = slices.Values(said[1:])
			}
			for note := range each {
				name, what, _ := strings.Cut(strings.TrimSpace(note), " ")
				notes[name] = append(notes[name], what)
			}
		case line != "":
			notes = nil
		}
	}
	if open != nil {
		t.Errorf("%v is not closed", *open)
	}
	return all
}

// command is a line that a reader types, with what goes on in the lines after it.
type command struct {
	text  string
	shown []string // of what it prints; of a console alone
	ends  int      // its exit code, or anyCode
}

// anyCode is the exit code of what says a verdict that depends on the machine: any verdict will do, and wrong usage will not.
const anyCode = -1

var comment = regexp.MustCompile(`\s+# .*$`)

// commands are those of a block.
func (b block) commands(t *testing.T) (all []command) {
	t.Helper()
	var ends []string
	if what, told := b.note("ends"); told {
		ends = strings.Fields(what)
	}
	heredoc := ""
	for line := range strings.Lines(b.text) {
		line = strings.TrimRight(line, "\n")
		typed, prompted := strings.CutPrefix(line, "$ ")
		last := len(all) - 1
		switch {
		case b.language == "console" && !prompted && last < 0:
			t.Errorf("%v: it shows something before a command", b)
		case b.language == "console" && !prompted:
			all[last].shown = append(all[last].shown, line)
		case heredoc != "":
			all[last].text += "\n" + line
			if line == heredoc {
				heredoc = ""
			}
		case last >= 0 && strings.HasSuffix(all[last].text, `\`):
			all[last].text += "\n" + line
		case strings.TrimSpace(typed) != "" && !strings.HasPrefix(typed, "#"):
			all = append(all, command{text: comment.ReplaceAllString(typed, "")})
			if _, word, found := strings.Cut(typed, "<<'"); found {
				heredoc, _, _ = strings.Cut(word, "'")
			}
		}
	}
	if len(ends) > 0 && len(ends) != len(all) {
		t.Errorf("%v has %d commands, and %d exit codes", b, len(all), len(ends))
		return all
	}
	for i, code := range ends {
		if code == "any" {
			all[i].ends = anyCode
			continue
		}
		n, err := strconv.Atoi(code)
		if err != nil {
			t.Errorf("%v: exit code %s", b, code)
		}
		all[i].ends = n
	}
	return all
}

// kinds are what can become of a block, by the note that says so.
var kinds = []string{"run", "file", "in", "by", "not"}

// kind is what becomes of the block.
func (b block) kind() string {
	for _, kind := range kinds {
		if _, told := b.notes[kind]; told {
			return kind
		}
	}
	switch b.language {
	case "sh", "console":
		return "run"
	case "text":
		return "text"
	}
	return ""
}

// TestEveryBlockIsAccountedFor: no block is only looked at.
func TestEveryBlockIsAccountedFor(t *testing.T) {
	t.Parallel()
	counts := map[string]int{}
	tests := testNames(t)
	for _, page := range pages(t) {
		for _, b := range blocks(t, page) {
			kind := b.kind()
			counts[kind]++
			what, _ := b.note(kind)
			switch kind {
			case "":
				t.Errorf("%v: it is %s; say by a comment before it whether it is executed (run), a FILE to execute with (file), a part of a FILE (in), held by a TEST (by), or not executed, and why (not)", b, cmp.Or(b.language, "of no language"))
			case "by":
				if !slices.Contains(tests, what) {
					t.Errorf("%v: there is no test %s", b, what)
				}
			case "in":
				b.standsIn(t, what)
			case "text":
				if regexp.MustCompile(`(?m)^(\$ )?(gonogo|make|go|curl|vegeta) `).MatchString(b.text) {
					t.Errorf("%v: it is text, and has a command", b)
				}
			case "not", "file":
				if what == "" {
					t.Errorf("%v: %s what?", b, kind)
				}
			}
		}
	}
	t.Logf("blocks: %v", counts)
	if counts["run"] < 20 {
		t.Errorf("only %d blocks are executed", counts["run"])
	}
}

var oneSpace = regexp.MustCompile(`[ \t]+`)

func flat(line string) string { return strings.TrimSpace(oneSpace.ReplaceAllString(line, " ")) }

// standsIn holds the lines of a block against a file, in order; where it has … there may be others between.
func (b block) standsIn(t *testing.T, file string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Errorf("%v: %v", b, err)
		return
	}
	there := strings.Split(string(data), "\n")
	at, skips := 0, true
	for line := range strings.Lines(b.text) {
		switch line = flat(line); line {
		case "":
			continue
		case "…":
			skips = true
			continue
		}
		found := slices.IndexFunc(there[at:], func(other string) bool { return flat(other) == line })
		blank := found >= 0 && strings.TrimSpace(strings.Join(there[at:at+found], "")) == ""
		if found < 0 || !skips && !blank {
			t.Errorf("%v: %s has not, where it should: %s", b, file, line)
			return
		}
		at, skips = at+found+1, false
	}
}

// testNames are the names of all tests.
func testNames(t *testing.T) (all []string) {
	t.Helper()
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if entry != nil && entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && entry.Name() != root {
			if entry.Name() != ".." {
				return filepath.SkipDir
			}
		}
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		data, err := os.ReadFile(path)
		for _, found := range declared.FindAllStringSubmatch(string(data), -1) {
			all = append(all, found[1])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
