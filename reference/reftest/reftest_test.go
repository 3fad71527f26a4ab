package reftest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"gonogo/reference"
	"gonogo/reference/reftest"
)

// issued is an access token of the account primary, got as the page of kitchenhub has it.
func issued(t *testing.T, api *reftest.Server) string {
	t.Helper()
	mine := api.Client("primary")
	answer, err := http.Post(api.URL+"/v2/auth/token", "application/json", strings.NewReader(fmt.Sprintf(`{"client_id":%q,"client_secret":%q}`, mine.ID, mine.Secret)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var pair struct {
		Access string `json:"access_token"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&pair); err != nil || pair.Access == "" {
		t.Fatalf("no token: %s, %v", answer.Status, err)
	}
	return pair.Access
}

func used(t *testing.T, api *reftest.Server, token string) int {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, api.URL+"/v2/orders", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

func TestEachTestHasAServerAndAClockOfItsOwn(t *testing.T) {
	moved, still := reftest.Start(t, "kitchenhub"), reftest.Start(t, "kitchenhub")
	one, other := issued(t, moved), issued(t, still)
	moved.Advance(61 * time.Minute)
	if a, b := used(t, moved, one), used(t, still, other); a != http.StatusUnauthorized || b != http.StatusOK {
		t.Errorf("after an hour a token is answered %d, and elsewhere %d", a, b)
	}
}

func TestEveryDialectStarts(t *testing.T) {
	for _, dialect := range reference.Dialects() {
		api := reftest.Start(t, dialect)
		if answer, err := http.Get(api.Pages); err != nil || answer.Body.Close() != nil {
			t.Errorf("%s: %v", dialect, err)
		}
	}
	if name := reftest.Start(t, "b2b").User("primary").Username; name == "" {
		t.Error("the account primary of b2b has no name")
	}
}

// fails is a test that must end by Fatalf.
type fails struct {
	testing.TB
	said string
}

func (f *fails) Fatalf(format string, args ...any) {
	f.said = fmt.Sprintf(format, args...)
	panic(f)
}

func TestWhatIsNotThereIsNamed(t *testing.T) {
	for said, try := range map[string]func(f *fails){
		`"kitchenhab"`:                func(f *fails) { reftest.Start(f, "kitchenhab") },
		`"kitchenhub-refresh-replai"`: func(f *fails) { reftest.Start(f, "kitchenhub", "kitchenhub-refresh-replai") },
		`no client "first"; there is`: func(f *fails) { reftest.Start(f, "kitchenhub").Client("first") },
		`no user "first"; there is`:   func(f *fails) { reftest.Start(f, "b2b").User("first") },
	} {
		f := &fails{TB: t}
		func() {
			defer func() { _ = recover() }()
			try(f)
		}()
		if !strings.Contains(f.said, said) {
			t.Errorf("instead of %q it says %q", said, f.said)
		}
	}
}

func TestAQuirk(t *testing.T) {
	defect, liberty := reference.Defects()[0], reference.Liberties()[0]
	for _, q := range []reference.Quirk{defect, liberty} {
		reftest.Start(t, q.Dialect, q.ID)
	}
}
