package consent

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// Manual is the driver that asks a person: it prints the page's address and what to do there, and reads the
// redirect URL that the browser ended at. Walks take turns, for there is one person.
func Manual(in io.Reader, out io.Writer) Driver {
	return &manual{in: in, out: out, turn: make(chan struct{}, 1)}
}

type manual struct {
	in    io.Reader
	out   io.Writer
	turn  chan struct{}
	begin sync.Once
	lines chan string // what the person types; closed at the end of the input
}

// maxAsked is how often a person is asked again about a line that cannot be right.
const maxAsked = 3

func (m *manual) Decide(ctx context.Context, _ Sender, r Request) (Result, error) {
	if r.Authorize == nil {
		return Result{}, errors.New("the authorization page has no address")
	}
	back, err := newReturns(r)
	if err != nil {
		return Result{}, err
	}
	select {
	case m.turn <- struct{}{}:
		defer func() { <-m.turn }()
	case <-ctx.Done():
		return Result{}, &Error{Kind: Helper, Why: "nobody's turn came to look at the page", Err: context.Cause(ctx)}
	}
	// One reader for all walks: a read that a cancelled walk left waiting must not swallow the next walk's line.
	m.begin.Do(func() {
		m.lines = make(chan string)
		go m.read()
	})
	fmt.Fprintf(m.out, "\nOpen this page in a private browser window:\n  %s\n%s\n", r.Authorize, instructions(r))

	res := Result{SentAt: time.Now()}
	last := ""
	for range maxAsked {
		fmt.Fprint(m.out, "> ")
		var line string
		var open bool
		select {
		case line, open = <-m.lines:
		case <-ctx.Done():
			return res, &Error{Kind: Helper, Why: "nobody pasted the redirect URL in time", Err: context.Cause(ctx)}
		}
		res.ReceivedAt = time.Now()
		line = strings.Trim(strings.TrimSpace(line), `"'<>`)
		switch {
		case !open:
			return res, &Error{Kind: Helper, Why: "the input ended before a redirect URL was pasted", Err: io.EOF}
		case strings.EqualFold(line, "skip"):
			return res, &Error{Kind: Helper, Why: "the person at the terminal skipped this page"}
		}
		res.SignedIn, res.Decided = r.Decision != Open, r.Decision != Open
		if line == "" {
			res.Page = "the person at the terminal saw no redirect"
			return res, nil
		}
		if err := arrive(&res, back, line); err != nil {
			fmt.Fprintf(m.out, "That is no URL. Copy the whole address bar.\n")
		} else if res.Redirect != nil || line == last {
			return res, nil // pasted twice, it is meant
		} else {
			fmt.Fprintf(m.out, "That is not at %s. Paste again, the same if the browser really ended there.\n", strings.Join(append([]string{r.RedirectURI}, r.Also...), " or "))
		}
		res.Stray, res.Page, res.SignedIn, res.Decided = nil, "", false, false
		last = line
	}
	return res, &Error{Kind: Helper, Why: fmt.Sprintf("none of %d lines was a URL at the redirect URI", maxAsked)}
}

func instructions(r Request) string {
	var s strings.Builder
	user := ""
	if r.Username != "" {
		user = " as " + r.Username
	}
	switch r.Decision {
	case Approve:
		fmt.Fprintf(&s, "Sign in%s if asked, and APPROVE.", user)
	case Deny:
		fmt.Fprintf(&s, "Sign in%s if asked, and REFUSE.", user)
	case Open:
		s.WriteString("Only look: do not sign in, press nothing.")
	}
	fmt.Fprintf(&s, "\nIf the browser goes to %s (it need not load), paste the whole address here at once: codes are short-lived.", r.RedirectURI)
	for _, also := range r.Also {
		fmt.Fprintf(&s, "\nThe same if it goes to %s.", also)
	}
	s.WriteString("\nIf it stays on a page of its own, press Enter. If you cannot do this, type skip.")
	return s.String()
}

func (m *manual) read() {
	defer close(m.lines)
	r := bufio.NewReader(m.in)
	for {
		line, err := r.ReadString('\n')
		if line != "" || err == nil {
			m.lines <- line
		}
		if err != nil {
			return
		}
	}
}
