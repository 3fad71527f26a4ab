package reference

import (
	"bufio"
	"bytes"
	"net"
	"strings"
)

// urlHosts takes the one documented request that net/http refuses before any
// handler sees it: kitchenmonki's "GET /v2/queue HTTP/1.0" with
// "Host: https://api-stage.kitchenmonki.com". The field's value is a host and a
// port (RFC 9110 7.2), so a URL there is a 400 by RFC 9112 3.2; the document's
// own example is nevertheless to work as it is typed. Only HTTP/1.0 is let off,
// which is what the example speaks and no other client of today does, and only
// the first request of a connection, because HTTP/1.0 sends one.
type urlHosts struct{ net.Listener }

func (l urlHosts) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &urlHostConn{Conn: conn, in: bufio.NewReader(conn), begins: true}, nil
}

// urlHostConn reads the head of a connection's first request by lines, and
// after that gets out of the way.
type urlHostConn struct {
	net.Conn
	in      *bufio.Reader // nil once there is nothing left to look at
	ready   []byte        // read from in, and not yet handed on
	begins  bool          // the next line is the request line
	midLine bool          // ready ended before its line did
	headEnd bool          // what in still holds is no head of HTTP/1.0
}

func (c *urlHostConn) Read(p []byte) (int, error) {
	if c.in == nil {
		return c.Conn.Read(p)
	}
	if len(c.ready) == 0 && !c.headEnd {
		line, err := c.in.ReadSlice('\n')
		if len(line) == 0 {
			return 0, err
		}
		c.ready = c.look(line) // an error comes again with the next line
	}
	n := copy(p, c.ready)
	c.ready = c.ready[n:]
	if len(c.ready) > 0 || !c.headEnd {
		return n, nil
	}
	if n == 0 {
		n, _ = c.in.Read(p) // from its buffer, which is not empty
	}
	if c.in.Buffered() == 0 {
		c.in = nil
	}
	return n, nil
}

// look answers a line, or as much of it as could be read, as it goes on.
func (c *urlHostConn) look(line []byte) []byte {
	whole, begins := !c.midLine, c.begins
	c.midLine, c.begins = line[len(line)-1] != '\n', false
	text := strings.TrimRight(string(line), "\r\n")
	switch {
	case begins && !strings.HasSuffix(text, " HTTP/1.0"), whole && text == "":
		c.headEnd = true
		return line
	case !whole:
		return line
	}
	return withoutScheme(line)
}

// withoutScheme takes "http://" or "https://" out of a Host field.
func withoutScheme(line []byte) []byte {
	name, value, found := bytes.Cut(line, []byte(":"))
	if !found || !bytes.EqualFold(name, []byte("Host")) {
		return line
	}
	value = bytes.TrimLeft(value, " \t")
	for _, scheme := range []string{"https://", "http://"} {
		if len(value) >= len(scheme) && strings.EqualFold(string(value[:len(scheme)]), scheme) {
			return append([]byte("Host: "), value[len(scheme):]...)
		}
	}
	return line
}
