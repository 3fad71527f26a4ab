// Command go-oauth2 hosts the server of go-oauth2/oauth2 as its example does: a sign-in, a page that asks, and a resource.
package main

import (
	"embed"
	"log"
	"net/http"
	"os"

	"github.com/go-oauth2/oauth2/v4/errors"
	"github.com/go-oauth2/oauth2/v4/manage"
	"github.com/go-oauth2/oauth2/v4/models"
	"github.com/go-oauth2/oauth2/v4/server"
	"github.com/go-oauth2/oauth2/v4/store"
	"github.com/go-session/session/v3"
)

//go:embed login.html auth.html
var pages embed.FS

func main() {
	manager, clients := manage.NewDefaultManager(), store.NewClientStore()
	for name, secret := range map[string]string{"alder": "Tz7cMeadow2nQuartz8vHeron", "birch": "Gk4rFjord5bMaple1nFlint", "cedar": "Vh2c+Fjord%2Fb:6&Maple=1nFlint"} {
		_ = clients.Set("third-client-"+name, &models.Client{ID: "third-client-" + name, Secret: secret, Domain: "https://" + name + ".example.com/callback"})
	}
	manager.MapClientStorage(clients)
	manager.MustTokenStorage(store.NewMemoryTokenStore())
	srv := server.NewDefaultServer(manager)
	srv.SetUserAuthorizationHandler(func(w http.ResponseWriter, r *http.Request) (string, error) {
		s, err := session.Start(r.Context(), w, r)
		if name := r.PostFormValue("username"); err == nil && name == "third-user-maple" && r.PostFormValue("password") == "Nc5rGlacier2dPebble7hOtter" {
			s.Set("LoggedInUserID", name)
			err = s.Save()
		}
		if user, in := s.Get("LoggedInUserID"); !in {
			http.ServeFileFS(w, r, pages, "login.html")
		} else if r.PostFormValue("decision") == "allow" {
			return user.(string), err
		} else if r.PostFormValue("decision") == "deny" {
			return "", errors.ErrAccessDenied
		} else {
			http.ServeFileFS(w, r, pages, "auth.html")
		}
		return "", err
	})
	http.HandleFunc("/oauth/token", func(w http.ResponseWriter, r *http.Request) { _ = srv.HandleTokenRequest(w, r) })
	http.HandleFunc("/oauth/authorize", func(w http.ResponseWriter, r *http.Request) {
		if err := srv.HandleAuthorizeRequest(w, r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})
	http.HandleFunc("/test", func(w http.ResponseWriter, r *http.Request) {
		if token, err := srv.ValidationBearerToken(r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		} else {
			_, _ = w.Write([]byte(`{"client_id":"` + token.GetClientID() + `","user_id":"` + token.GetUserID() + `"}`))
		}
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
