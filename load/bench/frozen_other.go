//go:build !unix

package main

import (
	"errors"
	"os"
	"time"
)

// stopFor only keeps the program together where no process can be stopped; nor is there a taskset to measure with.
func stopFor(*os.Process, time.Duration) (time.Duration, error) {
	return 0, errors.New("stopping a process needs Unix")
}
