package app_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// The requests are those of the published documents, letter by letter, with their placeholders.

// rawly sends a request's head as it stands and answers what comes.
func rawly(t *testing.T, api, head string) (status int, body []byte) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", strings.TrimPrefix(api, "http://"), 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(conn, strings.ReplaceAll(head, "\n", "\r\n")+"\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, drained(answer.Body)
}

func TestKitchenhubAsTheDocumentHasIt(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	who := s.account(t, "kitchenhub", "primary")
	const (
		issue = `{
  "client_id": "your_client_id",
  "client_secret": "your_client_secret"
}`
		refresh = `{
  "refresh_token": "your_refresh_token"
}`
		validate = `{
  "access_token": "your_access_token"
}`
		pair = `{"access_token": "TOKEN", "refresh_token": "TOKEN", "access_token_expire": 60, "refresh_token_expire": 1440}`
	)
	// The document shows no Content-Type: none is as good as the right one.
	for _, media := range []string{"Content-Type: application/json", "Content-Type:"} {
		t.Run(media, func(t *testing.T) {
			k := typing(t, "{{host}}", s.api, "your_client_id", who["client_id"], "your_client_secret", who["client_secret"])
			post := func(path, body string) typed {
				t.Helper()
				return k.types(t, "curl -X POST {{host}}"+path+" -H '"+media+"' -d '"+body+"'", http.StatusOK)
			}
			first := post("/v2/auth/token", issue)
			first.looksLike(t, pair)
			k.replaces("your_refresh_token", first.text(t, "refresh_token"))
			second := post("/v2/auth/refresh", refresh)
			second.looksLike(t, pair)
			k.types(t, "curl -X POST {{host}}/v2/auth/refresh -H '"+media+"' -d '"+refresh+"'", http.StatusUnauthorized)
			k.replaces("your_access_token", second.text(t, "access_token"))
			k.replaces("eyJhbGciOi...", second.text(t, "access_token"))
			k.types(t, `curl {{host}}/v2/orders -H "Authorization: Bearer your_access_token"`, http.StatusOK)
			k.types(t, `curl -H "Host: api.trykitchenhub.com" -H "Authorization: Bearer eyJhbGciOi..." {{host}}/v2/orders`, http.StatusOK)
			s.advance(t, 14*time.Minute+30*time.Second)
			post("/v2/auth/validate", validate).looksLike(t, `{"valid": true, "expires_in": 45}`)
		})
	}
	t.Run("by hand", func(t *testing.T) {
		k := typing(t, "{{host}}", s.api, "your_client_id", who["client_id"], "your_client_secret", who["client_secret"])
		// curl calls a body a form unless told otherwise; the refusal says what to write
		k.types(t, "curl {{host}}/v2/auth/token -d '"+issue+"'", http.StatusUnsupportedMediaType).
			looksLike(t, `{"error": "invalid_request", "error_description": "the body must be sent as application/json."}`)
		token := k.types(t, "curl {{host}}/v2/auth/token --json '"+issue+"'", http.StatusOK).text(t, "access_token")
		// the document leaves the version out of the request line
		status, body := rawly(t, s.api, "GET /v2/orders HTTP/1.1\nHost: api.trykitchenhub.com\nAuthorization: Bearer "+token)
		if status != http.StatusOK {
			t.Errorf("%d: %s", status, body)
		}
	})
}

