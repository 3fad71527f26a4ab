package app

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// leastPipe is how much a pipe holds at the least: a page, which is some ten targets. Its usual 64 KB are 200, and at ten in a second
// a token would wait 20 s in it.
const leastPipe = 4 << 10

// hastened has an output that is a pipe hold as little as it can, so that what is read was written a moment ago.
func hastened(w io.Writer) {
	file, ok := w.(*os.File)
	if !ok {
		return
	}
	if raw, err := file.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { _, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, leastPipe) }) // no pipe has no size
	}
}
