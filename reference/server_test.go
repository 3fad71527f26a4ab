package reference

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gonogo/reference/kit"
)

// lockedBuffer is a log that several goroutines may write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestLogSaysTestOnlyAndNoSecret(t *testing.T) {
	var log lockedBuffer
	s := start(t, Config{Log: &log, Defects: []string{"kitchenhub-crash-on-malformed"}, Liberties: []string{"kitchenmonki-one-page"}})
	c := talk(t, s)
	one := c.account("kitchenmonki", "primary")
	p := c.khIssue()
	c.post("/v2/auth/refresh", `{"refresh_token":"`+p.text("refresh_token")) // crashes, deliberately
	q := c.exchange(one, c.code(one))
	fresh := c.control("rotate-secret", `{"client_id":"`+one.ID+`"}`).text("client_secret")
	made := c.control("users", `{"dialect":"kitchenmonki"}`)
	for _, want := range []string{"TEST ONLY", s.StartPageURL(), s.ControlURL(), "reference/README.md", "DEFECT kitchenhub-crash-on-malformed", "liberty kitchenmonki-one-page"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, &log)
		}
	}
	secrets := []string{fresh, made.text("password"), p.text("access_token"), p.text("refresh_token"), q.text("access_token"), s.Accounts().Users[0].Password}
	for _, client := range s.Accounts().Clients {
		if !client.Public { // who has none
			secrets = append(secrets, client.Secret)
		}
	}
	for _, secret := range secrets {
		if secret == "" || strings.Contains(log.String(), secret) {
			t.Errorf("secret %q in the log:\n%s", secret, &log)
		}
	}
	requests := c.do("GET", s.ControlURL()+"/__control/requests", "")
	for _, secret := range secrets {
		if strings.Contains(requests.body, secret) {
			t.Errorf("a secret among the requests: %s", requests.body)
		}
	}
}

func TestShutdownFinishesWhatIsUnderWay(t *testing.T) {
	s := start(t, Config{Delay: time.Second})
	c := talk(t, s)
	answer := make(chan got)
	go func() { answer <- c.khIssue() }()
	time.Sleep(500 * time.Millisecond) // until it is under way
	begun := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	if g := <-answer; g.err != nil || g.status != 200 {
		t.Errorf("the request under way: %d %v", g.status, g.err)
	}
	if time.Since(begun) > 20*time.Second {
		t.Errorf("the shutdown took %s", time.Since(begun))
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(s.URL(), "http://")); err == nil {
		t.Error("still listening")
	}
	if err := s.Shutdown(ctx); err != nil {
		t.Errorf("a second shutdown: %v", err)
	}
}

func TestKillCutsOff(t *testing.T) {
	s := start(t, Config{Defects: []string{"kitchenhub-hangs-on-missing-token"}})
	c := talk(t, s)
	answer := make(chan got)
	go func() { answer <- c.post("/v2/auth/validate", `{}`) }()
	time.Sleep(50 * time.Millisecond)
	s.Kill()
	select {
	case g := <-answer:
		if g.err == nil {
			t.Errorf("answered: %d", g.status)
		}
	case <-time.After(30 * time.Second):
		t.Error("the request outlived the server")
	}
}

func TestDelay(t *testing.T) {
	c := talk(t, start(t, Config{Delay: 60 * time.Millisecond}))
	begun := time.Now()
	c.want(c.khIssue(), 200)
	if d := time.Since(begun); d < 60*time.Millisecond {
		t.Errorf("answered after %s", d)
	}
}

func TestClock(t *testing.T) {
	c := kitchenhubServer(t)
	clock := c.s.ControlURL() + "/__control/clock"
	c.want(c.do("GET", clock, ""), 200, "offset", "0s")
	g := c.control("clock", `{"advance":"1h30m0s"}`)
	c.want(g, 200, "offset", "1h30m0s")
	now, err := time.Parse(time.RFC3339, g.text("now"))
	if ahead := time.Until(now); err != nil || ahead < 89*time.Minute || ahead > 91*time.Minute {
		t.Errorf("now is %s: %v", now, err)
	}
	c.want(c.control("clock", `{"advance":"30m"}`), 200, "offset", "2h0m0s")
	date, err := http.ParseTime(c.khIssue().header.Get("Date"))
	if ahead := time.Until(date); err != nil || ahead < 119*time.Minute || ahead > 121*time.Minute {
		t.Errorf("Date is %s: %v", date, err)
	}
	for _, bad := range []string{`{"advance":"-1s"}`, `{"advance":"soon"}`, `{"advance":""}`, `{"advance":5}`, `{}`, ``, `{"advance":"1s"}x`, `{"advanse":"1s"}`, `{"advance":"1000000h"}`} {
		if g := c.control("clock", bad); g.status != 400 || g.text("error") == "" {
			t.Errorf("%s: %d %s", bad, g.status, g.body)
		}
	}
	c.want(c.do("GET", clock, ""), 200, "offset", "2h0m0s")
}

