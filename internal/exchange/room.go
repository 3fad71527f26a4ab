package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// How much of what a target sends is kept. A run keeps what all its cases were answered, and many cases run at once.
const (
	// roomOfACase is how much all answers of one case may have above smallBody each. The next ones are cut there.
	roomOfACase = 8 << 20
	smallBody   = 64 << 10
	// maxWhole is more than any script that a page makes people wait for.
	maxWhole = 8 << 20
	// maxLines is how many header lines an answer may have, and MaxHeader how long they may be: many times what browsers
	// and gateways take.
	maxLines  = 256
	MaxHeader = 64 << 10
)

// whole is the key of a context whose answers are not cut at MaxBody.
type whole struct{}

// Whole is a context for answers that are no evidence and of no use when cut, such as a page's scripts.
func Whole(ctx context.Context) context.Context { return context.WithValue(ctx, whole{}, true) }

// sparing is the key of how much room is left for large answers.
type sparing struct{}

// Sparing is a context whose answers are all kept, so that what they may have together is limited too.
func Sparing(ctx context.Context) context.Context {
	left := new(atomic.Int64)
	left.Store(roomOfACase)
	return context.WithValue(ctx, sparing{}, left)
}

// room is how long the next answer's body may be.
func room(ctx context.Context) int {
	if ctx.Value(whole{}) != nil {
		return maxWhole
	}
	if left, limited := ctx.Value(sparing{}).(*atomic.Int64); limited {
		return min(MaxBody, max(int(left.Load()), smallBody))
	}
	return MaxBody
}

func spend(ctx context.Context, length int) {
	left, limited := ctx.Value(sparing{}).(*atomic.Int64)
	if limited && ctx.Value(whole{}) == nil && length > smallBody {
		left.Add(-int64(length))
	}
}

func readBody(from io.Reader, room int) (body []byte, cut bool, err error) {
	body, err = io.ReadAll(io.LimitReader(from, int64(room)+1))
	if len(body) > room {
		return body[:room:room], true, err
	}
	return body, false, err
}

// noAnswer says why what net/http takes for an answer is none.
func noAnswer(response *http.Response) error {
	lines := 0
	for _, values := range response.Header {
		lines += len(values)
	}
	switch {
	case lines > maxLines:
		return fmt.Errorf("an answer with %d header lines", lines)
	case response.ProtoMajor != 1 && response.ProtoMajor != 2:
		return fmt.Errorf("an answer in HTTP/%d.%d", response.ProtoMajor, response.ProtoMinor)
	case response.StatusCode < 100: // RFC 9110 section 15
		return fmt.Errorf("an answer with the status %03d", response.StatusCode)
	}
	return nil
}

// malformed tells what came and is no answer from a connection that was cut, and from a server that does not speak HTTP.
func malformed(err error) bool {
	var network net.Error
	var system syscall.Errno
	return !errors.As(err, &network) && !errors.As(err, &system) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) &&
		!errors.Is(err, context.Canceled) && !strings.Contains(err.Error(), "malformed HTTP response") && !strings.Contains(err.Error(), "closed")
}

// longestReason is how much of an error is told: those of net/http quote what came.
const longestReason = 400

func reason(err error, timeout time.Duration) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("nothing came within %s", timeout)
	}
	if text := err.Error(); len(text) > longestReason {
		short, _, _ := strings.Cut(text[:strings.LastIndex(text[:longestReason/4], ": ")+1], `"`)
		return &long{fmt.Sprintf("%s … (%d bytes)", short, len(text)), err}
	}
	return err
}

// long is an error that is told in short.
type long struct {
	text string
	error
}

func (l *long) Error() string { return l.text }
func (l *long) Unwrap() error { return l.error }
