package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"gonogo/internal/wire"
)

// read judges what one attack left. The error is about results that are of something else.
func (j *judgement) read(ctx context.Context, kept Kept) error {
	source := &watched{from: kept}
	decode := vegeta.DecoderFor(source)
	if decode == nil {
		if source.failed != nil {
			return fmt.Errorf("%s cannot be read: %w", kept.Name, source.failed)
		}
		if source.count == 0 {
			j.short = append(j.short, kept.Name+" is empty: no attack has written a result")
			return nil
		}
		return fmt.Errorf("%s is not what vegeta attack writes, nor what vegeta encode makes of it (gob, JSON or CSV), or it ends within the first result", kept.Name)
	}
	for n := 0; ; n++ {
		if ctx.Err() != nil {
			j.short = append(j.short, fmt.Sprintf("it was interrupted after %d results of %s", n, kept.Name))
			return nil
		}
		var result vegeta.Result
		err := decode(&result)
		if errors.Is(err, io.EOF) && !source.torn() {
			return nil
		}
		if err != nil {
			j.short = append(j.short, fmt.Sprintf("%s is damaged or cut off: of what stands behind %d results nothing can be read", kept.Name, n))
			return nil
		}
		if why := j.take(&result); why != "" {
			return fmt.Errorf("%s, result %d: %s", kept.Name, n+1, why)
		}
	}
}

// answerOf is the answer of a result.
func answerOf(result *vegeta.Result) *wire.Answer {
	answer := &wire.Answer{Status: int(result.Code), Body: result.Body}
	for name, values := range result.Headers {
		for _, value := range values {
			answer.Add(name, value)
		}
	}
	answer.Unpack()
	return answer
}

// incomplete reports whether vegeta kept less of an answer's body than there was (-max-body). Where the answer did not say how long it
// is, that is known of one that is empty, or JSON that ends within a value.
func incomplete(result *vegeta.Result) bool {
	if result.Code == http.StatusNoContent || result.Code == http.StatusResetContent {
		return false
	}
	if length, err := strconv.Atoi(result.Headers.Get("Content-Length")); err == nil {
		return len(result.Body) < length
	}
	var value any
	err := json.NewDecoder(bytes.NewReader(result.Body)).Decode(&value)
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// watched remembers how what is read begins and ends.
type watched struct {
	from        io.Reader
	count       int
	first, last byte
	failed      error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.from.Read(p)
	if n > 0 {
		if w.count == 0 {
			w.first = p[0]
		}
		w.last = p[n-1]
		w.count += n
	}
	if err != nil && !errors.Is(err, io.EOF) {
		w.failed = err
	}
	return n, err
}

// torn reports a text that ends within a line: vegeta's decoder of JSON does not tell that from its end.
func (w *watched) torn() bool { return w.first == '{' && w.last != '\n' }
