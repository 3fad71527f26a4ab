package chromium

import (
	"context"
	"fmt"
	"maps"
	"os"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// process is one run of Chromium.
type process struct {
	path   string
	ctx    context.Context // chromedp's; ends with the process
	cancel func()
	up     chan struct{} // closed when it has started, or failed to
	err    error         // why it failed to; read after up

	mu      sync.Mutex
	visits  map[cdp.BrowserContextID]*Visit
	frames  map[cdp.FrameID]*Window // of all visits; a window's own frame has the window's id
	changed chan struct{}           // closed, and replaced, when a frame becomes known
}

// flags are beside those without which nothing works (headless, the data directory, and no sandbox for root, which
// chromedp adds).
func flags() []chromedp.ExecAllocatorOption {
	on := func(name string) chromedp.ExecAllocatorOption { return chromedp.Flag(name, true) }
	return []chromedp.ExecAllocatorOption{
		chromedp.Headless, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.NoInheritEnv,
		on("disable-gpu"), on("disable-quic"), on("disable-extensions"), on("disable-breakpad"), on("disable-dev-shm-usage"),
		// Nothing leaves the machine: requests of pages are answered by the host of the visit, and what Chromium asks
		// for of its own accord finds no name and no proxy.
		on("disable-background-networking"), on("disable-component-update"), on("disable-sync"), on("disable-default-apps"),
		on("metrics-recording-only"), on("safebrowsing-disable-auto-update"), on("no-pings"), on("no-proxy-server"),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"),
		// A window that is behind others works on like the one in front: visits go on side by side.
		on("disable-background-timer-throttling"), on("disable-backgrounding-occluded-windows"), on("disable-renderer-backgrounding"),
		on("disable-hang-monitor"), on("disable-ipc-flooding-protection"), on("disable-popup-blocking"), on("disable-prompt-on-repost"),
		// Frames of other sites stay in their page's process, so that one session sees all of a page. Addresses are
		// taken as they are written: Chromium would try https first where http is asked for.
		on("disable-site-isolation-trials"),
		chromedp.Flag("disable-features", "Translate,IsolateOrigins,site-per-process,HttpsUpgrades,HttpsFirstBalancedMode,HttpsFirstBalancedModeAutoEnable,HttpsFirstModeIncognito,WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,AimEnabled,WebUIToolbar,InitialWebUI,PreloadTopChromeWebUI,OptimizationHints,MediaRouter"),
		chromedp.Flag("password-store", "basic"), on("use-mock-keychain"),
		chromedp.Flag("lang", "en-US"),
	}
}

// start begins to start Chromium.
func start(path string, env []string) *process {
	home, err := newHome()
	options := append(flags(), chromedp.ExecPath(path), chromedp.Env(append(env, "HOME="+home, "TMPDIR="+home)...))
	quiet := func(string, ...any) {} // messages quote addresses, and those hold codes
	// Not the context of whoever came first: the process serves everybody, until it is closed.
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator, chromedp.WithLogf(quiet), chromedp.WithErrorf(quiet))
	p := &process{
		path: path, ctx: ctx, up: make(chan struct{}), visits: map[cdp.BrowserContextID]*Visit{}, frames: map[cdp.FrameID]*Window{}, changed: make(chan struct{}),
		cancel: sync.OnceFunc(func() {
			cancel()
			stop()
			if err == nil {
				_ = os.RemoveAll(home)
			}
		}),
	}
	go func() {
		defer close(p.up)
		patience := time.AfterFunc(startTime, cancel)
		defer patience.Stop()
		p.err = p.prepare()
	}()
	return p
}

// newHome is a folder to be Chromium's home and temporary folder: it leaves things in both.
func newHome() (string, error) {
	dir := os.TempDir()
	if info, err := os.Stat("/tmp"); len(dir) > maxTemp && err == nil && info.IsDir() {
		dir = "/tmp"
	}
	home, err := os.MkdirTemp(dir, "gonogo-")
	if err != nil {
		return dir, err // it does not start there either, and says so
	}
	return home, nil
}

// maxTemp is how long the temporary folder's path may be: Chromium puts a socket some 60 letters below it, and the
// path of a socket has 108 at the most.
const maxTemp = 40

// startTime is how long Chromium may take to start: 0.5 s on an idle machine, 5 s have been seen on one with eight
// test runs at once.
const startTime = 60 * time.Second

