package kit

import (
	"fmt"
	"net/http"
	"strconv"
)

// framed are the quirks of where an answer ends, under ids of a dialect's own.
func framed[D Served](dialect string) []Declared[D] {
	return []Declared[D]{
		Defect(dialect+"-length-short", "ANY-FRAMING", "Refusals announce eight bytes less than they have.", func(d D) { d.Base().spills(8) }),
	}
}

// spills has refusals announce less than they have.
func (s *Service) spills(less int) {
	s.send = func(w http.ResponseWriter, status int, body []byte) {
		if status < 400 || len(body) < less || !spill(w, status, body, len(body)-less) {
			w.WriteHeader(status)
			_, _ = w.Write(body)
		}
	}
}

// spill writes an answer whose length is not the announced one, which net/http does not, and reports whether it could.
func spill(w http.ResponseWriter, status int, body []byte, announced int) bool {
	conn, out, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return false
	}
	h := w.Header()
	h["Content-Length"], h["Connection"] = []string{strconv.Itoa(announced)}, []string{"close"}
	_, _ = fmt.Fprintf(out, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	_ = h.Write(out)
	_, _ = fmt.Fprintf(out, "\r\n%s", body)
	_ = out.Flush()
	_ = conn.Close()
	return true
}