func TestControl(t *testing.T) {
	c := talk(t, start(t, Config{}))
	base := c.s.ControlURL() + "/__control/"
	c.want(c.do("GET", base+"health", ""), 200, "status", "ok")
	c.want(c.do("GET", base+"nothing", ""), 404)
	if g := c.do("GET", base+"rotate-secret", ""); g.status != 405 || g.header.Get("Allow") != "POST" {
		t.Errorf("%d %v", g.status, g.header)
	}
	c.want(c.control("rotate-secret", `{"client_id":"nobody"}`), 404)
	c.want(c.control("rotate-secret", `{"client_id":"khub-client-juniper","client_secret":""}`), 400)

	made := c.control("clients", `{"dialect":"kitchenmonki","acts_as":777,"redirect_uri":"https://new.example.com/cb"}`)
	c.want(made, 201, "acts_as", "777")
	who := Client{ID: made.text("client_id"), Secret: made.text("client_secret"), RedirectURI: made.text("redirect_uri")}
	if user := c.queue(c.kmGrant(who, "client_credentials").text("access_token")).actingUser(); user != "777" {
		t.Errorf("acts as %s", user)
	}
	c.want(c.control("clients", `{"dialect":"kitchenmonki","client_id":"`+who.ID+`"}`), 409)
	c.want(c.control("clients", `{}`), 400)
	c.want(c.control("clients", `{"dialect":"nothing"}`), 400)
	c.want(c.control("clients", `{"dialect":"kitchenmonki","redirect_uri":"/relative"}`), 409)
	c.want(c.control("clients", `{"dialect":"kitchenmonki","redirect_uri":"javascript:alert(1)"}`), 409)
	c.want(c.control("users", `{"dialect":"kitchenmonki","username":"new","password":"Qz8vPrairie"}`), 201, "username", "new")

	// What a page in a browser could send is refused.
	r, _ := http.NewRequest("POST", base+"clock", strings.NewReader(`{"advance":"1h"}`))
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if resp, err := http.DefaultClient.Do(r); err != nil || resp.StatusCode != 403 {
		t.Errorf("a cross-site request: %v %v", resp, err)
	}
	r, _ = http.NewRequest("GET", base+"clock", nil)
	r.Host = "rebound.example.com:80"
	if resp, err := http.DefaultClient.Do(r); err != nil || resp.StatusCode != 403 {
		t.Errorf("a rebound host: %v %v", resp, err)
	}
	if off := start(t, Config{Control: "off"}); off.ControlURL() != "" {
		t.Error("the control API is on")
	}
}

