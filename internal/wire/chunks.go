package wire

import (
	"bytes"
	"strconv"
)

// A chunk's line has a length and extensions that nobody uses. More than this is not meant well.
const maxChunkLine = 4 << 10

// chunks reads a body in chunks, and the trailer after it, which is not kept (RFC 9112, 7.1). floor is from where on the
// buffer may be used again.
func (r *Reader) chunks(answer *Answer, floor int) error {
	r.body = r.body[:0]
	for {
		line, err := r.chunkLine()
		if err != nil {
			return err
		}
		size, ok := chunkSize(line)
		if !ok {
			return ErrMalformed
		}
		if size == 0 {
			answer.Body = r.body
			if err := r.lines(new(head), r.at+maxHead); err != nil {
				return err
			}
			if !bytes.HasSuffix(r.buf[:r.at], []byte("\r\n\r\n")) {
				return ErrMalformed
			}
			return nil
		}
		if size > MaxBody-int64(len(r.body)) {
			return ErrTooLong
		}
		if err := r.chunk(int(size), floor); err != nil {
			return err
		}
	}
}

// chunk takes so many bytes and the end of their line.
func (r *Reader) chunk(size, floor int) error {
	for size > 0 {
		if r.at == r.end {
			r.at, r.end = floor, floor
			if err := r.more(); err != nil {
				return err
			}
		}
		n := min(size, r.end-r.at)
		r.body = append(r.body, r.buf[r.at:r.at+n]...)
		r.at += n
		size -= n
	}
	for r.end-r.at < len(crlf) {
		if err := r.more(); err != nil {
			return err
		}
	}
	if !bytes.HasPrefix(r.buf[r.at:r.end], crlf) {
		return ErrMalformed
	}
	r.at += len(crlf)
	return nil
}

// chunkLine takes a line that ends with CR and LF, as a chunk's must: a lone LF may be part of something else to
// somebody else.
func (r *Reader) chunkLine() ([]byte, error) {
	line, err := r.line(r.at + maxChunkLine)
	if err != nil {
		return nil, err
	}
	if !bytes.HasSuffix(r.buf[:r.at], crlf) {
		return nil, ErrMalformed
	}
	return line, nil
}

// chunkSize is the hexadecimal number that a chunk's line begins with.
func chunkSize(line []byte) (int64, bool) {
	digits, _, _ := bytes.Cut(line, []byte(";"))
	size, err := strconv.ParseUint(string(bytes.TrimRight(digits, " \t")), 16, 63)
	return int64(size), err == nil
}
