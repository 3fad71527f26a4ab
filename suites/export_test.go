package suites

import (
	"context"

	"github.com/onsi/ginkgo/v2/types"

	"gonogo/reports"
)

// Specs is the report that the specs of a suite of these targets speak of.
func Specs(seed int64, targets ...Target) (*reports.Report, error) {
	var entries []*entry
	for i, t := range targets {
		e := newEntry(t)
		if e.broken != nil {
			return nil, e.broken
		}
		e.index = i
		entries = append(entries, e)
	}
	r, err := start(entries, suiteFacts{}, types.SuiteConfig{RandomSeed: seed})
	if err != nil {
		return nil, err
	}
	<-r.done
	return r.found.Report, nil
}

// Watch is the report that TestClient draws its verdict from.
func Watch(ctx context.Context, client Client) (*reports.Report, error) { return client.check(ctx) }

// Check is the report that Test draws its verdict from.
func Check(ctx context.Context, seed int64, targets ...Target) (*reports.Report, error) {
	return check(ctx, seed, targets)
}
