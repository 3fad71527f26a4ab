// Package telemetry tells a collector of OpenTelemetry what came of a run: its spans, made of the finished report, and the
// metrics of a load while it goes on.
//
// It is the only package that knows OpenTelemetry. It must never decide anything: a collector that does not answer costs a
// bounded wait and a sentence.
package telemetry

import (
	"cmp"
	"net/url"
	"strings"

	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

// Conventions is the version of the semantic conventions by which attributes are named. Those of tests are in development there.
const Conventions = semconv.SchemaURL

// Settings say where is told of a run. The zero value is nowhere.
type Settings struct {
	spans, metrics *url.URL // nil: nobody is told
	headers        [2]map[string]string
	service        string
	often          bool // OTEL_METRIC_EXPORT_INTERVAL says how often, and not we
}

// The signals, as variables of the environment name them.
const (
	traces = iota
	meters
)

var signals = [2]string{"TRACES", "METRICS"}

// FromEnvironment reads the standard variables OTEL_…; wrong says what cannot be understood, as sentences. Certificates,
// compression and attributes of the resource are read by the library itself, from the process's environment.
func FromEnvironment(env func(string) (string, bool)) (s Settings, wrong []string) {
	value := func(name string) string {
		text, _ := env(name)
		return strings.TrimSpace(text)
	}
	if strings.EqualFold(value("OTEL_SDK_DISABLED"), "true") {
		return s, nil
	}
	s.service = cmp.Or(value("OTEL_SERVICE_NAME"), "gonogo")
	s.often = value("OTEL_METRIC_EXPORT_INTERVAL") != ""
	for i, signal := range signals {
		own := "OTEL_EXPORTER_OTLP_" + signal + "_"
		name, below := own+"ENDPOINT", ""
		if value(name) == "" {
			name, below = "OTEL_EXPORTER_OTLP_ENDPOINT", "v1/"+strings.ToLower(signal)
		}
		address := value(name)
		if address == "" || value("OTEL_"+signal+"_EXPORTER") == "none" {
			continue
		}
		at, err := url.Parse(address)
		if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" {
			wrong = append(wrong, name+" is no address of a collector; write it like http://127.0.0.1:4318")
			continue
		}
		if below != "" {
			at = at.JoinPath(below)
		}
		if spoken := cmp.Or(value(own+"PROTOCOL"), value("OTEL_EXPORTER_OTLP_PROTOCOL"), "http/protobuf"); spoken != "http/protobuf" {
			wrong = append(wrong, "OTEL_EXPORTER_OTLP_PROTOCOL is "+spoken+", and gonogo speaks http/protobuf; collectors take that at port 4318")
			continue
		}
		s.headers[i] = headersOf(cmp.Or(value(own+"HEADERS"), value("OTEL_EXPORTER_OTLP_HEADERS")))
		if i == traces {
			s.spans = at
		} else {
			s.metrics = at
		}
	}
	return s, wrong
}

// headersOf reads key=value,key=value, percent-encoded. Values are secrets.
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
