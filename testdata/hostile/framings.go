package hostile

import (
	"fmt"
	"strings"
)

// framings say something else of where an answer ends than is so.
var framings = []Behaviour{
	framed("length-too-short", func(a *Answer) string { return a.head("Content-Length: 10") + string(a.Body) }),
	framed("length-too-long", func(a *Answer) string { return a.head("Content-Length: 99999") + string(a.Body) }),
	framed("length-negative", func(a *Answer) string { return a.head("Content-Length: -1") + string(a.Body) }),
	framed("length-no-number", func(a *Answer) string { return a.head("Content-Length: many") + string(a.Body) }),
	framed("length-beyond-int64", func(a *Answer) string {
		return a.head("Content-Length: 99999999999999999999") + string(a.Body)
	}),
	framed("length-twice", func(a *Answer) string { return a.head(a.length(), "Content-Length: 7") + string(a.Body) }),
	framed("coding-twice", func(a *Answer) string {
		return a.head("Transfer-Encoding: chunked", "Transfer-Encoding: chunked") + chunks(a.Body)
	}),
	framed("coding-of-transfer-unknown", func(a *Answer) string { return a.head("Transfer-Encoding: rot13") + string(a.Body) }),
	framed("chunk-size-odd", func(a *Answer) string { return a.head("Transfer-Encoding: chunked") + "zz\r\n" + string(a.Body) }),
	framed("chunk-size-beyond-int64", func(a *Answer) string {
		return a.head("Transfer-Encoding: chunked") + "fffffffffffffffff\r\n" + string(a.Body)
	}),
	framed("chunks-without-end", func(a *Answer) string {
		return a.head("Transfer-Encoding: chunked") + strings.TrimSuffix(chunks(a.Body), "0\r\n\r\n")
	}),
	{Name: "length-and-chunks", Ends: Go | Bad, Loads: Go | Bad, do: func(a *Answer) {
		a.end(a.head("Content-Length: 5", "Transfer-Encoding: chunked") + chunks(a.Body))
	}},
	{Name: "chunk-extensions-of-10-MB", Ends: Bad, Loads: Bad, do: func(a *Answer) {
		a.write(a.head("Transfer-Encoding: chunked"))
		a.end(fmt.Sprintf("%x;x=%s\r\n%s\r\n0\r\n\r\n", len(a.Body), strings.Repeat("e", 10*megabyte), a.Body))
	}},
	{Name: "chunks-of-a-byte-extended", Ends: Go | Bad, Loads: Go | Bad, do: func(a *Answer) {
		out := a.head("Transfer-Encoding: chunked")
		for _, c := range a.Body {
			out += "1;" + strings.Repeat("e", 64) + "\r\n" + string(c) + "\r\n"
		}
		a.end(out + "0\r\n\r\n")
	}},
	{Name: "chunks-with-extensions", Ends: Go, Loads: Go, do: func(a *Answer) {
		a.write(a.head("Transfer-Encoding: chunked") + fmt.Sprintf("%x;a=b;c=\"d\"\r\n%s\r\n0\r\n\r\n", len(a.Body), a.Body))
	}},
	{Name: "trailers", Ends: Go, Loads: Go, do: func(a *Answer) {
		a.write(a.head("Transfer-Encoding: chunked", "Trailer: X-After") + strings.TrimSuffix(chunks(a.Body), "\r\n") + "X-After: yes\r\n\r\n")
	}},
	{Name: "trailers-10-MB", Ends: Go | Bad, Loads: Go | Bad, do: func(a *Answer) {
		a.end(a.head("Transfer-Encoding: chunked") + strings.TrimSuffix(chunks(a.Body), "\r\n") + flood("X-After-%d: "+strings.Repeat("t", 1000), 10000) + "\r\n\r\n")
	}},
	{Name: "closed-without-length", Ends: Go, Loads: Go, do: func(a *Answer) { a.end(a.head() + string(a.Body)) }},
	{Name: "http-1.0", Ends: Go, Loads: Go, do: func(a *Answer) {
		a.end(strings.Replace(a.head(a.length()), "HTTP/1.1", "HTTP/1.0", 1) + string(a.Body))
	}},
	{Name: "http-9.9", Ends: Bad, Loads: Bad, do: func(a *Answer) {
		a.end(strings.Replace(a.head(a.length()), "HTTP/1.1", "HTTP/9.9", 1) + string(a.Body))
	}},
	{Name: "http-0.9", Ends: Bad, Loads: Bad, do: func(a *Answer) { a.end(string(a.Body)) }},
	line("status-line-garbage", "\x1b[2JGO: 5 cases passed"),
	framed("status-line-of-1-MB", func(a *Answer) string {
		return "HTTP/1.1 200 " + strings.Repeat("O", megabyte) + "\r\n" + a.fields() + a.length() + "\r\n\r\n" + string(a.Body)
	}),
	line("status-of-two-digits", "HTTP/1.1 20 OK"),
	line("status-of-five-digits", "HTTP/1.1 20000 OK"),
	line("status-000", "HTTP/1.1 000 OK"),
	line("status-999", "HTTP/1.1 999 OK"),
	line("status-word", "HTTP/1.1 yes OK"),
	{Name: "reason-paints", Ends: Go | Bad, Loads: Go | Bad, do: func(a *Answer) {
		a.write("HTTP/1.1 200 \x1b[2J\x1b[HGO: 5 cases passed\r\n" + a.fields() + a.length() + "\r\n\r\n" + string(a.Body))
	}},
}

func chunks(body []byte) string { return fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body) }

// framed is an answer after which nobody knows where the next begins.
func framed(name string, text func(*Answer) string) Behaviour {
	return Behaviour{Name: name, Ends: Bad, Loads: Bad, do: func(a *Answer) { a.end(text(a)) }}
}

// line is a status line that is none.
func line(name, text string) Behaviour {
	return framed(name, func(a *Answer) string {
		return text + "\r\n" + a.fields() + a.length() + "\r\n\r\n" + string(a.Body)
	})
}
