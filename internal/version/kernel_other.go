//go:build !unix

package version

// kernel is the release of the system's kernel, of which there is none to be had here.
func kernel() string { return "" }
