package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gonogo/reports"
)

// output is one --report.
type output struct{ format, path string }

type outputs []output

// formats are the report formats of this build: whole ones rendered at the end, and the stream.
var formats = map[string]func(io.Writer, *reports.Report) error{
	"json":  reports.WriteJSON,
	"jsonl": nil,
}

func parseReports(flags []string) (outputs, error) {
	var out outputs
	for _, flag := range flags {
		format, path, ok := strings.Cut(flag, "=")
		if !ok || path == "" {
			return nil, usagef("--report %s: write FORMAT=FILE, such as json=report.json", flag)
		}
		if _, known := formats[format]; !known {
			return nil, usagef("--report %s: there is no format %q; choose from %s", flag, format, strings.Join(sortedKeys(formats), ", "))
		}
		if dir := filepath.Dir(path); !isDirectory(dir) {
			return nil, usagef("--report %s: the directory %s does not exist", flag, dir)
		}
		if isDirectory(path) {
			return nil, usagef("--report %s: %s is a directory; name a file in it", flag, path)
		}
		if slices.ContainsFunc(out, func(o output) bool { return filepath.Clean(o.path) == filepath.Clean(path) }) {
			return nil, usagef("--report %s: two reports cannot be one file", flag)
		}
		out = append(out, output{format, path})
	}
	return out, nil
}

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// writable finds out before the run whether the reports that are written at its end can be: a verdict that took
// minutes must not be lost to a folder that nobody may write to.
func (o outputs) writable() error {
	for _, each := range o {
		if info, err := os.Stat(each.path); err == nil && !info.Mode().IsRegular() {
			continue // a device or a pipe: to open one may be to use it up
		}
		path := each.path
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
		probe, err := os.CreateTemp(filepath.Dir(path), ".gonogo-*")
		if err != nil {
			return usagef("--report %s=%s: nothing can be written there: %w", each.format, each.path, cause(err))
		}
		_ = probe.Close()
		_ = os.Remove(probe.Name())
	}
	return nil
}

// cause is an error of the file system without the name of the file, which is not the user's.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// open opens the streams, which are written as the run goes on.
func (o outputs) open() ([]*reports.JSONL, error) {
	var streams []*reports.JSONL
	for _, each := range o {
		if each.format != "jsonl" {
			continue
		}
		stream, err := reports.CreateJSONL(each.path)
		if err != nil {
			return nil, usagef("--report jsonl=%s: %w", each.path, err)
		}
		streams = append(streams, stream)
	}
	return streams, nil
}

// write closes the streams and writes the other reports. A report that cannot be written is a fault of the
// surroundings; the verdict on the terminal stands all the same.
func (o outputs) write(report *reports.Report, streams []*reports.JSONL) error {
	var failed []string
	for _, stream := range streams {
		if err := stream.Close(); err != nil {
			failed = append(failed, err.Error())
		}
	}
	for _, each := range o {
		render := formats[each.format]
		if render == nil {
			continue
		}
		if err := reports.WriteFile(each.path, func(w io.Writer) error { return render(w, report) }); err != nil {
			failed = append(failed, err.Error())
		}
	}
	if len(failed) > 0 {
		return reportError{exit: reports.ExitCode(report), error: harnessError{fmt.Errorf("a report could not be written: %s", strings.Join(failed, "; "))}}
	}
	return nil
}

// reportError keeps a found violation from being hidden by a report that could not be written.
type reportError struct {
	exit int
	error
}

func (e reportError) Unwrap() error { return e.error }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
