package reftest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"gonogo/reference"
	"gonogo/reference/reftest"
)

func TestEachTestHasAServerAndAClockOfItsOwn(t *testing.T) {
	moved, still := reftest.Start(t, "kitchenhub"), reftest.Start(t, "kitchenhub")
	client := func(api *reftest.Server) *kitchen {
		mine := api.Client("primary")
		k := &kitchen{url: api.URL, id: mine.ID, secret: mine.Secret}
		k.Orders(t)
		return k
	}
	one, other := client(moved), client(still)
	moved.Advance(61 * time.Minute)
	if a, b := one.call(t), other.call(t); a != http.StatusUnauthorized || b != http.StatusOK {
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
