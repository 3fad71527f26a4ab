package consent

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"gonogo/internal/drive"
)

// Command is the driver that leaves the page to a program, such as a browser script of the user's.
//
// The program gets its orders in its environment:
//
//	GONOGO_AUTHORIZE_URL   the page to open, complete
//	GONOGO_REDIRECT_URI    where the browser is expected back; nothing needs to listen there
//	GONOGO_DECISION        approve, deny or open (only look)
//	GONOGO_USERNAME, GONOGO_PASSWORD
//	GONOGO_ALSO            further redirect URIs at which to stop, one a line
//
// and ${authorize_url}, ${redirect_uri} and ${decision} in its arguments are replaced. It does what the decision
// says, stops at the first navigation to a redirect URI without loading it, prints that whole URL as one line on
// standard output, and exits 0. If the browser never came back it prints nothing and exits 0. If it could not find
// its way it exits with another code, and its standard error goes, in clear, into the Error.
func Command(argv []string) Driver { return command{argv} }

type command struct{ argv []string }

const (
	// A redirect URL is some hundred bytes; what prints more than this has misread the protocol.
	maxOutput = 64 << 10
	// How much of the end of standard error a message quotes.
	maxComplaint = 2000
	// How long output may trickle in after the program ended or was killed: a browser it left behind holds the pipe.
	linger = 2 * time.Second
)

func (c command) Decide(ctx context.Context, _ Sender, r Request) (Result, error) {
	if len(c.argv) == 0 || r.Authorize == nil {
		return Result{}, &Error{Kind: Helper, Why: "the consent command is empty"}
	}
	back, err := newReturns(r)
	if err != nil {
		return Result{}, err
	}
	places := strings.NewReplacer("${authorize_url}", r.Authorize.String(), "${redirect_uri}", r.RedirectURI, "${decision}", r.Decision.String())
	var args []string
	for _, arg := range c.argv[1:] {
		args = append(args, places.Replace(arg))
	}
	cmd := exec.CommandContext(ctx, c.argv[0], args...)
	cmd.Env = append(os.Environ(),
		"GONOGO_AUTHORIZE_URL="+r.Authorize.String(), "GONOGO_REDIRECT_URI="+r.RedirectURI, "GONOGO_DECISION="+r.Decision.String(),
		"GONOGO_USERNAME="+r.Username, "GONOGO_PASSWORD="+r.Password, "GONOGO_ALSO="+strings.Join(r.Also, "\n"))
	cmd.WaitDelay = linger
	killTogether(cmd)
	out, complaint := &drive.Tail{Most: maxOutput}, &drive.Tail{Most: maxComplaint}
	cmd.Stdout, cmd.Stderr = out, complaint

	res := Result{SentAt: time.Now()}
	err = cmd.Run()
	res.ReceivedAt = time.Now()
	said := strings.TrimSpace(complaint.String())
	line, lost := out.Kept()
	switch {
	case ctx.Err() != nil:
		return res, c.failed("was stopped", said, context.Cause(ctx))
	case errors.Is(err, exec.ErrWaitDelay):
		// It answered and ended; only something it left running kept the output open.
	case err != nil:
		return res, c.failed("failed", said, err)
	case lost:
		return res, c.failed(fmt.Sprintf("printed more than %d bytes where one line with the redirect URL is wanted", maxOutput), said, nil)
	}
	lines := strings.FieldsFunc(string(line), func(r rune) bool { return r == '\n' || r == '\r' })
	lines = slices.DeleteFunc(lines, func(line string) bool { return strings.TrimSpace(line) == "" })
	if len(lines) > 1 {
		return res, c.failed(fmt.Sprintf("printed %d lines where one line with the redirect URL is wanted", len(lines)), said, nil)
	}
	res.SignedIn, res.Decided = r.Decision != Open, r.Decision != Open
	if len(lines) == 0 {
		res.Page = clip("the consent command saw no redirect: "+said, gistLength)
		return res, nil
	}
	if err := arrive(&res, back, lines[0]); err != nil {
		return res, c.failed(fmt.Sprintf("printed a line of %d letters that is no URL", len(lines[0])), said, err)
	}
	return res, nil
}

// arrive notes where somebody else's browser ended.
func arrive(res *Result, back returns, line string) error {
	u, err := parseReference(nil, line)
	if err != nil {
		var quoting *url.Error // it quotes the whole line, and with it the code
		if errors.As(err, &quoting) {
			err = quoting.Err
		}
		return err
	}
	if u.Scheme == "" {
		return errors.New("it has no scheme")
	}
	if !back.deliver(res, u, nil) {
		res.Stray = u
		res.Page = clip("the browser ended at "+place(u)+", which is no redirect URI", gistLength)
	}
	return nil
}

func (c command) failed(how, said string, err error) error {
	why := fmt.Sprintf("the consent command %s %s", c.argv[0], how)
	if said != "" {
		why += "; it says: " + said
	}
	return &Error{Kind: Helper, Why: why, Err: err}
}
