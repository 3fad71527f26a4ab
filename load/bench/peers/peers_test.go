// Package peers is a module of tools alone: the load generators that gonogo is measured beside, each at its version.
// This file makes it a package, without which "go vet ./..." here is an error.
package peers
