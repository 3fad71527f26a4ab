package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// exchange is a request that the reference server is measured with, and what it may cost.
type exchange struct {
	name    string
	dialect string
	method  string
	path    string
	body    func(token string) string
	bearer  bool    // carries the access token
	budget  float64 // of the bare handler's requests in a second
}

func validateRequest(token string) string { return fmt.Sprintf(`{"access_token":%q}`, token) }

func loginRequest(string) string {
	return fmt.Sprintf(`{"username":%q,"password":%q}`, benchUser, benchSecret)
}

func noBody(string) string { return "" }

// exchanges: the budgets are in docs/performance.md.
var exchanges = []exchange{
	{"kitchenhub issue", "kitchenhub", "POST", issuePath, func(string) string { return issueRequest() }, false, 0.70},
	{"kitchenhub validate", "kitchenhub", "POST", "/v2/auth/validate", validateRequest, false, 0.85},
	{"kitchenhub use", "kitchenhub", "GET", "/v2/orders", noBody, true, 0.85},
	{"b2b login (JWT)", "b2b", "POST", "/auth/login", loginRequest, false, 0.65},
	{"b2b use (JWT)", "b2b", "GET", "/api/v1/products", noBody, true, 0.70},
}

// issues is the exchange of a dialect that answers a token.
func issues(dialect string) exchange {
	for _, e := range exchanges {
		if e.dialect == dialect {
			return e
		}
	}
	panic("bench: no exchange of " + dialect)
}

// reference measures the reference server beside a bare handler that moves the same bytes: same request, same answer.
func (w *workshop) reference(ctx context.Context) error {
	program, err := w.gonogo(ctx)
	if err != nil {
		return err
	}
	wrk, err := installWrk(ctx, w)
	if err != nil {
		return fmt.Errorf("the reference server is measured with wrk, which is missing: %w", err)
	}
	t := &table{title: fmt.Sprintf("The reference server beside a bare net/http handler that moves the same bytes, one core each, wrk with %d connections, "+
		"%d rounds of %s each; median (min-max)", w.connections, w.rounds, w.length)}
	t.add("exchange", "bare, requests/s", "reference, requests/s", "ratio", "ratio by CPU", "budget")
	for _, e := range exchanges {
		if !w.wants(e.name) {
			continue
		}
		var bareRates, rates, bareCPU, cpu figures
		for round := range w.rounds {
			fmt.Fprintf(w.log, "bench: %s, round %d of %d\n", e.name, round+1, w.rounds)
			r, err := w.pair(ctx, program, wrk[0], e, round%2 == 1)
			if err != nil {
				return fmt.Errorf("%s: %w", e.name, err)
			}
			bareRates, rates = append(bareRates, r[0].rate), append(rates, r[1].rate)
			bareCPU, cpu = append(bareCPU, r[0].cpu), append(cpu, r[1].cpu)
		}
		t.add(e.name, bareRates.spread(0), rates.spread(0), rates.over(bareRates).spread(2), bareCPU.over(cpu).spread(2), fmt.Sprintf("≥ %.2f", e.budget))
	}
	t.note("The ratio by CPU compares the servers' CPU time for a request, which other work on the machine disturbs less.")
	return t.print(w.out)
}

// served is what a server did in a round.
type served struct {
	rate float64 // requests in a second
	cpu  float64 // microseconds of a request
}

