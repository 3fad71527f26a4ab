// Package reference is the reference server: it speaks the dialects at their
// documented paths, the way their documents read, so that the harness can be
// tried against something that is known to be right.
//
// It must never know the harness: it shares no logic with it, so that one
// misreading cannot cancel out. What it takes is the text of the dialects'
// OpenAPI documents (specs.Open), which its pages show to humans and nothing
// that it answers depends on, and a guess at what a misspelt name was meant to
// be. The authority for every handler is the dialect's own document; where that
// is silent, the handler's comment says what was chosen.
//
// This package is the server: listeners, pages, control API. Each dialect is a
// package, and package kit what they share.
//
// The server is for tests only. It keeps nothing, its accounts are printed in
// its documentation, its clock can be moved (Config.Control), and it can be
// told to misbehave in one deliberate way (Defects) or to be legal in an
// unusual way (Liberties).
package reference
