package kitchen_test

import (
	"net/http/httptest"
	"testing"

	kitchen "example.com/kitchen"
	"gonogo/suites"
)

// The same cases in a plain test, without a Ginkgo suite.
func TestKitchenPlainly(t *testing.T) {
	server := httptest.NewServer((&kitchen.Kitchen{Clients: clients}).Handler())
	defer server.Close()
	suites.Test(t, target(server.URL))
}
