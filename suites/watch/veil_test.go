package watch

import (
	"bytes"
	"testing"

	"gonogo/internal/exchange"
	"gonogo/internal/front"
)

// TestALineWaitsForTheExchangesBeforeIt: a client may print a token before its exchange is over and the token known for a secret.
func TestALineWaitsForTheExchangesBeforeIt(t *testing.T) {
	t.Parallel()
	const token = "canary-7Kd/Heron+Umber"
	var out bytes.Buffer
	redactor := exchange.NewRedactor()
	v := newVeil(redactor, &out)
	first, second := &front.Exchange{Number: 1}, &front.Exchange{Number: 2}
	v.begun(first)
	_, _ = v.Write([]byte("got " + token[:8]))
	_, _ = v.Write([]byte(token[8:] + "\nnext"))
	v.begun(second)
	if out.Len() > 0 {
		t.Errorf("it is shown at once: %q", out.String())
	}
	redactor.Add("token", token)
	v.over(first)
	if text := out.String(); !bytes.HasPrefix(out.Bytes(), []byte("got ‹token ")) || bytes.Contains(out.Bytes(), []byte(token)) || bytes.Contains(out.Bytes(), []byte("next")) {
		t.Errorf("it shows %q", text)
	}
	v.end()
	if !bytes.HasSuffix(out.Bytes(), []byte("›\nnext")) {
		t.Errorf("in the end it shows %q", out.String())
	}
}
