package exchange

import (
	"bytes"
	"io"
	"log"
	"sync"
)

// hushNetHTTP keeps net/http from quoting what a target sends to standard error. It says so there, by the standard
// logger and with all that came, tokens too, when bytes come that nobody asked for. Everything else that a process logs
// is its own affair.
var hushNetHTTP = sync.OnceFunc(func() { log.SetOutput(hush{log.Writer()}) })

type hush struct{ io.Writer }

func (h hush) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("Unsolicited response received on idle HTTP channel")) {
		return len(line), nil
	}
	return h.Writer.Write(line)
}
