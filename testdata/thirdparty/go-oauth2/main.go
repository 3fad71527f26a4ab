// Command go-oauth2 is a host for the server of go-oauth2/oauth2, put together as its example is: clients with the client
// credentials grant, and the example's protected resource. It has neither introspection nor revocation.
package main

import (
	"log"
	"net/http"
	"os"

	"github.com/go-oauth2/oauth2/v4/manage"
	"github.com/go-oauth2/oauth2/v4/models"
	"github.com/go-oauth2/oauth2/v4/server"
	"github.com/go-oauth2/oauth2/v4/store"
)

func main() {
	manager := manage.NewDefaultManager()
	manager.MustTokenStorage(store.NewMemoryTokenStore())
	clients := store.NewClientStore()
	for name, secret := range map[string]string{"alder": "Tz7cMeadow2nQuartz8vHeron", "birch": "Gk4rFjord5bMaple1nFlint", "cedar": "Vh2c+Fjord%2Fb:6&Maple=1nFlint"} {
		id := "third-client-" + name
		if err := clients.Set(id, &models.Client{ID: id, Secret: secret, Domain: "https://www.example.com"}); err != nil {
			log.Fatal(err)
		}
	}
	manager.MapClientStorage(clients)
	srv := server.NewDefaultServer(manager)

	http.HandleFunc("/oauth/token", func(w http.ResponseWriter, r *http.Request) {
		if err := srv.HandleTokenRequest(w, r); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	http.HandleFunc("/test", func(w http.ResponseWriter, r *http.Request) { // as in the example
		token, err := srv.ValidationBearerToken(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		_, _ = w.Write([]byte(`{"client_id":"` + token.GetClientID() + `"}`))
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
