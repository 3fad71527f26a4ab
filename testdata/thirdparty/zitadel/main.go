// Command zitadel is a host for the example server of zitadel/oidc, as it comes: its service user sid1 has the client
// credentials grant, its web clients may ask introspection.
package main

import (
	"log"
	"log/slog"
	"net/http"
	"os"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
)

func main() {
	address := "127.0.0.1:" + os.Getenv("PORT")
	issuer := "http://" + address + "/"
	storage.RegisterClients(storage.WebClient("web", "secret", "https://www.example.com/callback"), storage.WebClient("api", "secret", "https://second.example.com/callback"))
	quiet := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	log.Fatal(http.ListenAndServe(address, exampleop.SetupServer(issuer, storage.NewStorage(storage.NewUserStore(issuer)), quiet, false)))
}
