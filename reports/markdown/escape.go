package markdown

import (
	stdhtml "html"
	"strings"

	"gonogo/reports/words"
)

// fenced is a block in which Markdown means nothing: its fence is longer than any in the text.
func (m *markdown) fenced(language, text string) {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	m.line("%s%s\n%s\n%s", fence, language, text, fence)
}

// escaped is a text in which Markdown and HTML mean nothing, on one line. An @ does not call anybody, because behind it
// stands a word joiner that nobody sees; escapes do not keep GitHub from that.
func escaped(text string) string { return marks.Replace(words.Plain(text)) }

var marks = func() *strings.Replacer {
	pairs := []string{"&", "&amp;", "<", "&lt;", ">", "&gt;", "@", "@\u2060"}
	for _, mark := range strings.Split("\\`*_{}[]|#~!$", "") {
		pairs = append(pairs, mark, `\`+mark)
	}
	return strings.NewReplacer(pairs...)
}()

// html is escaped inside HTML, where Markdown means nothing anyway.
func html(text string) string {
	return strings.ReplaceAll(stdhtml.EscapeString(words.Plain(text)), "@", "@\u2060")
}

// code is a text as code in a cell of a table, where a bar would end it.
func code(text string) string {
	if text == "" {
		return ""
	}
	ticks := "`"
	for strings.Contains(text, ticks) {
		ticks += "`"
	}
	text = strings.ReplaceAll(words.Plain(text), "|", `\|`)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return ticks + text + ticks
}
