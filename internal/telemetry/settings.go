// Package telemetry tells a collector of OpenTelemetry what came of a run, as spans that are made of the finished report.
//
// It is the only package that knows OpenTelemetry. It must never decide anything: a collector that does not answer costs a
// bounded wait and a sentence.
package telemetry

import (
	"cmp"
	"errors"
	"net/url"
	"strings"

	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

// Conventions is the version of the semantic conventions by which attributes are named. Those of tests are in development there.
const Conventions = semconv.SchemaURL

// Settings say where is told of a run. The zero value is nowhere.
type Settings struct {
	spans   *url.URL // nil: nobody is told
	headers map[string]string
	service string
}

// FromEnvironment reads the standard variables OTEL_…; the error is what cannot be understood of them. Certificates,
// compression and attributes of the resource are read by the library itself, from the process's environment.
func FromEnvironment(env func(string) (string, bool)) (s Settings, err error) {
	value := func(name string) string {
		text, _ := env(name)
		return strings.TrimSpace(text)
	}
	const all, own = "OTEL_EXPORTER_OTLP_", "OTEL_EXPORTER_OTLP_TRACES_"
	name, below := own+"ENDPOINT", ""
	if value(name) == "" {
		name, below = all+"ENDPOINT", "v1/traces"
	}
	if value(name) == "" || value("OTEL_TRACES_EXPORTER") == "none" || strings.EqualFold(value("OTEL_SDK_DISABLED"), "true") {
		return s, nil
	}
	at, err := url.Parse(value(name))
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" {
		return s, errors.New("telemetry: " + name + " is no address of a collector; write it like http://127.0.0.1:4318")
	}
	if spoken := cmp.Or(value(own+"PROTOCOL"), value(all+"PROTOCOL"), "http/protobuf"); spoken != "http/protobuf" {
		return s, errors.New("telemetry: OTEL_EXPORTER_OTLP_PROTOCOL is " + spoken + ", and gonogo speaks http/protobuf; collectors take that at port 4318")
	}
	if below != "" {
		at = at.JoinPath(below)
	}
	return Settings{at, headersOf(cmp.Or(value(own+"HEADERS"), value(all+"HEADERS"))), cmp.Or(value("OTEL_SERVICE_NAME"), "gonogo")}, nil
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
