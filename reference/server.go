package reference

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// maxHeader leaves room for the longest state and redirect URI that a
	// browser would carry.
	maxHeader = 16 << 10
	// maxTokens is about 1 GB of tokens: several minutes of a saturating load.
	maxTokens = 8 << 20
	// maxConnections is above what a load test opens, below the usual limit
	// on open files.
	maxConnections = 8192
	// sweepEvery bounds how long expired entries stay in memory.
	sweepEvery = 20 * time.Second
)

// Server is a running reference server.
type Server struct {
	config   Config
	clock    Clock
	switches switches
	accounts *directory
	seeded   Accounts
	proxies  []netip.Prefix // Config.TrustedProxies
	desks    map[string]*desk
	unknown  *desk // answers for paths of no dialect
	journal  *journal
	log      *log.Logger

	api, www, control *listener
	closing           chan struct{}
	closeOnce         sync.Once
	background        sync.WaitGroup
}

// listener is one address with what is served there.
type listener struct {
	net.Listener
	http *http.Server
}

func (l *listener) url() string {
	if l == nil {
		return ""
	}
	address := l.Addr().(*net.TCPAddr)
	if address.IP.IsUnspecified() {
		return fmt.Sprintf("http://127.0.0.1:%d", address.Port)
	}
	return "http://" + address.String()
}

// Start checks the configuration and starts a server, which listens when Start
// returns. ctx bounds the starting only: a running server ends with Shutdown
// or Kill.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	cfg, err := cfg.checked()
	if err != nil {
		return nil, err
	}
	s := &Server{config: cfg, desks: map[string]*desk{}, journal: newJournal(), closing: make(chan struct{}), log: log.New(io.Discard, "", 0)}
	if cfg.Log != nil {
		s.log = log.New(cfg.Log, "", 0)
	}
	if s.switches, err = switchOn(cfg.Dialects, cfg.Defects, cfg.Liberties); err != nil {
		return nil, err
	}
	if s.proxies, err = prefixes(cfg.TrustedProxies); err != nil {
		return nil, fmt.Errorf("the trusted proxy %w", err)
	}
	if s.seeded, err = seeds(cfg.SeedFile, cfg.Dialects); err != nil {
		return nil, err
	}
	// The addresses first: the helper client's redirect URI is one of them.
	if err := s.listen(ctx); err != nil {
		s.Kill()
		return nil, err
	}
	s.seeded.registerHelper(s.URL() + helperPath)
	if s.accounts, err = newDirectory(s.seeded); err != nil {
		s.Kill()
		return nil, err
	}
	s.open()
	s.background.Go(s.sweepNowAndThen)
	s.announce()
	return s, nil
}

// openDialects builds what each dialect serves, by path.
func (s *Server) openDialects() (api, pages routeTable) {
	api, pages = routeTable{}, routeTable{}
	s.unknown = &desk{Server: s, switches: make(switches, len(catalogue))}
	for _, d := range dialects {
		if !slices.Contains(s.config.Dialects, d.id) {
			continue
		}
		desk := &desk{Server: s, switches: s.switches, dialect: d.id, common: d.common}
		s.desks[d.id] = desk
		for _, r := range d.open(desk) {
			r.desk, r.allow = desk, allowed(r.methods)
			if r.page {
				desk.pages = append(desk.pages, r.path)
			}
			if r.page && s.config.WWW != "" {
				pages[r.path] = &r
			} else {
				api[r.path] = &r
			}
		}
	}
	if len(s.desks) == 1 {
		// Who serves one dialect only is that dialect's host, also where it
		// has nothing.
		s.unknown.shape = s.desks[s.config.Dialects[0]].shape
	}
	return api, pages
}

func (s *Server) listen(ctx context.Context) (err error) {
	if s.api, err = s.bind(ctx, s.config.Listen); err != nil {
		return err
	}
	if s.config.WWW != "" {
		if s.www, err = s.bind(ctx, s.config.WWW); err != nil {
			return err
		}
	}
	if s.config.Control != controlOff {
		s.control, err = s.bind(ctx, s.config.Control)
	}
	return err
}

// bind takes an address; nothing is answered there before serve.
func (s *Server) bind(ctx context.Context, address string) (*listener, error) {
	var lc net.ListenConfig
	inner, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("cannot listen: %w", err)
	}
	if slices.Contains(s.config.Dialects, "kitchenmonki") { // its document shows a request with a URL there
		inner = urlHosts{inner}
	}
	return &listener{limitConnections(inner, maxConnections), &http.Server{
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       20 * time.Second,
		WriteTimeout:      hangLimit + s.config.Delay + 30*time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          s.log,
		ConnContext:       withConnection,
	}}, nil
}

