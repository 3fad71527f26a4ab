package hostile

import (
	"net"
	"net/http"
	"strings"
	"time"
)

// connections end, hang, or bring what nobody asked for.
var connections = []Behaviour{
	{Name: "reset-at-once", Ends: Bad, Loads: Bad, do: reset},
	{Name: "reset-in-the-head", Ends: Bad, Loads: Bad, do: func(a *Answer) { a.write("HTTP/1.1 200 OK\r\nContent-"); reset(a) }},
	{Name: "reset-in-the-body", Ends: Bad, Loads: Bad, do: func(a *Answer) {
		a.write(a.head(a.length()) + string(a.Body[:5]))
		reset(a)
	}},
	{Name: "closed-at-once", Ends: Bad, Loads: Bad, do: func(a *Answer) { a.Shut = true }},
	{Name: "silent", Ends: Bad, Loads: Bad, do: func(a *Answer) { a.conn.idle(longest); a.Shut = true }},
	{Name: "silent-everywhere", Ends: Incomplete, Loads: Bad, which: every, do: func(a *Answer) { a.conn.idle(longest); a.Shut = true }},
	{Name: "head-drips", Ends: Bad, Loads: Bad, do: func(a *Answer) {
		a.Shut = true
		for _, c := range a.head(a.length()) + string(a.Body) {
			if a.conn.idle(200 * time.Millisecond); !a.write(string(c)) {
				return
			}
		}
	}},
	{Name: "unsolicited-bytes", Ends: NoGo, Loads: Go | Bad, which: every, do: func(a *Answer) {
		a.send()
		a.conn.idle(5 * time.Millisecond)
		a.write(string(a.Body))
	}},
	{Name: "bytes-past-the-end", Ends: NoGo, Loads: Go | Bad, which: every, do: func(a *Answer) {
		a.write(a.head(a.length()) + string(a.Body) + string(a.Body))
	}},
	{Name: "two-answers", Ends: Bad, Loads: Go | Bad, which: every, do: func(a *Answer) { a.send(); a.send() }},
	{Name: "empty-line-after-each", Ends: Go, Loads: Go | Bad, which: every, do: func(a *Answer) {
		a.write(a.head(a.length()) + string(a.Body) + "\r\n")
	}},
	{Name: "tells-why-it-closes", Ends: Go, Loads: Go | Bad, which: every, do: func(a *Answer) {
		a.end(a.head(a.length()) + string(a.Body) + "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	}},
	{Name: "204-with-a-body", Ends: NoGo, Loads: Bad, do: func(a *Answer) {
		a.Status = http.StatusNoContent
		a.write(a.head(a.length()) + string(a.Body))
	}},
	{Name: "304-with-a-body", Ends: NoGo, Loads: Bad, do: func(a *Answer) {
		a.Status = http.StatusNotModified
		a.write(a.head(a.length()) + string(a.Body))
	}},
	{Name: "interim-answers-for-ever", Ends: Bad, Loads: Bad, do: func(a *Answer) {
		a.Shut = true
		for flood := strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 100); a.write(flood); {
		}
	}},
	{Name: "interim-answers-of-1-MB", Ends: Bad, Loads: Go | Bad, do: func(a *Answer) {
		a.write("HTTP/1.1 103 Early Hints\r\nLink: " + strings.Repeat("l", megabyte) + "\r\n\r\n")
		a.send()
	}},
	{Name: "early-hints", Ends: Go, Loads: Go, do: func(a *Answer) {
		a.write("HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")
		a.send()
	}},
	{Name: "switches-protocols", Ends: Bad, Loads: Bad, do: func(a *Answer) {
		a.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: nonsense\r\nConnection: Upgrade\r\n\r\n" + string(a.Body))
	}},
	{Name: "closed-after-each", Ends: Go, Loads: Go, which: every, do: func(a *Answer) {
		a.send("Connection: close")
		a.Shut = true
	}},
	{Name: "closed-after-each-untold", Ends: Go, Loads: Go | Incomplete, which: every, do: func(a *Answer) {
		a.send()
		a.Shut = true
	}},
}

func reset(a *Answer) {
	if tcp, ok := a.conn.Conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	a.Shut = true
}
