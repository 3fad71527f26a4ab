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
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"gonogo/reference/kit"
)

const (
	// maxHeader leaves room for the longest state and redirect URI that a
	// browser would carry.
	maxHeader = 16 << 10
	// maxConnections is above what a load test opens, below the usual limit
	// on open files.
	maxConnections = 8192
	// sweepEvery bounds how long expired entries stay in memory.
	sweepEvery = 20 * time.Second
)

// Server is a running reference server.
type Server struct {
	host     kit.Host
	config   Config
	quirks   kit.Catalogue // those that are on
	services map[string]*kit.Service
	pages    map[string][]string // a dialect's paths for humans …
	paths    map[string][]string // … and all of them
	unknown  *kit.Service        // answers for paths of no dialect
	journal  *journal

	api, www, control *listener
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
	s := &Server{config: cfg, services: map[string]*kit.Service{}, pages: map[string][]string{}, paths: map[string][]string{}, journal: &journal{}}
	s.host.Closing, s.host.Log = make(chan struct{}), log.New(io.Discard, "", 0)
	if cfg.Log != nil {
		s.host.Log = log.New(cfg.Log, "", 0)
	}
	if s.quirks, err = catalogue().Choose(cfg.Dialects, cfg.Defects, cfg.Liberties); err != nil {
		return nil, err
	}
	if s.host.Proxies, err = kit.Prefixes(cfg.TrustedProxies); err != nil {
		return nil, fmt.Errorf("the trusted proxy %w", err)
	}
	if s.host.Seeded, err = seeds(cfg.SeedFile, cfg.Dialects); err != nil {
		return nil, err
	}
	// The addresses first: the helper client's redirect URI is one of them.
	if err := s.listen(ctx); err != nil {
		s.Kill()
		return nil, err
	}
	registerHelper(&s.host.Seeded, s.URL()+helperPath)
	if s.host.Accounts, err = kit.NewDirectory(s.host.Seeded); err != nil {
		s.Kill()
		return nil, err
	}
	s.host.API, s.host.Pages = s.URL(), s.WWWURL()
	s.open()
	s.background.Go(s.sweepNowAndThen)
	s.announce()
	return s, nil
}