// open starts to answer on every listener.
func (s *Server) open() {
	api, pages := s.openDialects()
	s.addSite(api, pages)
	s.serve(s.api, s.front(api))
	if s.www != nil {
		s.serve(s.www, s.front(pages))
	}
	if s.control != nil {
		s.serve(s.control, s.controlAPI())
	}
}

func (s *Server) serve(l *listener, h http.Handler) {
	l.http.Handler = h
	s.background.Go(func() {
		if err := l.http.Serve(l.Listener); !errors.Is(err, http.ErrServerClosed) {
			s.log.Printf("%s: %v", l.url(), err)
		}
	})
}

// announce says what this is before anybody can mistake it for something else.
func (s *Server) announce() {
	s.log.Printf("TEST ONLY: reference server for %s. It keeps nothing and its accounts are public.", strings.Join(s.config.Dialects, ", "))
	s.log.Printf("TEST ONLY: API      %s", s.URL())
	s.log.Printf("TEST ONLY: start    %s (what is here, to look at with a browser)", s.StartPageURL())
	if s.www != nil {
		s.log.Printf("TEST ONLY: consent  %s", s.WWWURL())
	}
	if s.control != nil {
		s.log.Printf("TEST ONLY: control  %s (GET /__control/health)", s.ControlURL())
	}
	accounts := "reference/README.md"
	if s.config.SeedFile != "" {
		accounts += " and " + s.config.SeedFile
	}
	s.log.Printf("TEST ONLY: %d clients and %d users to test with are listed in %s", len(s.seeded.Clients), len(s.seeded.Users), accounts)
	for i, c := range catalogue {
		if s.switches[i] {
			what := "liberty"
			if c.defect {
				what = "DEFECT"
			}
			s.log.Printf("TEST ONLY: %s %s: %s", what, c.ID, c.Text)
		}
	}
}

// URL is where the API listens, like http://127.0.0.1:8080.
func (s *Server) URL() string { return s.api.url() }

// WWWURL is where the consent pages are: URL, unless Config.WWW is set.
func (s *Server) WWWURL() string {
	if s.www == nil {
		return s.URL()
	}
	return s.www.url()
}

// StartPageURL is the page that says what is here and links to the others.
func (s *Server) StartPageURL() string { return s.URL() + startPath }

// ControlURL is where the control API listens; "" when it is off.
func (s *Server) ControlURL() string { return s.control.url() }

// Accounts are the accounts that the server started with.
func (s *Server) Accounts() Accounts {
	return Accounts{slices.Clone(s.seeded.Clients), slices.Clone(s.seeded.Users)}
}

// Settings are what a client of a dialect must be told of this server, because
// the dialect's document leaves it open: "revoke_path" of b2b, "refresh_scheme" is "bare" and "body" is
// "form" where a liberty says so.
func (s *Server) Settings(dialect string) map[string]string {
	if d := s.desks[dialect]; d != nil {
		return maps.Clone(d.settings)
	}
	return nil
}

// Shutdown stops accepting, finishes the requests under way, and closes. When
// ctx ends first, what is left is cut off and the context's error answered.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stop()
	var wg sync.WaitGroup
	errs := make([]error, 3)
	for i, l := range s.listeners() {
		wg.Go(func() {
			if errs[i] = l.http.Shutdown(ctx); errs[i] != nil {
				_ = l.http.Close()
			}
		})
	}
	wg.Wait()
	s.background.Wait()
	return errors.Join(errs...)
}

// Kill closes the listeners and every connection now.
func (s *Server) Kill() {
	s.stop()
	for _, l := range s.listeners() {
		_ = l.http.Close()
		_ = l.Close() // which the line before leaves open when nothing was served there yet
	}
	s.background.Wait()
}

// stop releases what waits inside the server.
func (s *Server) stop() { s.closeOnce.Do(func() { close(s.closing) }) }

func (s *Server) listeners() []*listener {
	return slices.DeleteFunc([]*listener{s.api, s.www, s.control}, func(l *listener) bool { return l == nil })
}

func (s *Server) sweepNowAndThen() {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-s.closing:
			return
		case <-tick.C:
			s.sweep()
		}
	}
}

// sweep forgets everything that has expired.
func (s *Server) sweep() {
	now := s.clock.Now()
	for _, d := range s.desks {
		for _, sweep := range d.sweeps {
			sweep(now)
		}
	}
}
