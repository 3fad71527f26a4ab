package exchange_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"gonogo/internal/exchange"
)

// A race must leave as one burst: a limiter that spaces its requests would turn it into a queue.
func TestPrepaidRequestsDoNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := exchange.NewClient(exchange.Options{
			Transport: &http.Transport{}, Timeout: time.Second, Limiter: rate.NewLimiter(1, 4),
		})
		ctx, granted, err := client.Prepay(context.Background(), 16)
		if err != nil || granted != 4 {
			t.Fatalf("granted %d, %v; a burst of 4 grants 4", granted, err)
		}
		began := time.Now()
		for range 4 {
			if err := exchange.Pace(client, ctx); err != nil {
				t.Fatal(err)
			}
		}
		if waited := time.Since(began); waited != 0 {
			t.Errorf("prepaid requests waited %s", waited)
		}
		if err := exchange.Pace(client, ctx); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(began); waited < 900*time.Millisecond {
			t.Errorf("the fifth of four prepaid requests waited only %s", waited)
		}
	})
}

func TestWithoutALimiterAllAreGranted(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	client := exchange.NewClient(exchange.Options{Transport: &http.Transport{}, Timeout: time.Second})
	if _, granted, err := client.Prepay(t.Context(), 16); granted != 16 || err != nil {
		t.Errorf("granted %d, %v", granted, err)
	}
}