// openDialects builds what each dialect serves, by path.
func (s *Server) openDialects() (api, pages kit.Routes) {
	api, pages = kit.Routes{}, kit.Routes{}
	s.unknown = kit.NewService(&s.host, "")
	for _, d := range dialects {
		if !slices.Contains(s.config.Dialects, d.ID) {
			continue
		}
		service, routes := d.Open(&s.host, s.quirks.Has)
		s.services[d.ID] = service
		for _, r := range routes {
			s.paths[d.ID] = append(s.paths[d.ID], r.Path)
			if r.Page {
				s.pages[d.ID] = append(s.pages[d.ID], r.Path)
			}
			if r.Page && s.config.WWW != "" {
				pages.Add(service, r)
			} else {
				api.Add(service, r)
			}
		}
	}
	if len(s.services) == 1 {
		// Who serves one dialect only is that dialect's host, also where it
		// has nothing.
		s.unknown.StandIn(s.services[s.config.Dialects[0]])
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
	return &listener{netutil.LimitListener(inner, maxConnections), &http.Server{
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       20 * time.Second,
		WriteTimeout:      kit.HangLimit + s.config.Delay + 30*time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          s.host.Log,
		ConnContext:       kit.WithConnection,
	}}, nil
}

// open starts to answer on every listener.
func (s *Server) open() {
	api, pages := s.openDialects()
	s.addSite(api, pages)
	s.serve(s.api, s.dispatch(api))
	if s.www != nil {
		s.serve(s.www, s.dispatch(pages))
	}
	if s.control != nil {
		s.serve(s.control, s.controlAPI())
	}
}

// dispatch answers every request of a listener.
func (s *Server) dispatch(routes kit.Routes) *kit.Dispatch {
	return &kit.Dispatch{Host: &s.host, Routes: routes, Unknown: s.unknown, Delay: s.config.Delay,
		Seen: func(c *kit.Call, of *kit.Service, at *kit.Route, a kit.Answer) kit.Answer {
			if at != nil && at.Page && of != s.unknown && s.isConsole(c.Request) {
				a.SharedBy = c.Header.Get("Origin")
			}
			s.journal.add(c.Request, of.Dialect, at, a, c.Now)
			return a
		}}
}

func (s *Server) serve(l *listener, h http.Handler) {
	l.http.Handler = h
	s.background.Go(func() {
		if err := l.http.Serve(l.Listener); !errors.Is(err, http.ErrServerClosed) {
			s.host.Log.Printf("%s: %v", l.url(), err)
		}
	})
}

// announce says what this is before anybody can mistake it for something else.
func (s *Server) announce() {
	s.host.Log.Printf("TEST ONLY: reference server for %s. It keeps nothing and its accounts are public.", strings.Join(s.config.Dialects, ", "))
	s.host.Log.Printf("TEST ONLY: API      %s", s.URL())
	s.host.Log.Printf("TEST ONLY: start    %s (what is here, to look at with a browser)", s.StartPageURL())
	if s.www != nil {
		s.host.Log.Printf("TEST ONLY: consent  %s", s.WWWURL())
	}
	if s.control != nil {
		s.host.Log.Printf("TEST ONLY: control  %s (GET /__control/health)", s.ControlURL())
	}
	accounts := "reference/README.md"
	if s.config.SeedFile != "" {
		accounts += " and " + s.config.SeedFile
	}
	s.host.Log.Printf("TEST ONLY: %d clients and %d users to test with are listed in %s", len(s.host.Seeded.Clients), len(s.host.Seeded.Users), accounts)
	for _, q := range s.quirks {
		what := "liberty"
		if q.Defect {
			what = "DEFECT"
		}
		s.host.Log.Printf("TEST ONLY: %s %s: %s", what, q.ID, q.Text)
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

// Exposed is what this server listens at, and by which addresses of this machine others reach it there; nothing where it is
// on loopback.
func (s *Server) Exposed() []string {
	var found []string
	for _, l := range []*listener{s.api, s.www} {
		if l == nil {
			continue
		}
		address := l.Addr().(*net.TCPAddr)
		own := []net.Addr{&net.IPNet{IP: address.IP}}
		if address.IP.IsUnspecified() {
			found = append(found, "http://"+address.String())
			own, _ = net.InterfaceAddrs()
		}
		for _, each := range own {
			if network, ok := each.(*net.IPNet); ok && !network.IP.IsLoopback() && !network.IP.IsUnspecified() && !network.IP.IsLinkLocalUnicast() {
				found = append(found, "http://"+net.JoinHostPort(network.IP.String(), strconv.Itoa(address.Port)))
			}
		}
	}
	return found
}

// StartPageURL is the page that says what is here and links to the others.
func (s *Server) StartPageURL() string { return s.URL() + startPath }

// ControlURL is where the control API listens; "" when it is off.
func (s *Server) ControlURL() string { return s.control.url() }

// Accounts are the accounts that the server started with.
func (s *Server) Accounts() Accounts {
	return Accounts{Clients: slices.Clone(s.host.Seeded.Clients), Users: slices.Clone(s.host.Seeded.Users)}
}

// Settings are what a client of a dialect must be told of this server, because
// the dialect's document leaves it open: "revoke_path" of b2b, "refresh_scheme" is "bare" and "body" is
// "form" where a liberty says so.
func (s *Server) Settings(dialect string) map[string]string {
	if d := s.services[dialect]; d != nil {
		return maps.Clone(d.Settings)
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
func (s *Server) stop() { s.closeOnce.Do(func() { close(s.host.Closing) }) }

func (s *Server) listeners() []*listener {
	return slices.DeleteFunc([]*listener{s.api, s.www, s.control}, func(l *listener) bool { return l == nil })
}

func (s *Server) sweepNowAndThen() {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-s.host.Closing:
			return
		case <-tick.C:
			s.sweep()
		}
	}
}

// sweep forgets everything that has expired.
func (s *Server) sweep() {
	now := s.host.Clock.Now()
	for _, d := range s.services {
		d.Sweep(now)
	}
}
