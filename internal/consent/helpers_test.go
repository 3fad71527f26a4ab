package consent

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func plainRequest(t *testing.T, d Decision) Request {
	t.Helper()
	u, err := url.Parse("https://as.test/auth?client_id=c1")
	if err != nil {
		t.Fatal(err)
	}
	return Request{Authorize: u, RedirectURI: "https://app.test/cb", Also: []string{"https://evil.test/cb"}, Username: "ann", Password: "opensesame", Decision: d}
}

func helper(t *testing.T, script string, args ...string) Driver {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the helper is a shell script")
	}
	return Command(append([]string{"sh", "-c", script, "helper"}, args...))
}

func TestCommandProtocol(t *testing.T) {
	ctx := context.Background()
	res, err := helper(t, `[ "$GONOGO_PASSWORD" = opensesame ] && [ "$GONOGO_USERNAME" = ann ] || exit 9
		echo "$GONOGO_REDIRECT_URI?code=$GONOGO_DECISION&auth=$1&r=$2&d=$3"`, "${authorize_url}", "x${redirect_uri}", "${decision}").Decide(ctx, nil, plainRequest(t, Deny))
	if err != nil || res.Redirect.String() != "https://app.test/cb?code=deny&auth=https://as.test/auth?client_id=c1&r=xhttps://app.test/cb&d=deny" || !res.Decided || res.Delivery != InQuery || res.ReceivedAt.Before(res.SentAt) {
		t.Errorf("%+v, %v", res, err)
	}
	res, err = helper(t, `echo "$GONOGO_ALSO#code=1"`).Decide(ctx, nil, plainRequest(t, Approve))
	if err != nil || res.Matched != "https://evil.test/cb" || res.Delivery != InFragment {
		t.Errorf("%+v, %v", res, err)
	}
	res, err = helper(t, `echo "an error page" >&2`).Decide(ctx, nil, plainRequest(t, Approve))
	if err != nil || res.Redirect != nil || !strings.Contains(res.Page, "an error page") {
		t.Errorf("%+v, %v", res, err)
	}
	res, err = helper(t, `echo https://app.test/other?code=1`).Decide(ctx, nil, plainRequest(t, Approve))
	if err != nil || res.Redirect != nil || res.Stray == nil || strings.Contains(res.Page, "code") {
		t.Errorf("%+v, %v", res, err)
	}
}

func TestCommandErrors(t *testing.T) {
	for script, phrases := range map[string][]string{
		`echo "no such button" >&2; exit 3`: {"sh failed", "it says: no such button", "exit status 3"},
		`echo a; echo b`:                    {"printed 2 lines"},
		`echo nonsense`:                     {"8 letters", "no URL"},
		`head -c 200000 /dev/zero`:          {"more than"},
	} {
		_, err := helper(t, script).Decide(context.Background(), nil, plainRequest(t, Approve))
		wantKind(t, err, Helper, phrases...)
	}
	_, err := Command([]string{"/no/such/program"}).Decide(context.Background(), nil, plainRequest(t, Approve))
	wantKind(t, err, Helper, "/no/such/program")
	_, err = Command(nil).Decide(context.Background(), nil, plainRequest(t, Approve))
	wantKind(t, err, Helper, "empty")
}

func TestCommandDiesWithTheContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	begun := time.Now()
	_, err := helper(t, `sleep 60 & sleep 60`).Decide(ctx, nil, plainRequest(t, Approve))
	wantKind(t, err, Helper, "was stopped")
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) > 30*time.Second {
		t.Errorf("%v after %v", err, time.Since(begun))
	}
}

// safe is a buffer that a driver may write to while a test reads it.
type safe struct {
	mu sync.Mutex
	bytes.Buffer
}

func (s *safe) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Buffer.Write(p)
}

func TestManual(t *testing.T) {
	ctx := context.Background()
	var out safe
	in := "https://as.test/still-here\n\"https://app.test/cb?code=1\"\r\n" + "\n" + "skip\n" + "https://app.test/x\nhttps://app.test/x\n" + "a\nb\nc\n" + "https://app.test/cb?code=last"
	m := Manual(strings.NewReader(in), &out)

	res, err := m.Decide(ctx, nil, plainRequest(t, Deny))
	if err != nil || res.Params.Get("code") != "1" || !res.Decided || res.Page != "" || res.Stray != nil {
		t.Errorf("%+v, %v", res, err)
	}
	for _, phrase := range []string{"https://as.test/auth?client_id=c1", "Sign in as ann if asked, and REFUSE", "https://app.test/cb", "https://evil.test/cb", "That is not at"} {
		if !strings.Contains(out.String(), phrase) {
			t.Errorf("the prompt does not say %q:\n%s", phrase, out.String())
		}
	}
	if strings.Contains(out.String(), "opensesame") {
		t.Error("the password was printed")
	}
	if res, err = m.Decide(ctx, nil, plainRequest(t, Open)); err != nil || res.Redirect != nil || res.Decided || res.SignedIn {
		t.Errorf("%+v, %v", res, err)
	}
	_, err = m.Decide(ctx, nil, plainRequest(t, Approve))
	wantKind(t, err, Helper, "skipped")
	if res, err = m.Decide(ctx, nil, plainRequest(t, Approve)); err != nil || res.Redirect != nil || res.Stray == nil {
		t.Errorf("%+v, %v", res, err)
	}
	_, err = m.Decide(ctx, nil, plainRequest(t, Approve))
	wantKind(t, err, Helper, "none of 3 lines")
	if res, err = m.Decide(ctx, nil, plainRequest(t, Approve)); err != nil || res.Params.Get("code") != "last" {
		t.Errorf("a last line without its end: %+v, %v", res, err)
	}
	_, err = m.Decide(ctx, nil, plainRequest(t, Approve))
	wantKind(t, err, Helper, "input ended")
}

func TestManualGivesUpWithTheContextAndLosesNoLine(t *testing.T) {
	r, typed := io.Pipe()
	defer typed.Close()
	m := Manual(r, io.Discard)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err := m.Decide(ctx, nil, plainRequest(t, Approve))
	wantKind(t, err, Helper, "in time")
	go func() { _, _ = io.WriteString(typed, "https://app.test/cb?code=2\n") }()
	res, err := m.Decide(context.Background(), nil, plainRequest(t, Approve))
	if err != nil || res.Params.Get("code") != "2" {
		t.Errorf("%+v, %v", res, err)
	}
}
