package hostile

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"sync"
	"time"
)

const (
	kilobyte = 1 << 10
	megabyte = 1 << 20
)

// padding is what tokens of 400 KB end in.
var padding = strings.Repeat("x", 400*kilobyte)

// bodies are too long, too slow, or packed so that they become too long.
var bodies = []Behaviour{
	{Name: "body-endless", Ends: Bad, Loads: Bad, Heavy: true, do: endless},
	{Name: "body-endless-refusal", Ends: Bad, Loads: Bad | Go, Heavy: true, which: refusals, do: endless},
	{Name: "body-of-40-MB", Ends: Bad, Loads: Bad, do: func(a *Answer) {
		a.Shut = true
		a.write(a.head(fmt.Sprintf("Content-Length: %d", len(a.Body)+40*megabyte)))
		for range 40 {
			if !a.write(strings.Repeat(" ", megabyte)) {
				return
			}
		}
		a.write(string(a.Body))
	}},
	{Name: "body-over-1-MiB", Ends: Bad, Loads: Bad, do: func(a *Answer) {
		a.Body = member(a.Body, `"more":"`+strings.Repeat("z", 1200*kilobyte)+`"`)
		a.send()
	}},
	{Name: "body-over-1-MiB-no-JSON", Ends: Bad, Loads: Bad, do: func(a *Answer) {
		a.Body = []byte(strings.Repeat("no JSON ", 150*kilobyte))
		a.send()
	}},
	{Name: "use-over-1-MiB-no-JSON", Ends: Bad, Loads: Bad | Go, which: func(a *Answer) bool { return a.Status/100 == 2 && !tokens(a) }, do: func(a *Answer) {
		a.Body = []byte(strings.Repeat("no JSON ", 150*kilobyte))
		a.send()
	}},
	{Name: "body-drips", Ends: Bad, Loads: Bad, do: func(a *Answer) {
		a.Shut = true
		a.write(a.head(a.length()))
		for _, c := range a.Body {
			if a.conn.idle(200 * time.Millisecond); !a.write(string(c)) {
				return
			}
		}
	}},
	{Name: "body-cut", Ends: Bad, Loads: Bad, do: func(a *Answer) { a.end(a.head(a.length()) + string(a.Body[:len(a.Body)/2])) }},
	{Name: "body-never-comes", Ends: Bad, Loads: Bad, do: func(a *Answer) {
		a.write(a.head(a.length()))
		a.conn.idle(longest)
		a.Shut = true
	}},
	{Name: "body-missing", Ends: NoGo, Loads: Bad, do: func(a *Answer) { a.Body = nil; a.send() }},
	{Name: "gzip-bomb", Ends: Bad, Loads: Bad, do: func(a *Answer) { packedAs(a, "gzip", bomb()) }},
	{Name: "gzip-bomb-in-a-bomb", Ends: Bad, Loads: Bad, do: func(a *Answer) { packedAs(a, "gzip, gzip", packed(bomb())) }},
	{Name: "gzip-a-thousand-times", Ends: Bad, Loads: Bad, do: func(a *Answer) { packedAs(a, strings.Repeat("gzip, ", 1000)+"gzip", bomb()) }},
	{Name: "gzip-that-is-none", Ends: Bad, Loads: Go | Bad, do: func(a *Answer) { a.send("Content-Encoding: gzip") }},
	{Name: "gzip-untold", Ends: Bad, Loads: Bad, do: func(a *Answer) { a.Body = packed(a.Body); a.send() }},
	{Name: "gzip-cut", Ends: Bad, Loads: Bad, do: func(a *Answer) {
		whole := packed(a.Body)
		packedAs(a, "gzip", whole[:len(whole)-12])
	}},
	{Name: "gzip-unasked", Ends: Go, Loads: Go, do: func(a *Answer) { packedAs(a, "gzip", packed(a.Body)) }},
	{Name: "coding-unknown", Ends: Bad, Loads: Bad, do: func(a *Answer) { packedAs(a, "aes128gcm", []byte("\x00\x01\x02")) }},
	{Name: "tokens-of-400-KB", Ends: Go | Bad, Loads: Go | Bad, Heavy: true, Padded: padding, do: func(a *Answer) {
		for _, name := range []string{"access_token", "refresh_token"} {
			a.Body = inToken(a.Body, name, func(token string) string { return token + padding })
		}
		a.send()
	}},
}

func endless(a *Answer) {
	a.Shut = true
	a.write(a.head("Transfer-Encoding: chunked"))
	for chunk := fmt.Sprintf("%x\r\n%s\r\n", 64*kilobyte, strings.Repeat("e", 64*kilobyte)); a.write(chunk); {
	}
}

func packed(text []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(text)
	_ = w.Close()
	return out.Bytes()
}

// bomb is 100 MB in 100 KB.
var bomb = sync.OnceValue(func() []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	for range 100 {
		_, _ = w.Write(make([]byte, megabyte))
	}
	_ = w.Close()
	return out.Bytes()
})

func packedAs(a *Answer, coding string, body []byte) {
	a.Body = body
	a.send("Content-Encoding: " + coding)
}

// member adds a member to an object.
func member(object []byte, text string) []byte {
	return append(bytes.TrimSuffix(bytes.TrimSpace(object), []byte("}")), []byte(","+text+"}")...)
}

// inToken changes the text of a member, as it stands between its quotes.
func inToken(body []byte, name string, change func(string) string) []byte {
	text := string(body)
	from := strings.Index(text, `"`+name+`"`)
	if from < 0 {
		return body
	}
	from += len(name) + 2
	from += strings.IndexByte(text[from:], '"') + 1
	to := from + strings.IndexByte(text[from:], '"')
	return []byte(text[:from] + change(text[from:to]) + text[to:])
}
