package wire

import (
	"bytes"
	"errors"
	"io"
	"slices"
)

// Why an answer cannot be read, beside what reading from the connection says. io.EOF is one that has not begun, and
// io.ErrUnexpectedEOF one that has.
var (
	ErrMalformed = errors.New("that is no HTTP/1.1 answer")
	ErrTooLong   = errors.New("the answer is too long")
)

// A buffer holds nearly every answer as it is. What a long one took is given back after it.
const buffer, keptBuffer = 4 << 10, 64 << 10

// Reader reads the answers of one connection.
type Reader struct {
	from    io.Reader
	buf     []byte
	at, end int    // what was received and is not read yet
	body    []byte // of an answer in chunks
}

// NewReader reads from a connection.
func NewReader(from io.Reader) *Reader { return &Reader{from: from, buf: make([]byte, buffer)} }

// Received reads answers that have come already, and may write into them.
func Received(all []byte) *Reader {
	return &Reader{from: bytes.NewReader(nil), buf: slices.Clip(all), end: len(all)}
}

// Rest is what was received and belongs to no answer yet.
func (r *Reader) Rest() []byte { return r.buf[r.at:r.end] }

// Wait waits for an answer's first byte.
func (r *Reader) Wait() error {
	if r.at < r.end {
		return nil
	}
	r.at, r.end = 0, 0
	if len(r.buf) > keptBuffer {
		r.buf = make([]byte, buffer)
	}
	if cap(r.body) > keptBuffer {
		r.body = nil
	}
	return r.fill()
}

// fill receives what there is. Places in the buffer stay the same.
func (r *Reader) fill() error {
	if r.end == len(r.buf) {
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
	}
	n, err := r.from.Read(r.buf[r.end:])
	r.end += n
	switch {
	case n > 0:
		return nil
	case err == nil:
		return io.ErrNoProgress
	default:
		return err
	}
}

// more receives what must come, because an answer has begun.
func (r *Reader) more() error {
	err := r.fill()
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Read reads the answer to a request with this method, past any interim ones (RFC 9110, 15.2).
func (r *Reader) Read(answer *Answer, method string) error {
	if err := r.Wait(); err != nil {
		return err
	}
	for {
		var h head
		if err := r.head(&h); err != nil {
			return err
		}
		if h.status/100 == 1 && h.status != 101 {
			continue
		}
		answer.Status, answer.Close, answer.fields = h.status, h.closes(), r.buf[h.begin:h.end]
		return r.content(answer, &h, method)
	}
}

// line takes the next line, without its end. limit is where in the buffer it must have ended.
func (r *Reader) line(limit int) ([]byte, error) {
	for from := r.at; ; {
		if i := bytes.IndexByte(r.buf[from:r.end], '\n'); i >= 0 {
			line := r.buf[r.at : from+i]
			r.at = from + i + 1
			return bytes.TrimSuffix(line, crlf[:1]), nil
		}
		if r.end >= limit {
			return nil, ErrTooLong
		}
		from = r.end
		if err := r.more(); err != nil {
			return nil, err
		}
	}
}

var crlf = []byte("\r\n")

// content reads what comes after the head (RFC 9112, 6.3).
func (r *Reader) content(answer *Answer, h *head, method string) error {
	switch {
	case method == "HEAD" || h.status == 204 || h.status == 304:
		answer.Body = nil
	case h.status == 101: // whatever comes now, it is not HTTP
		answer.Body, answer.Close = nil, true
	case h.chunked:
		return r.chunks(answer, h.end)
	case h.sized && h.length > MaxBody:
		return ErrTooLong
	case h.sized:
		for r.end-r.at < int(h.length) {
			if err := r.more(); err != nil {
				return err
			}
		}
		answer.fields = r.buf[h.begin:h.end] // the buffer may have been replaced by a larger one
		answer.Body = r.buf[r.at : r.at+int(h.length)]
		r.at += int(h.length)
	default:
		answer.Close = true
		for {
			if err := r.fill(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return err
			}
			if r.end-r.at > MaxBody {
				return ErrTooLong
			}
		}
		answer.fields = r.buf[h.begin:h.end]
		answer.Body = r.buf[r.at:r.end]
		r.at = r.end
	}
	return nil
}
