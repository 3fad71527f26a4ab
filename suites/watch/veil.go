package watch

import (
	"bytes"
	"io"
	"sync"

	"gonogo/internal/exchange"
	"gonogo/internal/front"
)

// veil hands on what the commands say, a line at a time, with marks in the place of secrets. A line may show a token of an answer
// whose exchange is not over, which nobody knows for a secret yet: it is held until every exchange is over that had begun before it.
type veil struct {
	redactor *exchange.Redactor
	to       io.Writer

	mu   sync.Mutex
	open map[int]bool // exchanges that are not over
	last int          // the exchange that began last
	said []byte       // the line that is being written
	held []held
}

// held is a line, and the last exchange that had begun before it.
type held struct {
	text  string
	after int
}

// longestLine is how much of a line is waited for: the rest is another.
const longestLine = 64 << 10

func newVeil(redactor *exchange.Redactor, to io.Writer) *veil {
	return &veil{redactor: redactor, to: to, open: map[int]bool{}}
}

// Write takes in what a command says.
func (v *veil) Write(p []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.said = append(v.said, p...)
	for {
		end := bytes.IndexByte(v.said, '\n') + 1
		if end == 0 && len(v.said) < longestLine {
			break
		} else if end == 0 {
			end = len(v.said)
		}
		v.held = append(v.held, held{string(v.said[:end]), v.last})
		v.said = v.said[end:]
	}
	v.show()
	return len(p), nil
}

func (v *veil) begun(x *front.Exchange) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.open[x.Number], v.last = true, max(v.last, x.Number)
}

func (v *veil) over(x *front.Exchange) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.open, x.Number)
	v.show()
}

// end shows all that is left, when nothing is under way any more.
func (v *veil) end() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.open = map[int]bool{}
	v.held = append(v.held, held{text: string(v.said)})
	v.said = nil
	v.show()
}

// show hands on the lines whose secrets are known. v.mu is held.
func (v *veil) show() {
	for len(v.held) > 0 {
		for number := range v.open {
			if number <= v.held[0].after {
				return
			}
		}
		_, _ = io.WriteString(v.to, v.redactor.String(v.held[0].text)) // whoever cannot take it must not stop the watch
		v.held = v.held[1:]
	}
}
