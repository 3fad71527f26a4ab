//go:build amd64 || arm64

package load

import "unsafe"

// prefetch has a cache line fetched and does not wait for it, as a read would that the processor has no room to put off.
//
//go:noescape
func prefetch(line unsafe.Pointer)
