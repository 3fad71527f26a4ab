package front

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gonogo/internal/coding"
)

// rewritten is upstream's answer with its addresses replaced by the watched ones.
func (h *hand) rewritten(origin Answer, header http.Header) Answer {
	a := Answer{Status: origin.Status, Header: header, Body: origin.Body}
	if isText(a) {
		if plain, _, read := decoded(a, h.front.config.MaxBody); read {
			h.x.Sealed = h.front.links.sealed(plain)
			if body, changed := h.front.links.outward(plain, h.r.Host, h.listener); changed {
				a.Body = body
				a.plain()
			}
		}
	}
	return a
}

// plain takes from the head what only held for the body that came.
func (a *Answer) plain() {
	for _, name := range []string{"Content-Encoding", "Content-Digest", "Repr-Digest", "Digest", "Content-Md5"} {
		a.Header.Del(name)
	}
}

// isText reports a body in which links can stand.
func isText(a Answer) bool {
	kind, _, _ := strings.Cut(strings.ToLower(a.Header.Get("Content-Type")), ";")
	kind = strings.TrimSpace(kind)
	return strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "json") || strings.HasSuffix(kind, "xml") || strings.HasSuffix(kind, "javascript") ||
		kind == "application/x-www-form-urlencoded" || kind == "application/jwt" || kind == "" && utf8.Valid(a.Body)
}

// decoded is a body without its codings, whether it had any, and whether it could be read.
func decoded(a Answer, room int64) (plain []byte, coded, read bool) {
	names := strings.Join(a.Header["Content-Encoding"], ",")
	if names == "" || strings.EqualFold(names, "identity") {
		return a.Body, false, true
	}
	plain, err := coding.Decode(names, a.Body, int(room))
	return plain, true, err == nil && int64(len(plain)) <= room
}

// framing is how a body's end is told.
type framing struct {
	length  bool               // by Content-Length; else by chunks
	trailer func() http.Header // what follows a body in chunks; nil: nothing
}

// give is an answer's way to the client: the head's addresses, the deed, and then its bytes. The rest of a long body, if there is any,
// passes through.
func (h *hand) give(a Answer, shape framing, rest io.Reader) {
	a.Header = a.Header.Clone()
	if a.Header == nil {
		a.Header = http.Header{}
	}
	if h.x.Origin != nil {
		endToEnd(a.Header)
		h.front.links.head(a.Header, h.r.Host, h.listener)
	}
	if h.deed.Change != nil && h.deed.Instead == nil {
		h.change(&a)
	}
	if h.deed.Delay > 0 {
		h.wait()
	}
	if h.deed.Cut {
		if rest != nil {
			_, _ = io.Copy(io.Discard, rest) // upstream acts to its end
		}
		h.front.leave(h.x)
		h.c.reset()
		panic(http.ErrAbortHandler)
	}
	h.write(a, shape, rest)
}

// change lets the deed have its way with an answer, and keeps its head true to its body.
func (h *hand) change(a *Answer) {
	body := a.Body
	plain, coded, read := decoded(*a, h.front.config.MaxBody)
	if coded && read && !a.Cut {
		a.Body = plain
	}
	before := a.Body
	a.Body = bytes.Clone(before)
	h.deed.Change(a)
	switch {
	case a.Cut:
		a.Body = body
	case !bytes.Equal(before, a.Body):
		a.plain()
	default:
		a.Body = body
	}
}

// wait holds the answer back.
func (h *hand) wait() {
	timer := time.NewTimer(h.deed.Delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-h.r.Context().Done():
	case <-h.front.ctx.Done():
	}
}

// write gives the client an answer.
func (h *hand) write(a Answer, shape framing, rest io.Reader) {
	wordless := h.r.Method == http.MethodHead || a.Status == http.StatusNoContent || a.Status == http.StatusNotModified
	switch {
	case wordless:
	case rest != nil:
	case shape.length:
		a.Header.Set("Content-Length", strconv.Itoa(len(a.Body)))
	default:
		a.Header.Del("Content-Length")
	}
	out := h.w.Header()
	maps.Copy(out, a.Header)
	if shape.trailer != nil {
		for name := range shape.trailer() {
			out.Add("Trailer", name)
		}
	}
	for _, name := range []string{"Date", "Content-Type"} { // which net/http would say by itself
		if _, said := out[name]; !said {
			out[name] = nil
		}
	}
	h.x.Answer = &a
	there := !gone(h.r.Context(), h.c)
	if rest == nil {
		h.front.leave(h.x)
	}
	h.w.WriteHeader(a.Status)
	var err error
	if !wordless {
		_, err = h.w.Write(a.Body)
	}
	flush := http.NewResponseController(h.w).Flush
	if rest != nil && err == nil {
		err = h.stream(&a, rest, flush)
	}
	if shape.trailer != nil && !wordless {
		for name, values := range shape.trailer() {
			out[http.TrailerPrefix+name] = slices.Clone(values)
		}
	}
	h.front.leave(h.x)
	err = errors.Join(err, flush())
	h.x.whole = err == nil && there && !h.c.refused()
	if err != nil {
		panic(http.ErrAbortHandler) // the end of the body must not look like one
	}
}

// stream passes the rest of a body through as it comes, and keeps its beginning.
func (h *hand) stream(a *Answer, rest io.Reader, flush func() error) error {
	room := make([]byte, 32<<10)
	a.Cut, h.x.Origin.Cut = false, false
	for {
		n, err := rest.Read(room)
		if n > 0 {
			left := int(h.front.config.MaxBody) - len(a.Body)
			a.Body = append(a.Body, room[:min(n, left)]...)
			a.Cut = a.Cut || n > left
			h.x.Origin.Body, h.x.Origin.Cut = a.Body, a.Cut
			if _, wrong := h.w.Write(room[:n]); wrong != nil {
				return wrong
			}
			if wrong := flush(); wrong != nil {
				return wrong
			}
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			h.brokenOff(err)
			return err
		}
	}
}
