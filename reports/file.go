package reports

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// Writable finds out whether a file can be made in a folder.
func Writable(dir string) error {
	probe, err := os.CreateTemp(dir, ".gonogo-*")
	if err != nil {
		return err
	}
	_ = probe.Close()
	return os.Remove(probe.Name())
}

// WriteFile writes a file in one step: what render wrote appears under the
// path whole or not at all, so that a report cut short never looks like one.
// A path that is there but no regular file (/dev/stdout, a pipe) is written to
// as it is, because a rename would put a file in its place.
func WriteFile(path string, render func(io.Writer) error) error {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return writeTo(path, os.O_WRONLY, render) // what a link to a pipe says is no path
	}
	path = linked(path)
	temporary := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%08x", filepath.Base(path), rand.Uint32()))
	if err := writeTo(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, render); err != nil {
		os.Remove(temporary) // it may never have come to be
		return fmt.Errorf("the report cannot be written to %s: %w", path, err)
	}
	if info != nil {
		err = os.Chmod(temporary, info.Mode().Perm())
	} else {
		err = nil
	}
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		os.Remove(temporary)
		return fmt.Errorf("the report cannot be written to %s: %w", path, err)
	}
	return nil
}

// linked is the file that a path leads to, whether it is there or not: a link
// stays a link.
func linked(path string) string {
	for range 40 { // as many as Linux follows
		to, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

func writeTo(path string, flags int, render func(io.Writer) error) error {
	f, err := os.OpenFile(path, flags, 0o666)
	if err != nil {
		return err
	}
	err = render(f)
	if err == nil && flags&os.O_EXCL != 0 {
		err = f.Sync() // or the rename may survive a power cut that the content does not
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

// ReadFile reads a report file in either of the formats json and jsonl.
func ReadFile(path string) (*Report, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the report cannot be read: %w", err)
	}
	defer f.Close()
	r, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}
