package chromium

import (
	"context"
	"net/http"
	"net/url"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
)

// Host is what pages are shown by. Its methods are called concurrently.
type Host interface {
	// Answer answers a request; nil lets it fail. It must return when ctx ends.
	Answer(ctx context.Context, r *Request) *Answer

	// Leaves is told where a page sends its window when that is no http(s): an application's own scheme, which no
	// request will ever show.
	Leaves(w *Window, to string)

	// Told is what a page said through the function named Tell.
	Told(w *Window, message string)
}

// Tell is the function that every page has to say something to its host.
const Tell = "gonogoTell"

// Part says what a request is for.
type Part int

// The parts.
const (
	Page  Part = iota // what the window shows
	Frame             // a page inside it
	Piece             // scripts and style sheets, without which pages do not work
	Data              // what a script asks for
	Media             // images, fonts and the like
)

// Request is what a page asks for.
type Request struct {
	Window *Window
	Part   Part
	Method string
	URL    *url.URL
	Header http.Header
	Body   []byte
}

// Answer is what it gets.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Visit is some windows with cookies of their own.
type Visit struct {
	host    Host
	process *process
	id      cdp.BrowserContextID
	ctx     context.Context // ends with the visit
	cancel  context.CancelFunc
	leave   func()

	windows []*Window // in the order they were opened; under process.mu
	stirred chan struct{}

	mu      sync.Mutex
	over    bool
	answers sync.WaitGroup
}

func (p *process) visit(ctx context.Context, host Host, leave func()) (*Visit, error) {
	created, err := call(ctx, p, target.CreateBrowserContext, target.CreateBrowserContextParams{})
	if err != nil {
		return nil, err
	}
	v := &Visit{host: host, process: p, id: created.BrowserContextID, leave: leave, stirred: make(chan struct{}, 1)}
	v.ctx, v.cancel = context.WithCancel(ctx)
	p.mu.Lock()
	p.visits[v.id] = v
	p.mu.Unlock()
	return v, nil
}

// Close ends the visit: its windows are closed and its cookies forgotten. What its host is still answering is
// waited for.
func (v *Visit) Close() {
	v.cancel()
	v.mu.Lock()
	v.over = true
	v.mu.Unlock()
	p := v.process
	p.mu.Lock()
	delete(p.visits, v.id)
	windows := v.windows
	p.mu.Unlock()
	ctx, cancel := context.WithTimeout(p.ctx, answerTime)
	_, _ = call(ctx, p, target.DisposeBrowserContext, target.DisposeBrowserContextParams{BrowserContextID: v.id})
	cancel()
	for _, w := range windows {
		p.ended(w.id, false)
		w.detach()
	}
	v.answers.Wait()
	v.leave()
}

// answering reports that a request came in time to be answered; Close then waits for answers.Done.
func (v *Visit) answering() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.over {
		v.answers.Add(1)
	}
	return !v.over
}

// Open opens an empty window.
func (v *Visit) Open(ctx context.Context) (*Window, error) {
	newWindow := true
	created, err := call(ctx, v.process, target.CreateTarget, target.CreateTargetParams{URL: "about:blank", BrowserContextID: v.id, NewWindow: &newWindow})
	if err != nil {
		return nil, err
	}
	return v.await(ctx, func(w *Window) bool { return w.id == created.TargetID })
}

// await waits for a window until it can be worked with.
func (v *Visit) await(ctx context.Context, wanted func(*Window) bool) (*Window, error) {
	for {
		for _, w := range v.Windows() {
			if wanted(w) {
				return w, w.ready(ctx)
			}
		}
		select {
		case <-v.stirred:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-v.process.ctx.Done():
			return nil, v.process.blame(ctx, ErrLost)
		}
	}
}

// Windows are the windows that were opened so far, closed ones included.
func (v *Visit) Windows() []*Window {
	v.process.mu.Lock()
	defer v.process.mu.Unlock()
	return append([]*Window{}, v.windows...)
}

// Stirred receives when something happened since it was last asked: a window, a request, an answer. Only one may
// wait for it.
func (v *Visit) Stirred() <-chan struct{} { return v.stirred }

func (v *Visit) stir() {
	select {
	case v.stirred <- struct{}{}:
	default:
	}
}

// Lost reports that Chromium is gone.
func (v *Visit) Lost() bool { return v.process.ctx.Err() != nil }
