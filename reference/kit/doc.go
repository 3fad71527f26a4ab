// Package kit is what the dialects of the reference server are made of, and what
// they share: accounts and secrets, tokens and their store, bodies, answers and
// their dispatch, and the quirks, which are declared together with their deeds.
//
// A dialect is a struct that embeds *Service, with handlers that are its
// document (func(*Call) Answer), their routes, and its declared quirks;
// NewDialect puts it together. The kit must never know a dialect or the harness.
package kit
