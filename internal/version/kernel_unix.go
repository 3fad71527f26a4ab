//go:build unix

package version

import "golang.org/x/sys/unix"

// kernel is the release of the system's kernel; empty if it does not say.
func kernel() string {
	var name unix.Utsname
	if unix.Uname(&name) != nil {
		return ""
	}
	return unix.ByteSliceToString(name.Release[:])
}
