package kit

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"sync"
)

// coded are the quirks of compressed answers, under ids of a dialect's own.
func coded[D Served](dialect string) (all []Declared[D]) {
	const row = "ANY-CODING"
	deed := func(due func(*Call, Answer) bool, write func(h http.Header, body []byte) []byte) func(D) {
		return func(d D) { d.Base().compresses(due, write) }
	}
	defect := func(id, text string, due func(*Call, Answer) bool, write func(h http.Header, body []byte) []byte) {
		all = append(all, Defect(dialect+"-"+id, row, text, deed(due, write)))
	}
	refusal := func(c *Call, a Answer) bool { return a.Refusal() && wantsGzip(c, a) }
	defect("gzip-unlabelled", "Refusals are compressed for who asks for gzip, and do not say so.", refusal, func(h http.Header, body []byte) []byte {
		delete(h, "Content-Encoding")
		return gzipped(body)
	})
	defect("gzip-mislabelled", "Refusals say Content-Encoding: gzip to who asks for it, and are not compressed.", refusal, func(_ http.Header, body []byte) []byte { return body })
	defect("gzip-cut", "Answers that are compressed lack the end of the gzip.", wantsGzip, func(_ http.Header, body []byte) []byte {
		packed := gzipped(body)
		return packed[:len(packed)-8]
	})
	plainly := func(_ http.Header, body []byte) []byte { return gzipped(body) }
	all = append(all,
		Liberty(dialect+"-gzip", row, "Answers are compressed for who asks for gzip.", deed(wantsGzip, plainly)),
		Liberty(dialect+"-gzip-unasked", row, "Answers are compressed with gzip, whether anybody asks for it or not (RFC 9110 12.5.3).", deed(func(*Call, Answer) bool { return true }, plainly)))
	return all
}

func wantsGzip(c *Call, _ Answer) bool {
	return strings.Contains(c.Header.Get("Accept-Encoding"), "gzip")
}

// packers are kept, because making one takes longer than its work.
var packers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

func gzipped(body []byte) []byte {
	var out bytes.Buffer
	w := packers.Get().(*gzip.Writer)
	defer packers.Put(w)
	w.Reset(&out)
	_, _ = w.Write(body) // a bytes.Buffer does not fail
	_ = w.Close()
	return out.Bytes()
}

// compresses has answers with a body sent in another coding.
func (s *Service) compresses(due func(*Call, Answer) bool, write func(h http.Header, body []byte) []byte) {
	s.OnSending(func(c *Call, a Answer) Answer {
		if due(c, a) && a.Page == nil && a.Location == "" {
			c.w.Header()["Content-Encoding"] = []string{"gzip"}
		}
		return a
	})
	s.send = func(w http.ResponseWriter, status int, body []byte) {
		switch {
		case len(body) == 0:
			delete(w.Header(), "Content-Encoding")
		case w.Header()["Content-Encoding"] != nil:
			body = write(w.Header(), body)
		}
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}
}
