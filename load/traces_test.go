package load

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"gonogo/internal/wire"
)

// TestAViolationSeenLateShowsTheTraceOfItsRequest: a token that was handed out before is found when the next request has left,
// which names a trace of its own.
func TestAViolationSeenLateShowsTheTraceOfItsRequest(t *testing.T) {
	w := one(t, "issue")
	for n := 1; len(w.ledger.warnings()) == 0; n++ {
		if n == 100 {
			t.Fatal("that a token came again was not found")
		}
		var request, next wire.Request
		if _, ok := w.Fill(&request); !ok {
			t.Fatal("there was no token")
		}
		answer := wire.Answer{Status: http.StatusOK, Body: []byte(`{"access_token":"Wm3bA1x_9fPp-7QqLr2Vt5Yz8Cc4Dd6Ee0Ff1Gg3Hh5","refresh_token":"Zz9Yy8Xx7Ww6Vv5Uu4Tt3Ss2Rr1Qq0Pp9Oo8Nn7Mm6","access_token_expire":60,"refresh_token_expire":1440}`)}
		w.Judge(&answer, nil, time.Now())
		w.Fill(&next)
		w.Settle()
		for _, v := range w.ledger.warnings() { // the row is of good practice
			named := []byte("Traceparent: 00-" + v.Exchange.TraceID + "-" + v.Exchange.SpanID + "-00\r\n")
			if !bytes.Contains(request.Fields, named) || bytes.Contains(next.Fields, named) {
				t.Errorf("%s is shown with %s; its request said\n%sand the next\n%s", v.Kind, named, request.Fields, next.Fields)
			}
		}
	}
}
