package chromium

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/domdebugger"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// Window is one window, or tab.
type Window struct {
	visit  *Visit
	id     target.ID
	opener *Window

	ctx      context.Context // chromedp's
	detach   context.CancelFunc
	attached chan struct{}
	err      error // why it could not be attached; read after attached

	mu       sync.Mutex
	asking   int  // requests that are not answered yet
	loading  bool // a page is on its way
	activity int  // counts what happened
	moves    int  // counts what a press may lead to
	closed   bool
	crashed  bool
}

func newWindow(v *Visit, id target.ID, opener *Window) *Window {
	w := &Window{visit: v, id: id, opener: opener, attached: make(chan struct{})}
	w.ctx, w.detach = chromedp.NewContext(v.process.ctx, chromedp.WithTargetID(id), chromedp.WithDetachOnCancel(), chromedp.WithListener(w.hear))
	return w
}

func (w *Window) attach() {
	defer close(w.attached)
	patience := time.AfterFunc(answerTime, w.detach)
	defer patience.Stop()
	if w.err = chromedp.Do(w.ctx); w.err != nil {
		return
	}
	// Focus, or no field takes what is typed while another window is in front.
	_, w.err = on(w.ctx, w, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	if w.err != nil {
		return
	}
	if _, w.err = on(w.ctx, w, cdpruntime.AddBinding, cdpruntime.AddBindingParams{Name: Tell}); w.err != nil {
		return
	}
	tree, err := on(w.ctx, w, page.GetFrameTree, cdp.Empty{})
	if w.err = err; err == nil {
		w.adopt(tree.FrameTree)
	}
}

// adopt takes the frames that a page had before anybody listened.
func (w *Window) adopt(tree *page.FrameTree) {
	p := w.visit.process
	for _, child := range tree.ChildFrames {
		p.mu.Lock()
		p.known(child.Frame.ID, w)
		p.mu.Unlock()
		w.adopt(child)
	}
}

func (w *Window) ready(ctx context.Context) error {
	select {
	case <-w.attached:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return w.visit.process.blame(ctx, w.err)
}

// on runs a command of the window.
func on[P, R any](ctx context.Context, w *Window, command cdp.Command[P, R], params P) (R, error) {
	result, err := cdp.Call(ctx, chromedp.FromContext(w.ctx).Target, command, params)
	return result, w.visit.process.blame(ctx, err)
}

// hear takes the events of the window. It runs where chromedp reads, and so must not wait for anything.
func (w *Window) hear(event any) {
	switch event := event.(type) {
	case *page.EventFrameAttached:
		p := w.visit.process
		p.mu.Lock()
		p.known(event.FrameID, w)
		p.mu.Unlock()
	case *page.EventFrameStartedNavigating:
		if event.FrameID == cdp.FrameID(w.id) && !requested(event.URL) {
			w.visit.host.Leaves(w, event.URL)
		}
		w.stirs()
	case *page.EventFrameStartedLoading:
		w.loads(event.FrameID, true)
	case *page.EventFrameStoppedLoading:
		w.loads(event.FrameID, false)
	case *page.EventFrameNavigated, *page.EventNavigatedWithinDocument:
		w.stirs()
	case *page.EventJavascriptDialogOpening:
		// "Do you really want to?" comes after a button was pressed, and whoever pressed it does. Nobody is there
		// to type what a prompt asks for.
		accept := event.Type != page.DialogTypePrompt
		go func() {
			_, _ = on(w.visit.ctx, w, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: accept})
		}()
	case *cdpruntime.EventBindingCalled:
		if event.Name == Tell {
			w.visit.host.Told(w, event.Payload)
			w.stirs()
		}
	}
}

// requested reports addresses that Chromium loads by itself or asks its host for.
func requested(address string) bool {
	scheme, _, _ := strings.Cut(address, ":")
	switch strings.ToLower(scheme) {
	case "http", "https", "about", "blob", "data", "javascript", "chrome-error", "filesystem":
		return true
	}
	return false
}

func (w *Window) loads(frame cdp.FrameID, loading bool) {
	if frame == cdp.FrameID(w.id) {
		w.mu.Lock()
		w.loading = loading
		w.moves++
		w.mu.Unlock()
	}
	w.stirs()
}

func (w *Window) stirs() {
	w.mu.Lock()
	w.activity++
	w.mu.Unlock()
	w.visit.stir()
}

func (w *Window) end(crashed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed, w.crashed = w.closed || !crashed, w.crashed || crashed
	w.activity++
}

// State is how a window is at a moment.
type State struct {
	Busy     bool // it is loading, or waits for an answer
	Activity int  // higher than before: something happened meanwhile
	Moves    int  // higher than before: something that a press may have led to, a page or a request of a script
	Closed   bool
	Crashed  bool
}

// State looks at the window.
func (w *Window) State() State {
	w.mu.Lock()
	defer w.mu.Unlock()
	return State{Busy: w.loading || w.asking > 0, Activity: w.activity, Moves: w.moves, Closed: w.closed, Crashed: w.crashed}
}

// Go shows an address, without waiting for it.
func (w *Window) Go(ctx context.Context, address string) error {
	if err := w.ready(ctx); err != nil {
		return err
	}
	w.mu.Lock()
	w.loading = true
	w.mu.Unlock()
	_, err := on(ctx, w, page.Navigate, page.NavigateParams{URL: address})
	return err
}

// Popup has the window's page open another one and show the address there, as a page does when its button is pressed.
// It opens empty: a window whose first page is still awaited answers to nobody, and a dialog on that page would
// block it for good.
func (w *Window) Popup(ctx context.Context, address string) (*Window, error) {
	quoted, err := json.Marshal(address)
	if err != nil {
		return nil, err
	}
	before := w.visit.Windows()
	if err := w.run(ctx, "void (globalThis.gonogoPopup = window.open('', '_blank', 'width=500,height=600'))"); err != nil {
		return nil, err
	}
	popup, err := w.visit.await(ctx, func(other *Window) bool { return other.opener == w && !slices.Contains(before, other) })
	if err != nil {
		return nil, err
	}
	popup.mu.Lock()
	popup.loading = true
	popup.mu.Unlock()
	return popup, w.run(ctx, "void (gonogoPopup.location = "+string(quoted)+")")
}

// Opener is the window that the window's page can speak to, because it was opened from there; nil: none, or it is closed.
func (w *Window) Opener() *Window {
	if w.opener == nil || w.opener.State().Closed {
		return nil
	}
	return w.opener
}

// Listens reports whether the page would hear an event of its window, such as message.
func (w *Window) Listens(ctx context.Context, event string) (bool, error) {
	if err := w.ready(ctx); err != nil {
		return false, err
	}
	global, err := on(ctx, w, cdpruntime.Evaluate, cdpruntime.EvaluateParams{Expression: "window"})
	if err != nil {
		return false, w.changed(ctx, err)
	}
	heard, err := on(ctx, w, domdebugger.GetEventListeners, domdebugger.GetEventListenersParams{ObjectID: global.Result.ObjectID})
	if err != nil {
		return false, w.changed(ctx, err)
	}
	return slices.ContainsFunc(heard.Listeners, func(l *domdebugger.EventListener) bool { return l.Type == event }), nil
}

func (w *Window) run(ctx context.Context, expression string) error {
	gesture := true
	_, err := on(ctx, w, cdpruntime.Evaluate, cdpruntime.EvaluateParams{Expression: expression, UserGesture: &gesture})
	return err
}

//go:embed page.js
var script string

// ErrChanged says that the page was replaced by another one while it was looked at or acted on.
var ErrChanged = errors.New("the page changed meanwhile")

// Look is a page as a human sees it now.
type Look struct {
	HTML     string // what stands on it; Mark names each field, button and link. What cannot be seen is hidden
	URL      string
	Complete bool // it has loaded, with all its parts
	Scripted bool // it has scripts, and may change by itself
}

// Mark is the attribute that says which element an element of Look.HTML is.
const Mark = "data-gonogo"

// Look reads the page.
func (w *Window) Look(ctx context.Context) (Look, error) {
	var look Look
	return look, w.ask(ctx, &look, "look")
}

// Fill puts a value into the field: "on" and "off" tick a box, a list takes the value of an option.
func (w *Window) Fill(ctx context.Context, mark, value string) error {
	var typed bool
	if err := w.ask(ctx, &typed, "fill", mark, value); err != nil || !typed {
		return err
	}
	// As a keyboard does it: a page that listens to its fields trusts nothing else.
	if _, err := on(ctx, w, input.InsertText, input.InsertTextParams{Text: value}); err != nil {
		return err
	}
	return w.ask(ctx, nil, "filled", mark, value)
}

// Press presses the button or link; false if it is disabled.
func (w *Window) Press(ctx context.Context, mark string) (pressed bool, err error) {
	return pressed, w.ask(ctx, &pressed, "press", mark)
}

// Enter is the key Enter in the field: it sends the form.
func (w *Window) Enter(ctx context.Context, mark string) error { return w.ask(ctx, nil, "enter", mark) }

// ask calls a function of the script, which lives in a world of its own: the page can neither see nor change it.
func (w *Window) ask(ctx context.Context, result any, function string, arguments ...string) error {
	if err := w.ready(ctx); err != nil {
		return err
	}
	world, err := on(ctx, w, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: cdp.FrameID(w.id), WorldName: "gonogo"})
	if err != nil {
		return w.changed(ctx, err)
	}
	gesture, byValue, silent := true, true, true
	params := cdpruntime.CallFunctionOnParams{
		FunctionDeclaration: script, ExecutionContextID: world.ExecutionContextID, UserGesture: &gesture, ReturnByValue: &byValue, Silent: &silent,
	}
	for _, argument := range append([]string{function}, arguments...) {
		quoted, err := json.Marshal(argument)
		if err != nil {
			return err
		}
		params.Arguments = append(params.Arguments, &cdpruntime.CallArgument{Value: quoted})
	}
	called, err := on(ctx, w, cdpruntime.CallFunctionOn, params)
	switch {
	case err != nil:
		return w.changed(ctx, err)
	case called.ExceptionDetails != nil:
		return ErrChanged // an element that is gone; the message may quote the page
	case result == nil:
		return nil
	}
	return json.Unmarshal(called.Result.Value, result)
}

// changed is what an error of a command says that worked a moment ago: unless somebody gave up or Chromium died,
// the page it was for is gone.
func (w *Window) changed(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, ErrLost) {
		return err
	}
	return ErrChanged
}
