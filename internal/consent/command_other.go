//go:build !unix

package consent

import "os/exec"

// killTogether does nothing: without process groups only the program itself is killed.
func killTogether(*exec.Cmd) {}
