package reports_test

import (
	"math"
	"testing"
	"time"

	"gonogo/reports"
)

// TestBucketsEndWhereTheyShould: by the definition of OpenTelemetry, above base^i and up to base^(i+1).
func TestBucketsEndWhereTheyShould(t *testing.T) {
	for _, took := range []time.Duration{-time.Second, 0, 953, 954, time.Microsecond, 61035, 61036, 488281, 488282, 7812500, 7812501, time.Second, time.Second + 1, time.Hour, 2 * time.Second, 90 * time.Second} {
		var b reports.LoadTimes
		b.Add(took)
		exact := math.Log2(took.Seconds())*(1<<reports.TimesScale) - reports.TimesLowestPower<<reports.TimesScale // in buckets
		if took.Seconds() <= reports.TimesLowest {
			if b.Below != 1 || b.Count() != 1 {
				t.Errorf("%s is in %+v", took, b)
			}
			continue
		}
		if i := int(math.Ceil(exact)) - 1; b.Counts[i] != 1 || b.Count() != 1 || b.Sum != float64(took) {
			t.Errorf("%s is not in bucket %d", took, i)
		}
	}
	var b reports.LoadTimes
	if b.Add(math.MaxInt64); b.Counts[len(b.Counts)-1] != 1 {
		t.Error("what takes for ever is lost")
	}
}
