package fifth

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"
)

// root is where the API stands on its listener; the document's server has a path too.
const root = "/door"

// Server is a running Pantry: the door and, on a listener of its own, the means to move its clock and change
// its locks.
type Server struct {
	options Options
	door    net.Listener
	control net.Listener

	deeds chan func(*book) // what the keeper goroutine has yet to do
	gone  chan struct{}    // closed once it has stopped
	ctx   context.Context
	stop  context.CancelFunc
	conns sync.WaitGroup
	once  sync.Once
}

// Start opens both listeners on loopback and begins to answer.
func Start(options Options) (*Server, error) {
	if err := options.check(); err != nil {
		return nil, err
	}
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("the door's listener: %w", err)
	}
	control, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		_ = door.Close()
		return nil, fmt.Errorf("the control listener: %w", err)
	}
	s := &Server{options: options, door: door, control: control, deeds: make(chan func(*book)), gone: make(chan struct{})}
	s.ctx, s.stop = context.WithCancel(context.Background())
	go s.keep(newBook(options))
	s.conns.Add(2)
	go s.accept(door, s.answerDoor)
	go s.accept(control, s.answerControl)
	return s, nil
}

// URL is the base URL of the API, path included.
func (s *Server) URL() string { return "http://" + s.door.Addr().String() + root }

// ControlURL is the base URL of the control API: PUT /clock with "forward SECONDS", POST /lock with
// {"client":"…"}.
func (s *Server) ControlURL() string { return "http://" + s.control.Addr().String() }

// Advance moves the server's clock forward.
func (s *Server) Advance(d time.Duration) {
	s.do(func(b *book) { b.shift += d })
}

// Regenerate gives a client a new secret; ok is false for an unknown client.
func (s *Server) Regenerate(clientID string) (secret string, ok bool) {
	s.do(func(b *book) { secret, ok = b.regenerate(clientID) })
	return secret, ok
}

// Close hangs up on everybody and waits until nothing runs any more.
func (s *Server) Close() {
	s.once.Do(func() {
		s.stop()
		_ = s.door.Close()
		_ = s.control.Close()
		s.conns.Wait() // a conversation may still have deeds to do
		close(s.gone)
	})
}

// keep is the only goroutine that touches the book.
func (s *Server) keep(b *book) {
	for {
		select {
		case deed := <-s.deeds:
			deed(b)
		case <-s.gone:
			return
		}
	}
}

// do has the keeper do something and waits for it. On a closed server nothing happens.
func (s *Server) do(deed func(*book)) {
	done := make(chan struct{})
	select {
	case s.deeds <- func(b *book) { defer close(done); deed(b) }:
		<-done
	case <-s.gone:
	}
}

func (s *Server) now() (t time.Time) {
	s.do(func(b *book) { t = b.now() })
	return t
}

// inOneGo does two deeds with nothing between them; a racy server leaves a gap that others slip through.
func (s *Server) inOneGo(racy bool, look, take func(*book)) {
	if !racy {
		s.do(func(b *book) { look(b); take(b) })
		return
	}
	s.do(look)
	// 20 ms let every request of a burst over warm loopback connections look before the first one takes.
	time.Sleep(20 * time.Millisecond)
	s.do(take)
}
