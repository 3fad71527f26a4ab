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
	"gonogo/reports/ctrf"
	"gonogo/reports/github"
	"gonogo/reports/har"
	"gonogo/reports/html"
	"gonogo/reports/junit"
	"gonogo/reports/markdown"
	"gonogo/reports/sarif"
)

// output is one --report.
type output struct {
	format, path string
	to           io.Writer // standard output, where the path is "-"; nil: a file
}

// standardOutput is the path that names it.
const standardOutput = "-"

type outputs []output

// formats are the report formats of this build: whole ones rendered at the end, and the stream.
var formats = map[string]func(io.Writer, *reports.Report) error{
	"ctrf":   ctrf.Write,
	"github": github.Write,
	"har":    har.Write,
	"html":   html.Write,
	"json":   reports.WriteJSON,
	"jsonl":  nil,
	"junit":  junit.Write,
	"md":     markdown.Write,
	"sarif":  sarif.Write,
}

func (a *App) parseReports(flags []string) (outputs, error) {
	return a.parseOutputs(flags, sortedKeys(formats))
}

// parseOutputs reads --report of a command that writes the given formats. One may go to standard output; what is for
// people goes to standard error then.
func (a *App) parseOutputs(flags, formats []string) (outputs, error) {
	out, err := readOutputs(flags, formats)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].path == standardOutput {
			out[i].to = a.aside()
		}
		if out[i].format == "github" {
			a.annotations = &out[i]
		}
	}
	return out, nil
}

// aside makes room on standard output, which is returned: what is for people goes to standard error from then on.
func (a *App) aside() io.Writer {
	free := a.stdout
	a.stdout = &tolerant{Writer: a.stderr}
	return free
}

func readOutputs(flags, formats []string) (outputs, error) {
	var out outputs
	for _, flag := range flags {
		format, path, ok := strings.Cut(flag, "=")
		if !ok || path == "" {
			return nil, usagef("--report %s: write FORMAT=FILE, such as json=report.json", flag)
		}
		if !slices.Contains(formats, format) {
			return nil, usagef("--report %s: this command has no format %q; choose from %s", flag, format, strings.Join(formats, ", "))
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
		out = append(out, output{format: format, path: path})
	}
	return out, nil
}

// toStandardOutput reports whether one of them goes there.
func (o outputs) toStandardOutput() bool {
	return slices.ContainsFunc(o, func(each output) bool { return each.to != nil })
}

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// write writes one, whole or not at all where it is a file.
func (o output) write(render func(io.Writer) error) error {
	if o.to != nil {
		return render(o.to)
	}
	return reports.WriteFile(o.path, render)
}

// isDevice reports whether the report goes to a device or a pipe.
func (o output) isDevice() bool {
	if o.to != nil {
		return true
	}
	info, err := os.Stat(o.path)
	return err == nil && !info.Mode().IsRegular()
}

// spares keeps what a run reads from being written over by what it says.
func (o outputs) spares(inputs ...string) error {
	for _, each := range o {
		if each.to != nil {
			continue
		}
		if err := spares("--report "+each.format+"="+each.path, each.path, inputs); err != nil {
			return err
		}
	}
	return nil
}

// spares keeps what a run reads from being written over by a file that a flag names.
func spares(flag, path string, inputs []string) error {
	for _, input := range inputs {
		if sameFile(path, input) {
			return usagef("%s: this run reads %s, which would be lost; name another file", flag, input)
		}
	}
	return nil
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil || b == "" {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// writable finds out before the run whether the reports that are written at its end can be: a verdict that took
// minutes must not be lost to a folder that nobody may write to.
func (o outputs) writable() error {
	for _, each := range o {
		if each.isDevice() {
			continue // to open one may be to use it up
		}
		path := each.path
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
		if err := reports.Writable(filepath.Dir(path)); err != nil {
			return usagef("--report %s=%s: nothing can be written there: %w", each.format, each.path, cause(err))
		}
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
		if each.to != nil {
			streams = append(streams, reports.NewJSONL(each.to))
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
	return o.render(reports.ExitCode(report), failed, func(format string, failed []string) func(io.Writer) error {
		render, report := formats[format], report
		if render == nil {
			return nil
		}
		if isVerdict(format) && len(failed) > 0 {
			report = lacking(report, failed)
		}
		return func(w io.Writer) error { return render(w, report) }
	})
}

// render writes what the function gives for a format; nil is written elsewhere. It is told which reports could
// not be written so far, and exit is the exit code that the run has without that.
func (o outputs) render(exit int, failed []string, of func(format string, failed []string) func(io.Writer) error) error {
	for _, each := range o.verdictsLast() {
		if render := of(each.format, failed); render != nil {
			if err := each.write(render); err != nil {
				failed = append(failed, err.Error())
			}
		}
	}
	if len(failed) > 0 {
		return reportError{exit: exit, error: harnessError{fmt.Errorf("%s: %s", unwritten, strings.Join(failed, "; "))}}
	}
	return nil
}

const unwritten = "a report could not be written"

// reportError keeps a found violation from being hidden by a report that could not be written.
type reportError struct {
	exit int
	error
}

func (e reportError) Unwrap() error { return e.error }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
