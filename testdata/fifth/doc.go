// Package fifth is a product that the harness has never heard of: its document is pantry.yaml, and this is a
// server for it. Together they prove that a dialect needs no Go.
//
// The server is of another make than the reference server on purpose: it speaks HTTP on a bare listener,
// without a mux or a handler, and one goroutine owns everything that it remembers. It must never know the
// harness, and shares no code with it.
//
// TEST ONLY. It listens on loopback, keeps nothing, and breaks its own promises when asked.
package fifth
