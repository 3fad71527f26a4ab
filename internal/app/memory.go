package app

import (
	"math"
	"os"
	"runtime/debug"
)

// seldom is how much garbage a server makes before it is collected, in percent of what is in use: the heap may become
// five times that. At Go's 100 the collector took a tenth of every request, because documents and pages are looked
// through again and again; a bare handler has nothing of the kind.
const seldom = 400

// collectSeldom leaves the environment's own setting alone.
func (a *App) collectSeldom() {
	if _, given := a.env("GOGC"); !given {
		debug.SetGCPercent(seldom)
	}
}

// often is from how much memory on the collector works hard, so that garbage of a target's making does not pile up on top of
// what a run keeps. It is no limit: what is needed is had.
const often = 160 << 20

// collectOften leaves the environment's own setting alone, and a process that has more to do than this run.
func (a *App) collectOften() {
	if _, given := a.env("GOMEMLIMIT"); a.stdout.Writer == os.Stdout && !given && debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(often)
	}
}