func (p *process) prepare() error {
	err := chromedp.ListenBrowser(p.ctx, p.hear)
	if err == nil {
		_, err = chromedp.CallBrowser(p.ctx, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: "*"}}})
	}
	if err == nil {
		_, err = chromedp.CallBrowser(p.ctx, target.SetDiscoverTargets, target.SetDiscoverTargetsParams{Discover: true})
	}
	if err != nil {
		return p.failed()
	}
	return nil
}

// failed quotes nothing of what Chromium printed: that is pages of warnings, and the reason is seldom among them.
func (p *process) failed() error {
	sandbox := ""
	if os.Geteuid() == 0 {
		sandbox = " --no-sandbox"
	}
	return fmt.Errorf("%w: it does not start; to see why: %s --headless%s --dump-dom about:blank", ErrLost, p.path, sandbox)
}

func (p *process) ready(ctx context.Context) error {
	select {
	case <-p.up:
		return p.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// dead reports a process that is gone; one that is still coming up is not.
func (p *process) dead() bool {
	select {
	case <-p.up:
		return p.err != nil || p.ctx.Err() != nil
	default:
		return false
	}
}

func (p *process) close() {
	p.cancel()
	<-p.up
}

// call runs a command of the browser, not of a window.
func call[P, R any](ctx context.Context, p *process, command cdp.Command[P, R], params P) (R, error) {
	result, err := cdp.Call(ctx, chromedp.FromContext(p.ctx).Browser, command, params)
	return result, p.blame(ctx, err)
}

// blame turns whatever a command reports after Chromium died into ErrLost.
func (p *process) blame(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case p.ctx.Err() != nil:
		return fmt.Errorf("%w: it ended by itself", ErrLost)
	}
	return err
}

// hear takes the events of the browser. It runs where chromedp reads, and so must not wait for anything.
func (p *process) hear(event any) {
	switch event := event.(type) {
	case *target.EventTargetCreated:
		p.opened(event.TargetInfo)
	case *target.EventTargetDestroyed:
		p.ended(event.TargetID, false)
	case *target.EventTargetCrashed:
		p.ended(event.TargetID, true)
	case *fetch.EventRequestPaused:
		go p.route(event)
	}
}

// route brings a request to the window whose frame makes it. The frame may not be known yet: Chromium announces
// windows, frames and requests each on a way of its own.
func (p *process) route(event *fetch.EventRequestPaused) {
	patience := time.NewTimer(answerTime)
	defer patience.Stop()
	for event.FrameID != "" { // service workers have none
		p.mu.Lock()
		w, changed := p.frames[event.FrameID], p.changed
		p.mu.Unlock()
		if w != nil {
			w.serve(event)
			return
		}
		select {
		case <-changed:
			continue
		case <-patience.C:
		case <-p.ctx.Done():
		}
		break
	}
	p.fail(event)
}

func (p *process) fail(event *fetch.EventRequestPaused) {
	_, _ = call(p.ctx, p, fetch.FailRequest, fetch.FailRequestParams{RequestID: event.RequestID, ErrorReason: network.ErrorReasonBlockedByClient})
}

// opened takes note of a window of a visit.
func (p *process) opened(info *target.Info) {
	p.mu.Lock()
	v := p.visits[info.BrowserContextID]
	if v == nil || info.Type != "page" || p.frames[cdp.FrameID(info.TargetID)] != nil {
		p.mu.Unlock()
		return
	}
	opener := p.frames[cdp.FrameID(info.OpenerID)]
	if !info.CanAccessOpener {
		opener = nil // opened with noopener: its page has none
	}
	w := newWindow(v, info.TargetID, opener)
	v.windows = append(v.windows, w)
	p.known(cdp.FrameID(info.TargetID), w)
	p.mu.Unlock()
	go w.attach()
	v.stir()
}

// known says whose a frame is. p.mu is held.
func (p *process) known(id cdp.FrameID, w *Window) {
	p.frames[id] = w
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *process) ended(id target.ID, crashed bool) {
	p.mu.Lock()
	w := p.frames[cdp.FrameID(id)]
	if w == nil || w.id != id {
		p.mu.Unlock()
		return
	}
	if !crashed {
		maps.DeleteFunc(p.frames, func(_ cdp.FrameID, owner *Window) bool { return owner == w })
	}
	p.mu.Unlock()
	w.end(crashed)
	w.visit.stir()
}
