package suites

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"github.com/onsi/ginkgo/v2/types"
)

// rendezvous is how the processes of a parallel run share one run of the engine. Ginkgo lets only a
// SynchronizedBeforeSuite pass something on, of which a suite may have one, and that is the importer's. So they
// meet in a folder named after the address of Ginkgo's own server, which only these processes have in common.
// The first process makes it, before any other goes on. Whoever is first to need a result leads: it runs the
// cases and leaves what was found in the folder. The others hold a connection to it, whose end tells them that
// it is there, or that the process is gone.
type rendezvous struct {
	folder   string
	listener net.Listener // of the one that leads
}

func newRendezvous(config types.SuiteConfig) *rendezvous {
	sum := sha256.Sum256([]byte(config.ParallelHost))
	return &rendezvous{folder: filepath.Join(os.TempDir(), fmt.Sprintf("gonogo-suite-%d-%x", os.Getuid(), sum[:8]))}
}

func (r *rendezvous) path(name string) string { return filepath.Join(r.folder, name) }

// The files of the folder.
const (
	suiteFile   = "suite.json"
	leaderFile  = "leader"
	resultsFile = "results.json"
)

// open makes the folder anew.
func (r *rendezvous) open(suite suiteFacts) error {
	_ = os.RemoveAll(r.folder) // of a run that was killed
	if err := os.Mkdir(r.folder, 0o700); err != nil {
		return fmt.Errorf("the processes of a parallel run need a folder in common: %w", err)
	}
	return r.write(suiteFile, suite)
}

func (r *rendezvous) close() { _ = os.RemoveAll(r.folder) }

// join waits for nothing: Ginkgo lets no process begin before the first one has opened it.
func (r *rendezvous) join() (suite suiteFacts, err error) {
	return suite, r.load(suiteFile, &suite)
}

// lead reports whether this process is the first to ask, and is to run the cases.
func (r *rendezvous) lead() (bool, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return false, fmt.Errorf("the processes of a parallel run need a loopback address to wait at: %w", err)
	}
	own := r.path(fmt.Sprintf("leader-%d", os.Getpid()))
	if err := os.WriteFile(own, []byte(listener.Addr().String()), 0o600); err != nil {
		return false, errors.Join(err, listener.Close())
	}
	defer func() { _ = os.Remove(own) }()
	// a link is there with its whole content or not at all, and only one process succeeds in making it
	if err := os.Link(own, r.path(leaderFile)); err != nil {
		if os.IsExist(err) {
			err = nil
		}
		return false, errors.Join(err, listener.Close())
	}
	r.listener = listener
	go r.hold()
	return true, nil
}

// hold keeps the connections of those who wait open, until there is nothing left to wait for.
func (r *rendezvous) hold() {
	var waiting []net.Conn
	for {
		conn, err := r.listener.Accept()
		if err != nil {
			break
		}
		waiting = append(waiting, conn)
	}
	for _, conn := range waiting {
		_ = conn.Close()
	}
}

// publish leaves what was found, and wakes those who wait.
func (r *rendezvous) publish(f *found) error {
	return errors.Join(r.write(resultsFile, f), r.listener.Close())
}

// await waits for the process that leads.
func (r *rendezvous) await(ctx context.Context) (*found, error) {
	address, err := os.ReadFile(r.path(leaderFile))
	if err != nil {
		return nil, err
	}
	// no connection: it has left, having published what it found or not
	if conn, err := new(net.Dialer).DialContext(ctx, "tcp", string(address)); err == nil {
		stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
		_, _ = conn.Read(make([]byte, 1))
		stop()
		_ = conn.Close()
	}
	f, err := r.read()
	switch {
	case err == nil:
		return f, nil
	case ctx.Err() != nil:
		return nil, errors.New("the run was interrupted")
	}
	return nil, errors.New("could-not-run: the process that ran the cases is gone and has left no results")
}

func (r *rendezvous) read() (*found, error) {
	f := &found{}
	return f, r.load(resultsFile, f)
}

// write puts a file into the folder whole.
func (r *rendezvous) write(name string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	draft := r.path(name + ".draft")
	if err := os.WriteFile(draft, text, 0o600); err != nil {
		return err
	}
	return os.Rename(draft, r.path(name))
}

func (r *rendezvous) load(name string, into any) error {
	text, err := os.ReadFile(r.path(name))
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}
