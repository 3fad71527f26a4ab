package exchange

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"gonogo/internal/traceparent"
	"gonogo/reports"
)

// curl is one line for a POSIX shell that sends the request again, from the address that it came from if that was chosen.
func curl(request reports.Request, from Origin) string {
	words := []string{"curl", "-sS", "-i"}
	if from.Address.IsValid() {
		words = append(words, "--interface", shellQuote(from.Address.String()))
	}
	if from.Proxy != "" {
		words = append(words, "--proxy", shellQuote(from.Proxy))
	}
	switch {
	case request.Method == http.MethodHead:
		words = append(words, "--head") // with -X HEAD curl waits for a body
	case request.Method != http.MethodGet || request.Body != "":
		words = append(words, "-X", shellQuote(request.Method))
	}
	if strings.ContainsAny(request.URL, "[]{}") {
		words = append(words, "--globoff") // curl takes these for ranges
	}
	if strings.Contains(request.URL, "/.") {
		words = append(words, "--path-as-is")
	}
	for _, line := range headerLines(request) {
		words = append(words, "-H", shellQuote(line))
	}
	feed := ""
	switch {
	case request.Body == "":
	case fitsLine(request.Body):
		words = append(words, "--data-raw", shellQuote(request.Body))
	default:
		feed = "printf " + shellQuote(printfFormat(request.Body)) + " | "
		words = append(words, "--data-binary", "@-")
	}
	return feed + strings.Join(append(words, shellQuote(request.URL)), " ")
}

// ownHeaders are written by curl itself, or name one request alone.
var ownHeaders = []string{"User-Agent", "Accept-Encoding", "Content-Length", traceparent.Name}

func headerLines(request reports.Request) []string {
	var lines []string
	for name, values := range request.Headers {
		if slices.Contains(ownHeaders, name) {
			continue
		}
		for _, value := range values {
			if value == "" {
				lines = append(lines, name+";") // "name:" would leave the header out
				continue
			}
			lines = append(lines, name+": "+value)
		}
	}
	slices.Sort(lines)
	if request.Body != "" && len(request.Headers["Content-Type"]) == 0 {
		lines = append(lines, "Content-Type:") // curl would claim a form
	}
	return lines
}

// fitsLine reports text that can stand between quotes in one line.
func fitsLine(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// printfFormat is a format of POSIX printf that prints exactly the text: a shell's argument can hold no NUL,
// and a line no line break.
func printfFormat(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '\n':
			out.WriteString(`\n`)
		case r == '%':
			out.WriteString("%%")
		case r == '\\':
			out.WriteString(`\\`)
		case r == utf8.RuneError && size == 1, r < ' ', r == 0x7f, r == '-' && i == 0: // a dash begins an option
			fmt.Fprintf(&out, `\%03o`, text[i])
		default:
			out.WriteString(text[i : i+size])
		}
		i += size
	}
	return out.String()
}

func shellQuote(word string) string {
	if strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" && word != "" {
		return word // a method reads better bare
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
