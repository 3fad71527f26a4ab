package drive

import "sync"

// Tail keeps the end of what is written to it, by any goroutine: Most bytes.
type Tail struct {
	Most int

	lock sync.Mutex
	kept []byte
	lost bool
}

func (t *Tail) Write(p []byte) (int, error) {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - t.Most; over > 0 {
		t.kept, t.lost = append(t.kept[:0], t.kept[over:]...), true
	}
	return len(p), nil
}

// Kept is what there is of it; lost: there was more before.
func (t *Tail) Kept() (text []byte, lost bool) {
	t.lock.Lock()
	defer t.lock.Unlock()
	return append([]byte(nil), t.kept...), t.lost
}

func (t *Tail) String() string {
	text, _ := t.Kept()
	return string(text)
}
