package control_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gonogo/internal/control"
)

func listen(t *testing.T, c control.Config) *control.Control {
	t.Helper()
	it, err := control.Listen(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(it.Close)
	return it
}

// ask is what the listener says, or what went wrong.
func ask(it *control.Control, path string) string {
	response, err := http.Get(it.URL().String() + path)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err.Error()
	}
	if response.StatusCode != http.StatusOK {
		return response.Status
	}
	return strings.TrimSpace(string(text))
}

var noon = time.Date(2026, 11, 30, 13, 0, 0, 5e8, time.FixedZone("", 3600))

func TestWhatTimeItIs(t *testing.T) {
	var asked atomic.Int64
	it := listen(t, control.Config{Now: func() time.Time { return noon }, Asked: func() { asked.Add(1) }})
	it.Set("calls", nil) // has a time as well, for which nobody asked
	if got := ask(it, "/__control/clock"); got != `{"now":"2026-11-30T12:00:00Z"}` {
		t.Error(got)
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("the time was asked for %d times", n)
	}
}

func TestWhichSituationIsOn(t *testing.T) {
	told := make(chan string, 100)
	it := listen(t, control.Config{Now: func() time.Time { return noon }, Told: func(id string) { told <- id }})
	const since = `,"since":"2026-11-30T12:00:00Z"}`
	expect := func(path, want string) {
		t.Helper()
		if got := ask(it, path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	first := make(chan string)
	go func() { first <- ask(it, "/__control/situation") }()
	it.Set("calls", nil)
	if got := <-first; got != `{"id":"calls"`+since {
		t.Error(got)
	}
	expect("/__control/situation", `{"id":"calls"`+since)
	expect("/__control/situation?after=", `{"id":"calls"`+since)
	expect("/__control/situation?after=something-else", `{"id":"calls"`+since)

	waiting := make(chan string, 20)
	for range cap(waiting) {
		go func() { waiting <- ask(it, "/__control/situation?after=calls") }()
	}
	carries := map[string]any{"credentials": map[string]any{"primary": map[string]string{"client_secret": "new"}}, "id": "not this"}
	it.Set("new-secret", carries)
	carries["credentials"] = nil // what was said stays said
	for range cap(waiting) {
		if got := <-waiting; got != `{"credentials":{"primary":{"client_secret":"new"}},"id":"new-secret"`+since {
			t.Error(got)
		}
	}
	it.Set(control.End, nil)
	for _, path := range []string{"", "?after=new-secret", "?after=end"} {
		expect("/__control/situation"+path, `{"id":"end"`+since)
	}
	count := map[string]int{}
	for range 4 + cap(waiting) + 3 {
		count[<-told]++
	}
	if count["calls"] != 4 || count["new-secret"] != cap(waiting) || count["end"] != 3 {
		t.Error(count)
	}
}

// TestWhoWaitsWhenItEnds: nobody goes on waiting for what will not come.
func TestWhoWaitsWhenItEnds(t *testing.T) {
	arrived := make(chan bool)
	it := listen(t, control.Config{Pages: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { arrived <- true; <-r.Context().Done() })})
	it.Set("calls", nil)
	ended := make(chan string)
	go func() { ended <- ask(it, "/a/page") }()
	go func() { ended <- ask(it, "/__control/situation?after=calls") }()
	<-arrived
	it.Close()
	for range 2 {
		if got := <-ended; got == "" || strings.HasPrefix(got, "{") { // how a connection ends is the client's word
			t.Error(got)
		}
	}
}

func TestWhoMayAsk(t *testing.T) {
	it := listen(t, control.Config{})
	it.Set("calls", nil)
	try := func(method, path, host, origin string) int {
		t.Helper()
		request, err := http.NewRequest(method, it.URL().String()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		if origin != "" {
			request.Header.Set("Origin", origin)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		var says any
		if response.StatusCode == http.StatusOK && json.NewDecoder(response.Body).Decode(&says) != nil {
			t.Error("no JSON")
		}
		return response.StatusCode
	}
	for _, c := range []struct {
		method, path, host, origin string
		want                       int
	}{
		{"GET", "/__control/clock", "", "", 200},
		{"GET", "/__control/clock", "localhost:1", "", 200},
		{"GET", "/__control/clock", "evil.example", "", 403},
		{"GET", "/__control/situation", "127.0.0.1.evil.example", "", 403},
		{"POST", "/__control/clock", "", "https://evil.example", 403},
		{"POST", "/__control/clock", "", "", 405},
		{"GET", "/__control/nothing", "", "", 404},
		{"GET", "/", "", "", 404},
	} {
		if got := try(c.method, c.path, c.host, c.origin); got != c.want {
			t.Errorf("%s %s of %s at %s: %d, want %d", c.method, c.path, c.origin, c.host, got, c.want)
		}
	}
	for _, at := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "stage.example.com:0", "nothing"} {
		if open, err := control.Listen(t.Context(), control.Config{Listen: at}); err == nil {
			open.Close()
			t.Errorf("it listens at %s", at)
		}
	}
	open, err := control.Listen(t.Context(), control.Config{Listen: "0.0.0.0:0", Anywhere: true})
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	if got := ask(open, "/__control/clock"); !strings.HasPrefix(got, `{"now":`) {
		t.Error(got)
	}
}
