//go:build !linux

package attack

import "time"

// alarm is for Linux only: elsewhere requests leave as punctually as time.Sleep wakes.
func alarm(time.Time, *schedule) (stop func()) { return func() {} }
