package clients

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"sync"
	"time"
)

// pair are the tokens of a session, and the end of the one that is used.
type pair struct {
	Access, Refresh string
	Ends            time.Time
	Life            time.Duration // as announced; 0: nothing was said, or nothing that could be read
}

// store keeps tokens in memory, and in a file if it has one, so that they outlive the process and others can use them.
type store struct {
	path   string
	mu     sync.Mutex // of pairs
	renews sync.Mutex // held by whoever is getting new tokens
	pairs  map[string]pair
}

func openStore(path string) (*store, error) {
	s := &store{path: path, pairs: map[string]pair{}}
	return s, s.load()
}

func (s *store) load() error {
	if s.path == "" {
		return nil
	}
	text, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(text, &s.pairs)
	}
	return err
}

// get answers a session's tokens, after a look into the file if others write it.
func (s *store) get(who string, fresh bool) pair {
	s.mu.Lock()
	defer s.mu.Unlock()
	if fresh {
		_ = s.load() // what cannot be read now is what was read before
	}
	return s.pairs[who]
}

// put keeps a session's tokens; with lasting, in the file too.
func (s *store) put(who string, p pair, lasting bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pairs[who] = p
	if s.path == "" || !lasting {
		return nil
	}
	text, err := json.Marshal(s.pairs)
	if err != nil {
		return err
	}
	next := s.path + ".next"
	if err := os.WriteFile(next, text, 0o600); err != nil {
		return err
	}
	return os.Rename(next, s.path)
}

// lock keeps everybody else from getting new tokens, in this process and in those that share the file.
func (s *store) lock() (unlock func()) {
	s.renews.Lock()
	if s.path == "" {
		return s.renews.Unlock
	}
	file, err := os.OpenFile(s.path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return s.renews.Unlock
	}
	_ = exclude(file) // without it a refresh may be one too many, and is no worse
	return func() { file.Close(); s.renews.Unlock() }
}
