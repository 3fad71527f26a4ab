package hostile

import (
	"fmt"
	"strings"
	"sync"
)

// headers are too many, too long, or have what no header may have.
var headers = []Behaviour{
	long("header-of-10-MB", Bad, func() string { return "X-Long: " + strings.Repeat("h", 10*megabyte) }),
	long("header-of-60-KB", Go|Bad, func() string { return "X-Long: " + strings.Repeat("h", 60*kilobyte) }).heavy(),
	long("headers-10000", Bad, func() string { return flood("X-Flood-%d: one of many", 10000) }),
	long("cookies-20000", Bad, func() string {
		return flood("Set-Cookie: session-%d=abcdefghijklmnopqrstuvwxyz0123456789; Path=/", 20000)
	}),
	long("cookies-200", Go|Bad, func() string {
		return flood("Set-Cookie: session-%d=abcdefghijklmnopqrstuvwxyz012345%[1]d; Path=/", 200)
	}).heavy(),
	added("header-with-NUL", Bad, "X-Odd: a\x00b"),
	added("header-with-escape", Bad, "X-Odd: \x1b[2J\x1b[HGO: 5 cases passed"),
	added("header-with-carriage-return", Go|Bad, "X-Odd: a\rGO: 5 cases passed"),
	added("header-without-colon", Bad, "this is no header"),
	added("header-name-with-escape", Bad, "X-\x1b[2J: yes"),
	added("header-name-with-space", Go|Bad, "X Odd : yes"),
	added("header-name-empty", Bad, ": yes"),
	added("header-folded", Go|Bad, "X-Folded: one\r\n two"),
	added("header-in-latin-1", Go, "X-Latin: caf\xe9"),
	{Name: "header-first-line-folded", Ends: Bad, Loads: Bad, do: func(a *Answer) {
		a.end("HTTP/1.1 200 OK\r\n folded\r\n" + a.fields() + a.length() + "\r\n\r\n" + string(a.Body))
	}},
	instead("content-type-odd", Go|Bad, "Content-Type", "\"\";;;=,/"),
	instead("date-absurd", Go|Bad, "Date", "Fri, 99 Foo 99999 99:99:99 GMT"),
	instead("date-of-the-year-9999", Go|Bad, "Date", "Fri, 31 Dec 9999 23:59:59 GMT"),
	instead("cache-control-odd", Go|Bad, "Cache-Control", "no-store, max-age=\"\x80"),
	{Name: "retry-after-for-ever", Ends: Bad, Loads: Bad, do: func(a *Answer) {
		a.Status = 429
		a.send("Retry-After: 99999999999999999999")
	}},
	{Name: "retry-after-negative", Ends: Bad, Loads: Bad, do: func(a *Answer) {
		a.Status = 503
		a.send("Retry-After: -5")
	}},
	{Name: "redirect-elsewhere", Ends: Bad, Loads: Bad, do: func(a *Answer) {
		a.Status = 307
		a.send("Location: http://" + a.Elsewhere + "/take")
	}},
	{Name: "redirect-to-a-file", Ends: Bad, Loads: Bad, do: func(a *Answer) {
		a.Status = 302
		a.send("Location: file:///etc/passwd")
	}},
	{Name: "redirect-nowhere", Ends: Bad, Loads: Bad, do: func(a *Answer) {
		a.Status = 302
		a.send("Location: //\x7f[::1\x01")
	}},
	{Name: "challenge-odd", Ends: Go | Bad, Loads: Go | Bad, which: refusals, do: func(a *Answer) {
		a.Header.Set("WWW-Authenticate", `Bearer realm="`+strings.Repeat(`\"`, 5000))
		a.send()
	}},
}

// added has every answer with tokens carry one more header.
func added(name string, ends Ends, line string) Behaviour {
	return long(name, ends, func() string { return line })
}

// long is added for a line that is made when it is first sent: every process that links this package would make it.
func long(name string, ends Ends, line func() string) Behaviour {
	line = sync.OnceValue(line)
	return Behaviour{Name: name, Ends: ends, Loads: ends | Go, do: func(a *Answer) { a.send(line()) }}
}

func (b Behaviour) heavy() Behaviour {
	b.Heavy = true
	b.which = every
	return b
}

// instead has a header say something else.
func instead(name string, ends Ends, header, value string) Behaviour {
	return Behaviour{Name: name, Ends: ends, do: func(a *Answer) {
		a.Header.Del(header)
		a.send(header + ": " + value)
	}}
}

// flood is many lines of one format.
func flood(format string, n int) string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(lines, "\r\n")
}
