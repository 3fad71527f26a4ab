package reftest_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"gonogo/reference/reftest"
)

// kitchen is a client as somebody may have one: it renews its token when that is refused.
type kitchen struct {
	url, id, secret string

	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
}

// Orders is the status of a call, with a token that the API takes.
func (k *kitchen) Orders(t *testing.T) int {
	t.Helper()
	if k.Access == "" {
		k.tokens(t, "/v2/auth/token", map[string]string{"client_id": k.id, "client_secret": k.secret})
	}
	status := k.call(t)
	if status == http.StatusUnauthorized {
		k.tokens(t, "/v2/auth/refresh", map[string]string{"refresh_token": k.Refresh})
		status = k.call(t)
	}
	return status
}

func (k *kitchen) tokens(t *testing.T, path string, sent map[string]string) {
	t.Helper()
	body, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Post(k.url+path, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if err := json.NewDecoder(answer.Body).Decode(k); err != nil || k.Access == "" {
		t.Fatalf("no token: %s, %v", answer.Status, err)
	}
}

func (k *kitchen) call(t *testing.T) int {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, k.url+"/v2/orders", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+k.Access)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

func TestMyClientRenewsItsToken(t *testing.T) {
	api := reftest.Start(t, "kitchenhub")
	mine := api.Client("primary")
	client := &kitchen{url: api.URL, id: mine.ID, secret: mine.Secret}
	before := client.Orders(t)
	api.Advance(61 * time.Minute)
	if after := client.Orders(t); before != http.StatusOK || after != http.StatusOK {
		t.Errorf("orders are answered %d, and %d an hour later", before, after)
	}
}
