//go:build !unix

package attack

import "time"

// processorTime is not known here, so nothing follows from it.
func processorTime() time.Duration { return 0 }
