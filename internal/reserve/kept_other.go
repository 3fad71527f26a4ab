//go:build !linux

package reserve

func kept() (string, func(), error) { return "", func() {}, nil }
