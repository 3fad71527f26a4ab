//go:build !linux

package attack

import "time"

// timer is for Linux only: elsewhere requests leave as punctually as time.Sleep wakes.
type timer struct{}

func newTimer() *timer { return nil }

func (*timer) wait(time.Duration) bool { return false }

func (*timer) set(time.Duration) bool { return false }

func (*timer) came() bool { return false }

func (*timer) close() {}
