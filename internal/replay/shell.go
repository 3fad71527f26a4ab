package replay

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"gonogo/reports/words"
)

// word is parts as one word of the shell.
func word(parts []part) string {
	var out strings.Builder
	plain := ""
	flush := func() {
		if plain != "" {
			out.WriteString(words.Shell(plain))
			plain = ""
		}
	}
	for _, p := range parts {
		if plain += p.literal; p.expr != "" {
			flush()
			out.WriteString(`"` + p.expr + `"`)
		}
	}
	flush()
	if out.Len() == 0 {
		return "''"
	}
	return out.String()
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// octal is a format of printf that prints a text of any bytes.
func octal(text string) string {
	var out strings.Builder
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= 0x7f || strings.IndexByte(`%\'-`, c) >= 0 {
			out.WriteString(`\` + fmt.Sprintf("%03o", c))
		} else {
			out.WriteByte(c)
		}
	}
	return "'" + out.String() + "'"
}

// basicWord is a header of Basic credentials that the shell puts together.
func (w *writer) basicWord(value string) (expr string, ok bool) {
	scheme, coded, _ := strings.Cut(value, " ")
	plain, err := base64.StdEncoding.DecodeString(coded)
	if !strings.EqualFold(scheme, "Basic") || err != nil || !printable(string(plain)) {
		return "", false
	}
	return quoted(scheme+" ") + `"$(printf %s ` + word(w.parts(string(plain), asItIs, inURL)) + ` | base64 | tr -d '\n')"`, true
}

func printable(text string) bool {
	return strconv.CanBackquote(strings.ReplaceAll(text, "`", ""))
}
