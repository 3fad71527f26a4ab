package suites

import (
	"flag"
	"os"
)

// beyondTheLog is past the end of any log of files and variables that a test writes: 16 MB are some hundred
// thousand lines.
const beyondTheLog = 16 << 20

// uncacheable keeps "go test" from answering a later run with the result of this one: it knows files and
// variables, and not a server. It caches a result under the log that the test binary keeps of what it looked at,
// and drops a log whose last line is not whole (saveOutput in cmd/go/internal/test). The byte that is written
// here is never followed by a line break. Where there is no log, nothing is cached.
func uncacheable() {
	log := flag.Lookup("test.testlogfile")
	if log == nil || log.Value.String() == "" {
		return
	}
	file, err := os.OpenFile(log.Value.String(), os.O_WRONLY, 0)
	if err != nil {
		return
	}
	_, _ = file.WriteAt([]byte{'.'}, beyondTheLog)
	_ = file.Close()
}
