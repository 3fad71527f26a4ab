// Package live is the page that shows a watch while it runs, and the stream of events (text/event-stream) that the page is told it by.
//
//	GET /                     the page
//	GET /__control/events     the events, since Last-Event-ID where that is known
//
// It must never know how anything is judged, and is given no secret.
package live

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// kept is how many events are there for who comes late, or again: what a watch of a minute tells twice over, in half a megabyte.
	kept = 1000
	// pace is how long what happens is collected before it is written: nobody reads faster.
	pace = 100 * time.Millisecond
	// slow is how long a reader may take for what it is sent. Then it is dropped, and comes again by itself. Close waits as long
	// for readers to hear the end.
	slow = 5 * time.Second
)

// Situation is a situation of the script, as it stands.
type Situation struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	State string `json:"state"` // done, now, ahead or out
	Why   string `json:"why,omitempty"`
}

// Exchange is an exchange of the client.
type Exchange struct {
	Number  int    `json:"number"`
	Clock   string `json:"clock"` // since the watch began, by the API's clock
	Wall    string `json:"wall"`
	Request string `json:"request"`
	Result  string `json:"result"`
	Refused bool   `json:"refused"`
	Total   int    `json:"total"` // of all exchanges until now
}

// Row is a requirement, as far as it is judged.
type Row struct {
	ID      string `json:"id"`
	Level   string `json:"level"`
	Text    string `json:"text"`
	Outcome string `json:"outcome"`
	Got     string `json:"got,omitempty"` // the first finding
}

// Verdict is how the watch ended.
type Verdict struct {
	Verdict string   `json:"verdict"`
	Words   string   `json:"words"`
	Why     []string `json:"why"`
}

// Feed is one watch. It is a http.Handler. What is told never waits for a reader.
type Feed struct {
	page  []byte
	rules string // the page's Content-Security-Policy
	run   string // tells this watch's events from those of another at the same address

	mu      sync.Mutex
	events  []event // in the order of their numbers
	last    int     // number of the last event
	changed chan struct{}
	readers map[*reader]bool
	closed  bool
}

type event struct {
	number int
	kind   string
	data   []byte
}

// reader is somebody who is told.
type reader struct{ heard int }

// New makes the feed of a watch. Its page is called what the title says.
func New(title string) *Feed {
	f := &Feed{run: strconv.FormatInt(time.Now().UnixNano(), 36), changed: make(chan struct{}), readers: map[*reader]bool{}}
	f.page, f.rules = page(title)
	return f
}

// Situations says how the script stands. It takes the place of what it said before, as do Rows and Picture.
func (f *Feed) Situations(all []Situation) { f.tell("situations", all, true) }

// Rows says what is judged so far.
func (f *Feed) Rows(all []Row) { f.tell("rows", all, true) }

// Picture shows the lives of tokens, as HTML that is safe.
func (f *Feed) Picture(html string) { f.tell("picture", html, true) }

// Exchange tells of an exchange.
func (f *Feed) Exchange(x Exchange) { f.tell("exchange", x, false) }

// Read reports whether anybody is told.
func (f *Feed) Read() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.readers) > 0
}

// Close tells the verdict, and waits a moment for readers to hear it.
func (f *Feed) Close(v Verdict) {
	f.tell("verdict", v, true)
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	late := time.After(slow)
	for {
		f.mu.Lock()
		changed, waiting := f.changed, false
		for r := range f.readers {
			waiting = waiting || r.heard < f.last
		}
		f.mu.Unlock()
		if !waiting {
			return
		}
		select {
		case <-changed:
		case <-late:
			return
		}
	}
}

func (f *Feed) tell(kind string, says any, replaces bool) {
	data, err := json.Marshal(says)
	if err != nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return
	}
	if replaces {
		for i, e := range f.events {
			if e.kind == kind {
				f.events = append(f.events[:i], f.events[i+1:]...)
				break
			}
		}
	}
	f.last++
	f.events = append(f.events, event{f.last, kind, data})
	if len(f.events) > kept {
		f.forget()
	}
	f.stir()
}

// forget gives up the oldest exchange: of the other kinds there is only the newest.
func (f *Feed) forget() {
	for i, e := range f.events {
		if e.kind == "exchange" {
			f.events = append(f.events[:i], f.events[i+1:]...)
			return
		}
	}
}

// stir wakes everybody. f.mu is held.
func (f *Feed) stir() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// ServeHTTP has the page and the events.
func (f *Feed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head.Set("Content-Security-Policy", f.rules)
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Cross-Origin-Resource-Policy", "same-origin")
	head.Set("Cross-Origin-Opener-Policy", "same-origin")
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("Cache-Control", "no-store")
	switch {
	case r.Method != http.MethodGet:
		http.Error(w, "there is only GET", http.StatusMethodNotAllowed)
	case foreign(r):
		http.Error(w, "this is for its own page only", http.StatusForbidden)
	case r.URL.Path == "/":
		head.Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(f.page)
	case r.URL.Path == "/__control/events":
		f.stream(w, r)
	default:
		http.NotFound(w, r)
	}
}

// foreign reports a request that the page of another origin makes. A link that somebody follows is none.
func foreign(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" {
		from, err := url.Parse(origin)
		return err != nil || from.Host != r.Host
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return false
	}
	return r.Header.Get("Sec-Fetch-Mode") != "navigate"
}

// stream tells a reader all events that it has not heard, and goes on.
func (f *Feed) stream(w http.ResponseWriter, r *http.Request) {
	me := &reader{heard: f.since(r.Header.Get("Last-Event-ID"))}
	f.mu.Lock()
	f.readers[me] = true
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		delete(f.readers, me)
		f.stir()
		f.mu.Unlock()
	}()
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	if _, err := fmt.Fprintf(w, "retry: 1000\nevent: run\ndata: %q\n\n", f.run); err != nil {
		return
	}
	for {
		f.mu.Lock()
		var fresh []event
		for _, e := range f.events {
			if e.number > me.heard {
				fresh = append(fresh, e)
			}
		}
		changed, last := f.changed, f.last
		f.mu.Unlock()
		_ = out.SetWriteDeadline(time.Now().Add(slow))
		for _, e := range fresh {
			if _, err := fmt.Fprintf(w, "id: %s-%d\nevent: %s\ndata: %s\n\n", f.run, e.number, e.kind, e.data); err != nil {
				return
			}
		}
		if out.Flush() != nil {
			return
		}
		f.mu.Lock()
		me.heard = last
		if f.closed {
			f.stir() // for Close, which waits
		}
		f.mu.Unlock()
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
		select { // more may come
		case <-time.After(pace):
		case <-r.Context().Done():
			return
		}
	}
}

// since is the number of the last event that a reader has heard; 0: none, or one of another watch.
func (f *Feed) since(id string) int {
	run, number, _ := strings.Cut(id, "-")
	n, err := strconv.Atoi(number)
	if run != f.run || err != nil {
		return 0
	}
	return n
}
