//go:build !linux

package attack

import "time"

// bell waits by the runtime's own timer.
func bell() (ring func(time.Duration), quiet func()) { return time.Sleep, func() {} }
