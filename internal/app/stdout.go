package app

import (
	"io"
	"sync"
)

// tolerant is standard output: what keeps it from being written, a full disk or a reader that has gone, must not keep a
// run from its end and its reports. It is told then, and the run counts as incomplete.
type tolerant struct {
	io.Writer

	mu     sync.Mutex
	failed error
	room   func() // makes room in the terminal that it may share with a status line; nil: nothing is there
}

// makeRoom has something done before each writing.
func (w *tolerant) makeRoom(by func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.room = by
}

func (w *tolerant) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.room != nil {
		w.room()
	}
	if w.failed == nil {
		_, w.failed = w.Writer.Write(p)
	}
	return len(p), nil
}

// lost is why not everything was written; nil: it was.
func (w *tolerant) lost() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed
}
