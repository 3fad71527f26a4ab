package suites

import (
	"flag"
	"os"
)

// uncacheable keeps "go test" from answering a later run with the result of this one: it knows files and
// variables, and not a server. It caches a result under the log that the test binary keeps of what it looked at,
// and drops a log whose last line is not whole (saveOutput in cmd/go/internal/test): this one ends, far behind
// what will be written to it, in no line at all. Where there is no log, nothing is cached.
func uncacheable() {
	if log := flag.Lookup("test.testlogfile"); log != nil && log.Value.String() != "" {
		_ = os.Truncate(log.Value.String(), 16<<20)
	}
}
