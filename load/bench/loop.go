package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"gonogo/internal/wire"
	"gonogo/load/attack"
	"gonogo/reports"
)

// loopName is gonogo's attack loop by itself: what judging costs is the difference to gonogo load.
const loopName = "gonogo's loop"

// knock is a worker that sends one request over and over and looks at the status only, as the peers do.
type knock struct {
	to   *url.URL
	body []byte
}

func (k knock) Fill(request *wire.Request) (int, bool) {
	request.Method, request.Scheme, request.Host = http.MethodPost, k.to.Scheme, k.to.Host
	request.Target = append(request.Target, k.to.Path...)
	request.Add("Content-Type", []byte(contentType))
	request.Body = append(request.Body, k.body...)
	return 0, true
}

func (knock) Judge(answer *wire.Answer, err error, _ time.Time) attack.Verdict {
	if err != nil || answer.Status != http.StatusOK {
		return attack.Bad
	}
	return attack.Good
}

// loopReport is what the role "loop" prints.
type loopReport struct {
	Requests, Errors int64
	P99              int64 // microseconds from the intended moment
	Frozen           []reports.Span
}

// runLoop is the role "loop".
func runLoop(args []string, _ io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("loop", flag.ContinueOnError)
	address := flags.String("url", "", "where to")
	file := flags.String("body", "", "file of the requests' body")
	connections := flags.Int("connections", 1, "")
	length := flags.Duration("length", time.Second, "")
	rate := flags.Int("rate", 0, "requests in a second; 0 is as many as it can")
	if err := flags.Parse(args); err != nil {
		return err
	}
	target, err := url.Parse(*address)
	if err != nil {
		return err
	}
	body, err := os.ReadFile(*file)
	if err != nil {
		return err
	}
	plan := attack.Plan{Pace: attack.Constant(float64(*rate)), Duration: *length, Connections: *connections, Timeout: 10 * time.Second, Parts: []string{"issue"},
		Workers: func(int) attack.Worker { return knock{target, body} }}
	result, err := attack.Run(context.Background(), plan, attack.Over(&http.Transport{}, false, target), attack.Watch{})
	if err != nil {
		return err
	}
	if result.Ended != "" {
		return errors.New(result.Ended)
	}
	report := loopReport{Requests: result.Requests, Errors: result.Errors, P99: result.Latency.ValueAtQuantile(99)}
	for _, span := range result.Frozen {
		report.Frozen = append(report.Frozen, reports.Span{AtMS: span.At.Milliseconds(), ForMS: span.For.Milliseconds()})
	}
	return json.NewEncoder(out).Encode(report)
}

func loopArgs(_ *workshop, s shot) ([]string, error) {
	return []string{"loop", "-url", s.url, "-body", s.bodyFile, "-connections", strconv.Itoa(s.connections), "-length", s.length.String(),
		"-rate", strconv.Itoa(s.rate)}, nil
}

func loopP99(_ context.Context, _ []string, _ shot, said []byte) (time.Duration, error) {
	var report loopReport
	if err := json.Unmarshal(said, &report); err != nil {
		return 0, fmt.Errorf("the loop's report: %w", err)
	}
	return time.Duration(report.P99) * time.Microsecond, nil
}
