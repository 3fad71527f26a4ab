package app

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// hitsFile is the file of --out: each request's times, in vegeta's own encoding. What requests and answers carried is
// not in it.
type hitsFile struct {
	path string
	file *os.File
}

// openHits creates the file, before anything is sent; nil when nobody asked for it.
func openHits(path string, reports outputs) (*hitsFile, error) {
	if path == "" {
		return nil, nil
	}
	for _, o := range reports {
		if filepath.Clean(o.path) == filepath.Clean(path) {
			return nil, usagef("--out %s: the %s report goes there, too; two things cannot be one file", path, o.format)
		}
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, usagef("--out %s: nothing can be written there: %w", path, cause(err))
	}
	return &hitsFile{path, file}, nil
}

// sink is what takes the requests; nil when there is no file.
func (h *hitsFile) sink() io.Writer {
	if h == nil {
		return nil
	}
	return h.file
}

func (h *hitsFile) close() error {
	if h == nil || h.file == nil {
		return nil
	}
	err := h.file.Close()
	h.file = nil
	if err != nil {
		return fmt.Errorf("--out %s is not whole: %w", h.path, cause(err))
	}
	return nil
}
