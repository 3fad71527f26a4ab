package load

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"gonogo/internal/target"
)

// Sent is a target as another machine is told of it: its file as it is written, in which ${NAME} stays as it is, and the text of its
// document.
type Sent struct {
	Name         string // of the file; paths in it are relative to its folder
	File         []byte
	DocumentName string
	Document     []byte
	SHA256       string // of Document, in hex
	Profile      string // under which the document is read; empty: under none
}

// Sent is the target as another machine may be told of it, where its file is called so.
func (t *Target) Sent(name string) Sent {
	return Sent{Name: name, File: t.file.Text, DocumentName: t.dialect.File, Document: t.file.Document, SHA256: t.dialect.SHA256, Profile: t.dialect.Profile}
}

// Spelled are the keys of the target file whose secrets stand in it and are not taken from a variable or a file.
func (t *Target) Spelled() []string { return t.file.Spelled() }

// File is the target file, as the user named it.
func (t *Target) File() string { return t.file.File }

// OnDisk reports whether the target is described by a file, and not by a command line.
func (t *Target) OnDisk() bool { return t.file.OnDisk }

// Target is the target that was sent. env is where ${NAME} comes from on this machine.
func (s Sent) Target(env func(string) (string, bool)) (*Target, error) {
	if sum := sha256.Sum256(s.Document); hex.EncodeToString(sum[:]) != s.SHA256 {
		return nil, errors.New("the document that was sent is not the one that its hash is of")
	}
	t, d, err := target.ParseWith(s.Name, s.File, env, func(string) (string, []byte, error) { return s.DocumentName, s.Document, nil })
	if err != nil {
		return nil, err
	}
	read := &Target{file: t, dialect: d}
	if s.Profile == "" || s.Profile == d.Profile {
		return read, nil
	}
	if read, err = read.Profiled(s.Profile); err != nil {
		return nil, fmt.Errorf("--profile: %w", err)
	}
	return read, nil
}
