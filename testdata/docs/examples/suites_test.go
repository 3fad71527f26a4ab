// Package examples is the Go code of docs/suites.md and docs/load.md, which holds its lines against these.
package examples

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"testing"

	"github.com/onsi/ginkgo/v2"

	"gonogo/suites"
)

func TestStage(t *testing.T) { suites.Test(t, suites.FromFile("stage.yaml")) }

var _ = suites.Describe(suites.FromFile("stage.yaml"))

func TestStageAsSpecs(t *testing.T) { ginkgo.RunSpecs(t, "stage") }

// handler is somebody's server, which begins with the suite: here the one that KITCHEN names.
func handler() http.Handler {
	address, err := url.Parse(os.Getenv("KITCHEN"))
	if err != nil {
		panic(err)
	}
	return httputil.NewSingleHostReverseProxy(address)
}

var server *httptest.Server

var _ = ginkgo.BeforeSuite(func() {
	server = httptest.NewServer(handler())
	ginkgo.DeferCleanup(server.Close)
})

var _ = suites.Describe(suites.Later(func() suites.Target {
	return suites.Target{
		Dialect: "kitchenhub",
		BaseURL: server.URL,
		Credentials: map[string]map[string]string{
			"primary": {"client_id": "khub-client-juniper", "client_secret": os.Getenv("KITCHEN_SECRET")},
			"second":  {"client_id": "khub-client-saffron", "client_secret": os.Getenv("KITCHEN_SECOND_SECRET")},
		},
	}
}, "kitchenhub"))

var hub = suites.Client{Target: suites.Reference("kitchenhub"), Command: "./client.sh"}

func TestClient(t *testing.T) { suites.TestClient(t, hub) }

var _ = suites.DescribeClient(hub) // a spec for each case
