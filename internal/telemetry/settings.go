// Package telemetry tells others what comes of a run: a collector of OpenTelemetry as spans, which are made of the finished
// report, and as metrics while a load goes on; and Prometheus, which asks for the same metrics.
//
// It is the only package that knows OpenTelemetry and Prometheus. It must never decide anything: a collector that does not answer
// costs a bounded wait and a sentence.
package telemetry

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

// Conventions is the version of the semantic conventions by which attributes are named. Those of tests are in development there.
const Conventions = semconv.SchemaURL

// Settings say where is told of a run. The zero value is nowhere.
type Settings struct {
	spans, metrics place
	every          time.Duration // metrics are sent
	service        string
}

// place is where a collector takes something; without an address nobody is told.
type place struct {
	at      *url.URL
	headers map[string]string // whose values are secrets
}

// ownName is the name of the service where the environment says none.
const ownName = "gonogo"

// every is how often metrics are sent where the environment says nothing: a load takes seconds, and the usual minute would have
// one look at it.
const every = time.Second

// FromEnvironment reads the standard variables OTEL_…; the error is what cannot be understood of them, and what can is in the
// settings. Certificates, compression and attributes of the resource are read by the library itself, from the process's environment.
func FromEnvironment(env func(string) (string, bool)) (s Settings, err error) {
	value := func(name string) string {
		text, _ := env(name)
		return strings.TrimSpace(text)
	}
	s.service, s.every = cmp.Or(value("OTEL_SERVICE_NAME"), ownName), every
	if strings.EqualFold(value("OTEL_SDK_DISABLED"), "true") {
		return s, nil
	}
	var spans, metrics, interval error
	s.spans, spans = placeOf(value, "TRACES")
	s.metrics, metrics = placeOf(value, "METRICS")
	if text := value("OTEL_METRIC_EXPORT_INTERVAL"); s.metrics.at != nil && text != "" {
		ms, wrong := strconv.ParseInt(text, 10, 32)
		if s.every = time.Duration(ms) * time.Millisecond; wrong != nil || ms <= 0 {
			s.every, interval = every, fmt.Errorf("telemetry: OTEL_METRIC_EXPORT_INTERVAL is %s, and is to be how many milliseconds lie between two exports, such as 1000", text)
		}
	}
	if spans != nil && metrics != nil && spans.Error() == metrics.Error() { // the variable that is for both
		metrics = nil
	}
	return s, errors.Join(spans, metrics, interval)
}

// placeOf is where a signal, TRACES or METRICS, is taken.
func placeOf(value func(string) string, signal string) (p place, err error) {
	all, its := "OTEL_EXPORTER_OTLP_", "OTEL_EXPORTER_OTLP_"+signal+"_"
	name, below := its+"ENDPOINT", ""
	if value(name) == "" {
		name, below = all+"ENDPOINT", "v1/"+strings.ToLower(signal)
	}
	if chosen := value("OTEL_" + signal + "_EXPORTER"); value(name) == "" || chosen != "" && !slices.Contains(strings.Split(chosen, ","), "otlp") {
		return p, nil
	}
	at, err := url.Parse(value(name))
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" {
		return p, errors.New("telemetry: " + name + " is no address of a collector; write it like http://127.0.0.1:4318")
	}
	protocol := its + "PROTOCOL"
	if value(protocol) == "" {
		protocol = all + "PROTOCOL"
	}
	if spoken := value(protocol); spoken != "" && spoken != "http/protobuf" {
		return p, errors.New("telemetry: " + protocol + " is " + spoken + ", and gonogo speaks http/protobuf; collectors take that at port 4318")
	}
	if below != "" {
		at = at.JoinPath(below)
	}
	return place{at, headersOf(cmp.Or(value(its+"HEADERS"), value(all+"HEADERS")))}, nil
}

// headersOf reads key=value,key=value, percent-encoded.
func headersOf(text string) map[string]string {
	headers := map[string]string{}
	for pair := range strings.SplitSeq(text, ",") {
		name, value, found := strings.Cut(pair, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if name = strings.TrimSpace(name); found && err == nil && name != "" {
			headers[name] = value
		}
	}
	return headers
}
