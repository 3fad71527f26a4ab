package target_test

import (
	"strings"
	"testing"
)

func TestExpansion(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "secret.txt", "of a file: \"x\"\r\n")
	write(t, dir, "lines.txt", "one\ntwo\n\n")
	secret, _ := environment("SECRET")
	for _, c := range []struct{ name, written, want string }{
		{"a variable", `"${SECRET}"`, secret},
		{"unquoted", `${SECRET}`, secret},
		{"in a block", "|-\n      ${SECRET}", secret},
		{"with text around", `"a-${COUNT}-${COUNT}b"`, "a-12-12b"},
		{"a file", `"${file:secret.txt}"`, `of a file: "x"`},
		{"a file by its whole path", `"${file:` + dir + `/secret.txt}"`, `of a file: "x"`},
		{"only one line break goes", `"${file:lines.txt}"`, "one\ntwo\n"},
		{"an escape", `"$${SECRET} and $${lower}"`, "${SECRET} and ${lower}"},
		{"escapes in a row", `"$$${SECRET}$${"`, "$${SECRET}${"},
		{"dollars that mean nothing", `"$ab$$c{d}$"`, "$ab$$c{d}$"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := with(plainFile, "  primary: {client_id: hub-one, client_secret: first-secret}", "  primary:\n    client_id: hub-one\n    client_secret: "+c.written)
			got, _, err := load(t, dir, text)
			if err != nil {
				t.Fatal(err)
			}
			if value := got.Credentials["primary"].Fields["client_secret"]; value != c.want {
				t.Errorf("%s is %q, want %q", c.written, value, c.want)
			}
		})
	}
}

// An inserted value cannot become a key, a second value or a placeholder.
func TestInsertedValuesStayValues(t *testing.T) {
	got := good(t, with(plainFile, `settings: {use: [{method: POST, path: /x, body: {a: "${SECRET}", b: "${unique}"}}]}`))
	secret, _ := environment("SECRET")
	body := got.Settings.Use[0].Body.Fill(map[string]string{"unique": "fresh"}).(map[string]any)
	if len(body) != 2 || body["a"] != secret || body["b"] != "fresh" {
		t.Errorf("%q", body)
	}
}

func TestAnchorsShareValues(t *testing.T) {
	got := good(t, strings.NewReplacer("first-secret", "&s shared-secret", "other-secret", "*s").Replace(plainFile))
	if got.Credentials["second"].Fields["client_secret"] != "shared-secret" {
		t.Errorf("%q", got.Credentials["second"].Fields)
	}
}

// A body of aliases that doubles with each line is refused before it fills the memory.
func TestAliasesDoNotGrowWithoutEnd(t *testing.T) {
	text := plainFile + "settings:\n  use:\n  - method: POST\n    path: /x\n    body:\n      a0: &a0 [x, x]\n"
	for i := range 40 {
		now, last := string(rune('a'+(i+1)%26))+strings.Repeat("z", (i+1)/26), string(rune('a'+i%26))+strings.Repeat("z", i/26)
		if i == 0 {
			last = "a0"
		}
		text += "      k" + now + ": &" + now + " [*" + last + ", *" + last + "]\n"
	}
	if got := complaints(t, t.TempDir(), text); got != "target.yaml:23: the aliases below this line stand for too much; write out what is meant" {
		t.Error(got)
	}
}

func TestFilesThatAreTooBigOrTooDeep(t *testing.T) {
	for text, want := range map[string]string{
		plainFile + "# " + strings.Repeat("x", 256<<10):   "target.yaml:1: the file has more than 256 KiB; make it smaller, or name another file",
		plainFile + "limits: " + strings.Repeat("[", 500): "target.yaml:6: values are nested more than 100 levels deep; write them flatter",
	} {
		if got := complaints(t, t.TempDir(), text); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
