// Package reference is the reference server: it speaks the dialects at their
// documented paths, the way their documents read, so that the harness can be
// tried against something that is known to be right.
//
//	s, err := reference.Start(ctx, reference.Config{Defects: []string{"kitchenhub-refresh-replay"}})
//	defer s.Kill()
//	// s.URL() answers, and s.Accounts() says who may ask.
//
// It can be told to misbehave in one deliberate way (Defects), or to be legal in
// an unusual one (Liberties), and its clock can be moved (Config.Control). It is
// for tests only: it keeps nothing, and its accounts are public.
//
// This package is the server: listeners, pages, control API. Each dialect is a
// package, whose authority is the dialect's own document; package kit is what
// they share. None of them knows the harness, so that one misreading cannot
// cancel out. What they take from it is the text of the documents (specs.Open),
// for pages that humans read, and a guess at what a misspelt name was meant to be.
package reference
