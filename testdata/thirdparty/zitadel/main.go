// Command zitadel is a host for the example server of zitadel/oidc, as it comes: its service user sid1 has the client
// credentials grant, and for its users there are two web clients and a native one.
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
	storage.RegisterClients(
		storage.WebClient("web", "Tz7cMeadow2nQuartz8vHeron", "https://alder.example.com/callback"),
		storage.WebClient("api", "Gk4r+Fjord%2Fb:6&Maple=1nFlint", "https://birch.example.com/callback?tenant=7"),
		storage.NativeClient("native", "http://127.0.0.1/callback"))
	quiet := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	log.Fatal(http.ListenAndServe(address, exampleop.SetupServer(issuer, storage.NewStorage(storage.NewUserStore(issuer)), quiet, false)))
}
