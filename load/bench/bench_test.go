package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// role starts a role inside the test, as a process would be started.
func role(t *testing.T, name string, args ...string) *process {
	t.Helper()
	in, stdin := io.Pipe()
	stdout, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(t.Context(), append([]string{name}, args...), in, out, io.Discard)
		out.CloseWithError(err)
		ended <- err
	}()
	p := &process{in: stdin, out: bufio.NewScanner(stdout)}
	t.Cleanup(func() {
		_ = stdin.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	if !p.out.Scan() {
		t.Fatal(p.out.Err())
	}
	p.url = strings.TrimPrefix(p.out.Text(), "listening ")
	return p
}

func post(t *testing.T, url, body string) (*http.Response, string) {
	t.Helper()
	response, err := http.Post(url, contentType, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(got)
}

func TestRefusesWhatItCannotMeasure(t *testing.T) {
	for args, sentence := range map[string]string{
		"-rounds 0":          "-rounds 0: choose 1 to 20",
		"-rounds 21":         "-rounds 21: choose 1 to 20",
		"-length 1500ms":     "-length 1.5s: choose whole seconds from 1s to 1m0s",
		"-length 0s":         "-length 0s: choose whole seconds",
		"-length 2m":         "-length 2m0s: choose whole seconds",
		"-connections 0":     "-connections 0: choose 1 to 1000",
		"honesty":            `"honesty" is no flag; bench takes flags only`,
		"-honesty -rounds x": `invalid value "x"`,
	} {
		err := run(t.Context(), strings.Fields(args), nil, io.Discard, io.Discard)
		if err == nil || !strings.HasPrefix(err.Error(), sentence) {
			t.Errorf("bench %s: %q is wanted, not %v", args, sentence, err)
		}
	}
}

func TestFastServerAnswersAndCounts(t *testing.T) {
	p := role(t, "fast")
	seen := map[string]bool{}
	begin := time.Now()
	for range 20 {
		response, body := post(t, p.url+issuePath, issueRequest())
		var pair struct {
			Access  string `json:"access_token"`
			Refresh string `json:"refresh_token"`
			Ends    int    `json:"access_token_expire"`
		}
		if err := json.Unmarshal([]byte(body), &pair); err != nil || response.Header.Get("Content-Type") != contentType {
			t.Fatalf("%v in %s %s", err, response.Header, body)
		}
		if len(pair.Access) != 43 || len(pair.Refresh) != 43 || seen[pair.Access] || seen[pair.Refresh] || pair.Ends != 60 {
			t.Fatalf("not a new pair: %s", body)
		}
		seen[pair.Access], seen[pair.Refresh] = true, true
	}
	if _, body := post(t, p.url+"/v2/auth/validate", `{"access_token":"x"}`); body != validateBody {
		t.Errorf("a validate answers %s", body)
	}
	count, err := p.tally()
	if err != nil || count.answered() != 21 || count.first.Before(begin) || count.first.After(time.Now()) {
		t.Errorf("it counts %d, from %s on: %v", count.answered(), count.first, err)
	}
	if count, err = p.tally(); err != nil || count.answered() != 0 {
		t.Errorf("a count is not new: %d, %v", count.answered(), err)
	}
}

func TestFastServerReadsRequestsInAnyPieces(t *testing.T) {
	p := role(t, "fast")
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	one := "POST /v2/auth/validate HTTP/1.1\r\nHost: x\r\ncontent-LENGTH: 2\r\n\r\n{}"
	other := "GET /v2/auth/validate HTTP/1.1\r\nHost: x\r\n\r\n"
	answers := bufio.NewReader(conn)
	for _, pieces := range [][]string{{one}, {one + other + one}, {one[:10], one[10:50], one[50 : len(one)-1], one[len(one)-1:] + other[:5], other[5:]}} {
		for _, piece := range pieces {
			if _, err := io.WriteString(conn, piece); err != nil {
				t.Fatal(err)
			}
		}
		for range strings.Count(strings.Join(pieces, ""), "HTTP/1.1") {
			response, err := http.ReadResponse(answers, nil)
			if err != nil {
				t.Fatal(err)
			}
			if body, err := io.ReadAll(response.Body); err != nil || string(body) != validateBody {
				t.Fatalf("%s %v", body, err)
			}
		}
	}
	if _, err := io.WriteString(conn, "nonsense\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(answers); len(rest) > 0 || err != nil && !errors.Is(err, net.ErrClosed) && !strings.Contains(err.Error(), "reset") {
		t.Errorf("nonsense is answered %q, %v", rest, err)
	}
}

func TestFastServerStops(t *testing.T) {
	const stall, every = 60 * time.Millisecond, 100 * time.Millisecond
	p := role(t, "fast", "-stall", stall.String(), "-every", every.String())
	longest := time.Duration(0)
	for begin := time.Now(); time.Since(begin) < 3*every; {
		sent := time.Now()
		post(t, p.url+issuePath, issueRequest())
		longest = max(longest, time.Since(sent))
	}
	if longest < stall/2 {
		t.Errorf("the longest answer took %s where the server stops for %s", longest, stall)
	}
}

func TestBareServerMovesTheRecordedBytes(t *testing.T) {
	want := recorded{http.StatusOK, http.Header{"Content-Type": {contentType}, "Cache-Control": {"no-store"}, "Content-Length": {"11"}}, `{"a":"b c"}`}
	content, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "answer.json")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	p := role(t, "bare", "-answer", file)
	for range 2 {
		response, body := post(t, p.url+"/any", strings.Repeat("x", 10_000))
		response.Header.Del("Date")
		if body != want.Body || response.StatusCode != want.Status || fmt.Sprint(response.Header) != fmt.Sprint(want.Header) {
			t.Errorf("%d %s %s", response.StatusCode, response.Header, body)
		}
	}
}

func TestRateIsThatOfTheBusyStretch(t *testing.T) {
	for _, c := range []struct {
		slots []int64
		want  float64
	}{
		{nil, 0},
		{[]int64{700}, 0},
		{[]int64{50, 100, 120, 80}, 1100},
		{[]int64{1, 0, 0, 0, 50, 100, 120, 0, 80, 60, 2}, 750}, // a probe before, stragglers behind; a gap in between counts
	} {
		if got := (tally{slots: c.slots}).rate(); got != c.want {
			t.Errorf("%v: %.1f requests in a second, want %.1f", c.slots, got, c.want)
		}
	}
}

func TestTableHasMediansRatiosAndWhatIsMissing(t *testing.T) {
	w := &workshop{settings: settings{rounds: 3, length: 2 * time.Second, connections: 64}}
	benches := []*bench{
		{generator: generator{name: "gone"}, failed: errors.New("not installed (Debian: apt-get install gone)")},
		{generator: generator{name: yardstick}, rates: figures{10_000, 40_000, 20_000}, cpus: figures{40, 20, 30}},
		{generator: generator{name: "quick"}, rates: figures{50_000, 160_000, 1_234_567}, cpus: figures{10, 5, 6}},
	}
	var out bytes.Buffer
	if err := w.generatorTable(benches, figures{5, 4, 6}).print(&out); err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{
		`generator +\| requests/s`,
		`gone +\| - `,
		`vegeta +\| 20,000 \(10,000-40,000\) +\| 50\.0 +\| 30\.0 \(20\.0-40\.0\) +\| 1\.00 \(1\.00-1\.00\)`,
		`quick +\| 160,000 \(50,000-1,234,567\) +\| 6\.2 +\| 6\.0 \(5\.0-10\.0\) +\| 5\.00 \(4\.00-61\.73\) +\| 4\.00 \(4\.00-5\.00\)`,
	} {
		if !regexp.MustCompile(`(?m)^\| ` + row).Match(out.Bytes()) {
			t.Errorf("no row %s in\n%s", row, &out)
		}
	}
	if !strings.Contains(out.String(), "which used 5.0 (4.0-6.0) µs of CPU time for one.") {
		t.Errorf("it does not say how fast the server is:\n%s", &out)
	}
	if !strings.Contains(out.String(), "\ngone was not measured: not installed (Debian: apt-get install gone)\n") {
		t.Errorf("it does not say what is missing:\n%s", &out)
	}
}

func TestLoopSendsWhatItReports(t *testing.T) {
	p := role(t, "fast")
	body := filepath.Join(t.TempDir(), "body.json")
	if err := os.WriteFile(body, []byte(issueRequest()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, rate := range []int{0, 200} {
		args, err := loopArgs(nil, shot{url: p.url + issuePath, bodyFile: body, connections: 2, length: time.Second, rate: rate})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := run(t.Context(), args, nil, &out, io.Discard); err != nil {
			t.Fatal(err)
		}
		var report loopReport
		if err := json.Unmarshal(out.Bytes(), &report); err != nil {
			t.Fatal(err)
		}
		count, err := p.tally()
		if err != nil || report.Requests == 0 || report.Requests != count.answered() || report.Errors != 0 || rate > 0 && report.Requests != int64(rate) {
			t.Errorf("rate %d: it reports %+v, the server counts %d, %v", rate, report, count.answered(), err)
		}
	}
}

func TestStallTruth(t *testing.T) {
	// The slowest hundredth of 10,000 requests, of which 2,000 waited for 1 s to 0 s.
	if stallTruth != 950*time.Millisecond {
		t.Error(stallTruth)
	}
}

func TestReadsWhatGeneratorsReport(t *testing.T) {
	folder := t.TempDir()
	s := shot{folder: folder}
	for file, content := range map[string]string{
		k6Summary(s):  `{"metrics":{"http_req_duration":{"p(99)":953.6,"thresholds":{}}}}`,
		loadReport(s): `{"schema":"gonogo/report/1","load":[{"scenario":"issue","latency":{"p50_us":900,"p99_us":953600}}]}`,
	} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	said := map[string]string{
		"hey":        "Latency distribution:\n  95%% in 0.9001 secs\n  99%% in 0.9536 secs\n",
		"fortio":     `{"DurationHistogram":{"Percentiles":[{"Percentile":50,"Value":0.001},{"Percentile":99,"Value":0.9536}]}}`,
		"autocannon": `{"latency":{"p97_5":900,"p99":953.6}}`,
		loopName:     `{"Requests":10000,"Errors":0,"P99":953600}`,
	}
	for _, g := range append(peers, ours...) {
		if g.p99 == nil || strings.HasPrefix(g.name, yardstick) { // whose results only vegeta itself can read
			continue
		}
		got, err := g.p99(t.Context(), nil, s, []byte(said[g.name]))
		if err != nil || got.Round(100*time.Microsecond) != 953600*time.Microsecond {
			t.Errorf("%s: %s, %v", g.name, got, err)
		}
	}
}
