package target

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
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

// Consent is how a run gets past the consent page. Without an entry it is by form, where the file has the
// credentials of a human. The hints are for pages whose form is not found by itself: look at the page once
// and name its fields and buttons.
type Consent struct {
	Mode    ConsentMode
	Command []string // program and arguments, for the mode command: not a shell's line

	Hosts []*url.URL // further hosts that may be told the user's name and password

	UsernameField string // the name attribute of the input for the user's name
	PasswordField string // and of the one for the password
	SignInLabel   string // what the button says that signs in
	ApproveLabel  string // what the button says that grants
	DenyLabel     string // what the button says that refuses
}

// consent reads the driver: a mode, with the program beside it ({mode: command, command: [prog]}), inside it
// ({mode: {command: [prog]}}) or alone ({command: [prog]}).
func (r *reader) consent(f FileConsent) {
	c := &r.target.Consent
	c.UsernameField, c.PasswordField = f.UsernameField, f.PasswordField
	c.SignInLabel, c.ApproveLabel, c.DenyLabel = f.SignInLabel, f.ApproveLabel, f.DenyLabel
	c.Command = f.Command
	for i, written := range f.Hosts {
		if host := r.absolute(written, "https://login.example.com", httpSchemes, "consent", "hosts", strconv.Itoa(i)); host != nil {
			c.Hosts = append(c.Hosts, host)
		}
	}
	at, command := []string{"consent"}, []string{"consent", "command"}
	switch mode := f.Mode.(type) {
	case map[string]any:
		c.Mode, c.Command = ConsentCommand, nil
		words, _ := mode["command"].([]any)
		for _, word := range words {
			c.Command = append(c.Command, fmt.Sprint(word))
		}
		if r.given(command...) {
			r.fail(command, "consent.command is given twice", "keep one")
		}
	case string:
		c.Mode = ConsentMode(mode)
		if c.Mode != ConsentCommand && r.given(command...) {
			r.fail(command, "consent.command has no part in consent.mode "+mode, "remove it, or write mode: command")
		}
	default:
		switch {
		case r.given("consent", "mode"): // and wrong
		case r.given(command...):
			c.Mode = ConsentCommand
		default:
			c.Mode = r.defaultConsent() // nothing, or hints alone
			if c.Mode == ConsentNone && r.usable(at...) {
				r.fail(at, "consent has no mode", "choose form, browser, command or manual")
			}
		}
	}
	if c.Mode == ConsentCommand && len(c.Command) == 0 && !r.given(command...) && len(r.node("consent", "mode").Pairs) == 0 {
		r.fail(at, "consent by command has no program", "add command: [program, argument]")
	}
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
