package clients

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// world is what a client is told from outside: where the API is, its credentials, and the time that the API goes by.
type world struct {
	base, control string
	told          *told
	ahead         *atomic.Int64 // by how much the API's time was ahead of this machine's when it was told last
}

// told are the variables of the environment; a new secret takes the place of the one before.
type told struct {
	environment func(name string) (string, bool)
	mu          sync.Mutex
	newer       map[string]string
}

func newWorld(environment func(name string) (string, bool)) world {
	w := world{told: &told{environment: environment, newer: map[string]string{}}, ahead: new(atomic.Int64)}
	w.base, w.control = strings.TrimSuffix(w.value("BASE_URL"), "/"), strings.TrimSuffix(w.value("CONTROL_URL"), "/")
	return w
}

// value is GONOGO_NAME.
func (w world) value(name string) string {
	w.told.mu.Lock()
	defer w.told.mu.Unlock()
	if value, ok := w.told.newer[name]; ok {
		return value
	}
	value, _ := w.told.environment("GONOGO_" + name)
	return value
}

// own is a field of the client's own credentials.
func (w world) own(field string) string { return w.value("PRIMARY_" + field) }

// server is where another server of the document is.
func (w world) server(name string) string {
	if at := w.value("SERVER_" + name); at != "" {
		return strings.TrimSuffix(at, "/")
	}
	return w.base
}

// take has new credentials: fields by role, or of the client itself.
func (w world) take(credentials map[string]any) {
	w.told.mu.Lock()
	defer w.told.mu.Unlock()
	for name, value := range credentials {
		if fields, ok := value.(map[string]any); ok {
			for field, value := range fields {
				w.told.set(name+"_"+field, value)
			}
			continue
		}
		w.told.set("primary_"+name, value)
	}
}

func (t *told) set(name string, value any) {
	if text, ok := value.(string); ok {
		t.newer[strings.ToUpper(name)] = text
	}
}

var controls = &http.Client{}

// ask reads what the control listener says; false is nothing.
func (w world) ask(ctx context.Context, path string, into any) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.control+path, nil)
	if err != nil {
		return false
	}
	response, err := controls.Do(r)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusOK && json.NewDecoder(response.Body).Decode(into) == nil
}

// now is the time that the API goes by, or this machine's where nobody can be asked. Who is given no answer once goes on from the last one:
// the machine's own time may be days behind.
func (w world) now() time.Time {
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	var clock struct{ Now time.Time }
	if w.control != "" && w.ask(ctx, "/__control/clock", &clock) {
		w.ahead.Store(int64(time.Until(clock.Now)))
		return clock.Now
	}
	return time.Now().Add(time.Duration(w.ahead.Load()))
}

// situation is what is about to be played, and what the client gets for it.
type situation struct {
	ID          string
	Credentials map[string]any
}

// follow hears of situations, and does of them what nobody else can do.
func (c *client) follow(ctx context.Context) {
	for after := ""; c.control != "" && ctx.Err() == nil && after != "end"; {
		path := "/__control/situation"
		if after != "" {
			path += "?after=" + url.QueryEscape(after)
		}
		var s situation
		if !c.ask(ctx, path, &s) {
			select { // a server that has none, or not now
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
			continue
		}
		c.busy.Store(s.ID == "busy-at-end")
		switch s.ID {
		case "new-secret":
			if !c.deaf {
				c.take(s.Credentials)
			}
			c.end() // tokens of the old credentials are ended with them
		case "session-ends":
			c.end()
		case "consent", "forged-state":
			c.forget("user")
		}
		after = s.ID
	}
}

// forget has a user be asked again.
func (c *client) forget(who string) {
	defer c.store.lock()()
	c.store.get(who, c.shared)
	_ = c.store.put(who, pair{}, true) // a store that cannot be written shows at the next login
}