func TestRequestsAreListed(t *testing.T) {
	c := talk(t, start(t, Config{}))
	one := c.account("kitchenmonki", "primary")
	c.kmGrant(one, "client_credentials")
	c.orders()
	c.do("GET", "/nothing?secret=1", "")
	list := func(since uint64) (reply struct {
		Requests []received
		Last     uint64
	}) {
		g := c.do("GET", fmt.Sprintf("%s/__control/requests?since=%d", c.s.ControlURL(), since), "")
		if err := json.Unmarshal([]byte(g.body), &reply); err != nil {
			t.Fatal(err)
		}
		return reply
	}
	var lines []string
	for _, r := range list(0).Requests {
		lines = append(lines, fmt.Sprint(r.Sequence, r.Dialect, " ", r.Method, " ", r.Path, " ", r.Status))
	}
	want := "1kitchenmonki GET /v2/token/grant 200|2kitchenhub GET /v2/orders 401|3 GET /nothing 404"
	if got := strings.Join(lines, "|"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if after := list(2); len(after.Requests) != 1 || after.Last != 3 {
		t.Errorf("since 2: %+v", after)
	}
	if none := list(99); len(none.Requests) != 0 {
		t.Errorf("since 99: %+v", none)
	}
	for range journalSize {
		c.s.journal.add(&http.Request{Method: "GET"}, "", &kit.Route{Path: "/x"}, kit.Answer{Status: 200}, time.Now())
	}
	if all := list(0); len(all.Requests) != journalSize || all.Requests[0].Sequence != 4 {
		t.Errorf("the ring holds %d from %d", len(all.Requests), all.Requests[0].Sequence)
	}
	if g := c.do("GET", c.s.ControlURL()+"/__control/requests?since=x", ""); g.status != 400 {
		t.Errorf("since=x: %d", g.status)
	}
}

func TestSeedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seeds.yaml")
	write := func(content string) {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`
clients:
  - {dialect: kitchenhub, role: primary, client_id: mine, client_secret: Kf3mDelta}
  - {dialect: kitchenmonki, client_id: extra, client_secret: Lp9sOmega, redirect_uri: "https://x.example.com/", acts_as: 5}
`)
	s := start(t, Config{SeedFile: path})
	c := talk(t, s)
	if len(s.Accounts().Clients) != len(start(t, Config{}).Accounts().Clients)+1 || c.account("kitchenhub", "primary").ID != "mine" {
		t.Errorf("%+v", s.Accounts().Clients)
	}
	c.want(c.khIssue(), 200)
	for content, want := range map[string]string{
		"clients:\n  - {dialekt: kitchenhub}":                                                   "[2:6]",
		"clients:\n  - {dialect: other, client_id: a, client_secret: b}":                        `clients[0].dialect is "other"`,
		"users:\n  - {dialect: other, username: a, password: b}":                                `users[0].dialect is "other"`,
		"clients:\n  - {dialect: kitchenhub, client_id: a}":                                     "needs an id and a secret",
		"clients:\n  - {dialect: kitchenhub, client_id: khub-client-saffron, client_secret: b}": "already has a client",
		"clients: {": "seed file",
	} {
		write(content)
		if _, err := Start(context.Background(), Config{SeedFile: path}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", content, err, want)
		}
	}
}

func TestLimits(t *testing.T) {
	c := talk(t, start(t, Config{}))
	if g := c.do("GET", "/v2/orders", "", "X-Long", strings.Repeat("x", 64<<10)); g.status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("64 KiB of header: %d %v", g.status, g.err)
	}
	// A body without a length is counted as it comes.
	r, _ := http.NewRequest("POST", c.s.URL()+"/v2/auth/token", io.LimitReader(neverEnding('x'), 10<<20))
	resp, err := c.client.Do(r)
	if err == nil && resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("an endless body: %d", resp.StatusCode)
	}
	c.want(c.khIssue(), 200)
	if kind := fmt.Sprintf("%T", c.s.api.Listener); kind != "*netutil.limitListener" {
		t.Errorf("connections are not limited: %s", kind)
	}
	if s := start(t, Config{Listen: "0.0.0.0:0", ExposeAnyAddress: true}); !strings.HasPrefix(s.URL(), "http://127.0.0.1:") {
		t.Errorf("the URL of every address is %s", s.URL())
	}
}

type neverEnding byte

func (n neverEnding) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(n)
	}
	return len(p), nil
}

func TestPortInUse(t *testing.T) {
	s := start(t, Config{})
	address := strings.TrimPrefix(s.URL(), "http://")
	if _, err := Start(context.Background(), Config{Listen: address}); err == nil || !strings.Contains(err.Error(), address) {
		t.Errorf("two servers on one address: %v", err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free.Close()
	if _, err := Start(context.Background(), Config{Listen: free.Addr().String(), WWW: address}); err == nil {
		t.Error("two servers on one address")
	}
	again, err := net.Listen("tcp", free.Addr().String())
	if err != nil {
		t.Fatalf("a server that did not start keeps its address: %v", err)
	}
	again.Close()
}

func TestManyQuirksAtOnce(t *testing.T) {
	// Every liberty together must still not panic or hang.
	for _, dialect := range []string{"kitchenmonki", "b2b"} {
		var ids []string
		for _, q := range Liberties() {
			if q.Dialect == dialect {
				ids = append(ids, q.ID)
			}
		}
		var log lockedBuffer
		tell(t, dialect, Config{Liberties: ids, Log: &log}, nil)
		if strings.Contains(log.String(), "panic") {
			t.Error(log.String())
		}
	}
}

func TestSweepFreesExpiredTokens(t *testing.T) {
	c := kitchenhubServer(t)
	for range 50 {
		c.khIssue()
	}
	c.advance(25 * time.Hour)
	c.khIssue()
	c.s.sweep()
	if n := c.s.services["kitchenhub"].Tokens.Tokens.Len(); n != 2 {
		t.Errorf("%d tokens are kept, want the last two", n)
	}
}
