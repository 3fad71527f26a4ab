package app

import (
	"fmt"
	"os"
	"path/filepath"
)

// openHits creates the file of --out, before anything is sent: each request's times, in vegeta's own encoding. What requests
// and answers carried is not in it. nil: nobody asked for it.
func openHits(path string, reports outputs, inputs []string) (*os.File, error) {
	if path == "" {
		return nil, nil
	}
	for _, o := range reports {
		if filepath.Clean(o.path) == filepath.Clean(path) {
			return nil, usagef("--out %s: the %s report goes there, too; two things cannot be one file", path, o.format)
		}
	}
	if err := spares("--out "+path, path, inputs); err != nil {
		return nil, err
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, usagef("--out %s: nothing can be written there: %w", path, cause(err))
	}
	return file, nil
}

// closeHits closes the file of --out, if there is one.
func closeHits(file *os.File) error {
	if file == nil {
		return nil
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("--out %s is not whole: %w", file.Name(), cause(err))
	}
	return nil
}