func TestB2BAsTheDocumentHasIt(t *testing.T) {
	t.Parallel()
	s := serve(t, "b2b")
	who := s.account(t, "b2b", "primary")
	const (
		login = `curl -X POST {{host}}/auth/login \
-H "Content-Type: application/json" \
-d '{
"username": "your_api_username",
"password": "your_api_password"
}'`
		use = `curl -X GET {{host}}/api/v1/products \
-H "Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..." \
-H "Content-Type: application/json"`
		refresh = `curl -X POST {{host}}/auth/refresh \
-H "Content-Type: application/json" \
-d '{
"refresh_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."
}'`
		sample = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."
		pair   = `{"success": true, "data": {"access_token": "TOKEN", "refresh_token": "TOKEN", "access_expires_at": "TIME", "refresh_expires_at": "TIME", "client_id": 481}}`
	)
	typist := func(t *testing.T, token string) *keyboard {
		return typing(t, "{{host}}", s.api, "your_api_username", who["username"], "your_api_password", who["password"], sample, token)
	}
	first := typist(t, "").types(t, login, http.StatusOK)
	first.looksLike(t, pair)
	// the sample's tokens begin like these: HS256, JWT
	if header, _, _ := strings.Cut(sample, "."); !strings.HasPrefix(first.text(t, "access_token"), header+".") || !strings.HasPrefix(first.text(t, "refresh_token"), header+".") {
		t.Errorf("the tokens do not begin with %s", header)
	}
	apart(t, first, 6*24*time.Hour+23*time.Hour) // as in the sample: 10:30 and a week later 09:30
	typist(t, first.text(t, "access_token")).types(t, use, http.StatusOK)
	second := typist(t, first.text(t, "refresh_token")).types(t, refresh, http.StatusOK)
	second.looksLike(t, pair)
	apart(t, second, 6*24*time.Hour+23*time.Hour)
	k := typist(t, second.text(t, "access_token"))
	k.types(t, use, http.StatusOK)
	k.types(t, strings.Replace(use, "products", "categories", 1), http.StatusOK)
	// PHP's streams, which the document's class uses, have long spoken HTTP/1.0
	k.types(t, strings.Replace(login, "curl", "curl --http1.0", 1), http.StatusOK)
	k.types(t, strings.Replace(use, "curl", "curl --http1.0", 1), http.StatusOK)
	// curl calls a body a form unless told otherwise
	const media = `-H "Content-Type: application/json"`
	k.types(t, strings.Replace(login, media, "", 1), http.StatusUnsupportedMediaType)
	k.types(t, strings.Replace(login, media, "-H Content-Type:", 1), http.StatusOK)

	wrong := strings.Replace(login, "your_api_password", "wrong", 1)
	refused := k.types(t, wrong, http.StatusUnauthorized)
	refused.looksLike(t, `{"error": {"name": "UnauthorizedError", "code": "UNAUTHORIZED", "message": "Invalid credentials"}}`)
}

// apart wants the two ends of a pair's life to be that far from each other.
func apart(t *testing.T, pair typed, want time.Duration) {
	t.Helper()
	access, err := time.Parse(time.RFC3339, pair.text(t, "access_expires_at"))
	if err != nil {
		t.Fatal(err)
	}
	refresh, err := time.Parse(time.RFC3339, pair.text(t, "refresh_expires_at"))
	if err != nil {
		t.Fatal(err)
	}
	if got := refresh.Sub(access); got != want {
		t.Errorf("the refresh token lives %s longer than the access token, not %s", got, want)
	}
}

func TestPOSAsTheDocumentHasIt(t *testing.T) {
	t.Parallel()
	s := serve(t, "pos")
	who := s.account(t, "pos", "primary")
	// The document names the properties of the bodies and not their encoding: a form, as in OAuth, or JSON.
	for encoding, body := range map[string]func(pairs ...string) string{
		"form": func(pairs ...string) string {
			line := ""
			for i := 0; i+1 < len(pairs); i += 2 {
				line += " -d " + pairs[i] + "=" + pairs[i+1]
			}
			return line
		},
		"JSON": func(pairs ...string) string {
			var members []string
			for i := 0; i+1 < len(pairs); i += 2 {
				members = append(members, `"`+pairs[i]+`": "`+pairs[i+1]+`"`)
			}
			return " -H 'Content-Type: application/json' -d '{" + strings.Join(members, ", ") + "}'"
		},
	} {
		t.Run(encoding, func(t *testing.T) {
			name := "admin-" + encoding
			k := typing(t, "{{host}}", s.api, "CLIENT", who["client_id"]+":"+who["client_secret"])
			created := k.types(t, "curl -X POST -u CLIENT {{host}}/users"+body("user_name", name, "password", "a-long-password", "grant_type", "password"), http.StatusCreated)
			if created.text(t, "user_name") != name {
				t.Errorf("it shows another user: %s", created.body)
			}
			const pair = `{"access_token": "TOKEN", "expires_in": 3600, "refresh_token": "TOKEN", "token_type": "Bearer"}`
			token := k.types(t, "curl -X POST -u CLIENT {{host}}/auth/token"+body("user_name", name, "password", "a-long-password"), http.StatusCreated)
			token.looksLike(t, pair)
			use := func(token string) string {
				return `curl {{host}}/ingredients -H "Authorization: Bearer ` + token +
					`" -H 'Content-Type: application/json' -d '{"display_name": "Salt", "name": "salt", "in_stock_qty": 7}'`
			}
			k.types(t, use(token.text(t, "access_token")), http.StatusCreated)

			s.advance(t, time.Hour+time.Minute)
			k.types(t, use(token.text(t, "access_token")), http.StatusUnauthorized)
			fresh := k.types(t, `curl -X POST {{host}}/auth/refresh-token -H "Authorization: Bearer `+token.text(t, "refresh_token")+`"`, http.StatusCreated)
			fresh.looksLike(t, pair)
			for _, one := range []typed{token, fresh} {
				if access := one.text(t, "access_token"); !uuid.MatchString(access) {
					t.Errorf("the access token of %d characters is no UUID", len(access))
				}
			}
			k.types(t, use(fresh.text(t, "access_token")), http.StatusCreated)
		})
	}
}
