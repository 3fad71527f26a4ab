package kitchen_test

import (
	"net/http/httptest"
	"os"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	kitchen "example.com/kitchen"
	"gonogo/suites"
)

var clients = map[string]string{"mine": "a-secret-of-mine", "another": "a-secret-of-another"}

var server *httptest.Server

// The server begins here; the tree below was built before.
var _ = BeforeSuite(func() {
	k := &kitchen.Kitchen{Clients: clients, Replays: os.Getenv("KITCHEN_REPLAYS") != ""}
	server = httptest.NewServer(k.Handler())
	DeferCleanup(server.Close)
})

// Every case of the dialect, as specs beside one's own. The target is asked for when the first of them runs.
var _ = suites.Describe(suites.Later(func() suites.Target { return target(server.URL) }, "kitchenhub"))

// target is what there is to know about the server. FromFile and FromYAML make one from a target file.
func target(address string) suites.Target {
	return suites.Target{
		Dialect: "kitchenhub",
		BaseURL: address,
		Credentials: map[string]map[string]string{
			"primary": {"client_id": "mine", "client_secret": clients["mine"]},
			"second":  {"client_id": "another", "client_secret": clients["another"]},
		},
	}
}

// A spec of one's own in the same suite.
var _ = Describe("the kitchen", func() {
	It("has no orders yet", func() { Expect(server.URL).To(HavePrefix("http://127.0.0.1:")) })
})

func TestKitchen(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "kitchen")
}