// pair measures bare handler and reference server once each, one right after the other, in this order or the other.
func (w *workshop) pair(ctx context.Context, program, wrk string, e exchange, reversed bool) (both [2]served, err error) {
	seed, err := w.file("seed.yaml", fmt.Sprintf("clients:\n  - {dialect: kitchenhub, role: primary, client_id: %s, client_secret: %s}\n"+
		"users:\n  - {dialect: b2b, role: primary, username: %s, password: %s, acts_as: 7}\n", benchClient, benchSecret, benchUser, benchSecret))
	if err != nil {
		return both, err
	}
	reference, err := w.start(ctx, "api ", program, "serve", "--control", "off", "--seed-file", seed)
	if err != nil {
		return both, err
	}
	defer reference.stop()
	var token string
	if e.bearer || strings.Contains(e.path, "validate") {
		if token, err = accessToken(ctx, reference.url, issues(e.dialect)); err != nil {
			return both, err
		}
	}
	answer, err := record(ctx, reference.url, e, token)
	if err != nil {
		return both, err
	}
	content, err := json.Marshal(answer)
	if err != nil {
		return both, err
	}
	file, err := w.file("answer.json", string(content))
	if err != nil {
		return both, err
	}
	bare, err := w.start(ctx, "listening ", w.self, "bare", "-answer", file)
	if err != nil {
		return both, err
	}
	defer bare.stop()
	servers, order := []*process{bare, reference}, []int{0, 1}
	if reversed {
		order = []int{1, 0}
	}
	for _, i := range order {
		if both[i], err = w.wrk(ctx, wrk, servers[i], e, token); err != nil {
			return both, err
		}
	}
	return both, nil
}

func (e exchange) request(ctx context.Context, base, token string) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, e.method, base+e.path, strings.NewReader(e.body(token)))
	if err != nil {
		return nil, err
	}
	for name, value := range e.headers(token) {
		r.Header.Set(name, value)
	}
	return r, nil
}

func (e exchange) headers(token string) map[string]string {
	h := map[string]string{}
	if e.body(token) != "" {
		h["Content-Type"] = contentType
	}
	if e.bearer {
		h["Authorization"] = "Bearer " + token
	}
	return h
}

var client = &http.Client{Timeout: 10 * time.Second}

// record asks the reference server once and keeps what it answers.
func record(ctx context.Context, base string, e exchange, token string) (recorded, error) {
	var a recorded
	r, err := e.request(ctx, base, token)
	if err != nil {
		return a, err
	}
	response, err := client.Do(r)
	if err != nil {
		return a, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return a, err
	}
	a = recorded{response.StatusCode, response.Header, string(body)}
	a.Header.Del("Date") // net/http writes its own
	if a.Status != http.StatusOK {
		return a, fmt.Errorf("the reference server answers %s %s with status %d; 200 is wanted", e.method, e.path, a.Status)
	}
	return a, nil
}

var accessMember = regexp.MustCompile(`"access_token":"([^"]+)"`)

func accessToken(ctx context.Context, base string, e exchange) (string, error) {
	a, err := record(ctx, base, e, "")
	if err != nil {
		return "", err
	}
	found := accessMember.FindStringSubmatch(a.Body)
	if found == nil {
		return "", fmt.Errorf("%s %s answers no access_token", e.method, e.path)
	}
	return found[1], nil
}

var wrkRate = regexp.MustCompile(`Requests/sec: +([0-9.]+)`)

// wrk measures one server.
func (w *workshop) wrk(ctx context.Context, program string, server *process, e exchange, token string) (served, error) {
	script := filepath.Join(w.scratch, "reference.lua")
	if err := os.WriteFile(script, []byte(wrkScript(e.method, e.body(token), e.headers(token))), 0o600); err != nil {
		return served{}, err
	}
	before, err := server.cpu()
	if err != nil {
		return served{}, err
	}
	said, _, err := w.load(ctx, append([]string{program}, wrkCommand(shot{url: server.url + e.path, connections: w.connections, length: w.length}, script)...), nil)
	if err != nil {
		return served{}, err
	}
	after, err := server.cpu()
	if err != nil {
		return served{}, err
	}
	found := wrkRate.FindSubmatch(said)
	switch {
	case found == nil:
		return served{}, errors.New("wrk says no Requests/sec")
	case bytes.Contains(said, []byte("Non-2xx")):
		return served{}, errors.New("some answers were refusals, so their rate says nothing")
	}
	rate, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil || rate == 0 {
		return served{}, fmt.Errorf("wrk says %s requests in a second", found[1])
	}
	return served{rate, float64((after - before).Microseconds()) / (rate * w.length.Seconds())}, nil
}
