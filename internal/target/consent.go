package target

import (
	"slices"

	"gonogo/internal/yamlfile"
)

// ConsentMode is a way past the consent page.
type ConsentMode string

// The modes.
const (
	ConsentNone    ConsentMode = ""        // there is none
	ConsentForm    ConsentMode = "form"    // the page's own HTML form is filled in and sent
	ConsentBrowser ConsentMode = "browser" // a real browser does it
	ConsentCommand ConsentMode = "command" // a program of the vendor does it
	ConsentManual  ConsentMode = "manual"  // a person does it, and is told the address
)

var consentModes = []ConsentMode{ConsentForm, ConsentBrowser, ConsentCommand, ConsentManual}

// Consent is how a run gets past the consent page. Without an entry it is by form, where the file has the
// credentials of a human. The hints are for pages whose form is not found by itself: look at the page once
// and name its fields and buttons.
type Consent struct {
	Mode    ConsentMode
	Command []string // program and arguments, for the mode command: not a shell's line

	UsernameField string // the name attribute of the input for the user's name
	PasswordField string // and of the one for the password
	SignInLabel   string // what the button says that signs in
	ApproveLabel  string // what the button says that grants
	DenyLabel     string // what the button says that refuses
}

// consent reads the driver: a mode, with the program beside it ({mode: command, command: [prog]}), inside it
// ({mode: {command: [prog]}}) or alone ({command: [prog]}).
func (r *reader) consent(n *yamlfile.Node) {
	c := &r.target.Consent
	if n == nil {
		c.Mode = r.defaultConsent()
		return
	}
	found := r.keys(n, "consent", "mode", "command", "username_field", "password_field", "sign_in_label", "approve_label", "deny_label")
	if n.Kind != yamlfile.Mapping {
		return
	}
	mode, command := found["mode"], found["command"]
	switch {
	case mode != nil && mode.Kind == yamlfile.Mapping:
		inner := r.keys(mode, "consent.mode", "command")["command"]
		if command != nil {
			r.fail(command.Line, "consent.command is given twice", "keep one")
		}
		command, c.Mode = inner, ConsentCommand
	case mode != nil:
		word, ok := wordOf(r, mode, "consent.mode", consentModes...)
		c.Mode = word
		if ok && command != nil && c.Mode != ConsentCommand {
			r.fail(command.Line, "consent.command has no part in consent.mode "+string(word), "remove it, or write mode: command")
		}
	case command != nil:
		c.Mode = ConsentCommand
	default:
		c.Mode = r.defaultConsent() // hints alone
		if c.Mode == ConsentNone {
			r.fail(n.Line, "consent has no mode", "choose form, browser, command or manual")
		}
	}
	switch {
	case command != nil:
		c.Command = r.command(command)
	case c.Mode == ConsentCommand && (mode == nil || len(mode.Pairs) == 0):
		r.fail(n.Line, "consent by command has no program", "add command: [program, argument]")
	}
	hint := func(key string) (text string) {
		if found[key] != nil {
			text, _ = r.filled(found[key], "consent."+key)
		}
		return text
	}
	c.UsernameField, c.PasswordField = hint("username_field"), hint("password_field")
	c.SignInLabel, c.ApproveLabel, c.DenyLabel = hint("sign_in_label"), hint("approve_label"), hint("deny_label")
}

func (r *reader) command(n *yamlfile.Node) []string {
	const at = "consent.command"
	if !r.is(n, at, yamlfile.List) {
		return nil
	}
	if len(n.Items) == 0 {
		r.fail(n.Line, at+" is empty", "name a program and its arguments")
		return nil
	}
	var words []string
	for i, item := range n.Items {
		read := r.text
		if i == 0 {
			read = r.filled
		}
		word, _ := read(item, at)
		words = append(words, word)
	}
	return words
}

func (r *reader) defaultConsent() ConsentMode {
	if r.dialect == nil || slices.Contains(r.target.Absent, NeedConsent) {
		return ConsentNone
	}
	for _, role := range r.dialect.Credentials {
		if _, ok := r.target.Credentials[role.Role]; ok && role.Human {
			return ConsentForm
		}
	}
	return ConsentNone
}
