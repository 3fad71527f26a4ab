package traceparent_test

import (
	"regexp"
	"strings"
	"sync"
	"testing"

	"gonogo/internal/traceparent"
)

var form = regexp.MustCompile(`^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$`)

func TestRequestsOfOneTrace(t *testing.T) {
	trace := traceparent.New()
	source, seen := traceparent.Of(trace), sync.Map{}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 1000 {
				value := source.Next()
				of, span, ok := traceparent.Read(value)
				if !ok || of != trace.String() || !form.MatchString(value) || !strings.HasSuffix(value, "-01") {
					t.Errorf("%s is no header of %s", value, trace)
				}
				if _, twice := seen.LoadOrStore(span, true); twice {
					t.Errorf("%s came twice", span)
				}
			}
		})
	}
	all.Wait()
}

func TestRequestsOfATraceEach(t *testing.T) {
	trace, seen := traceparent.New(), map[string]bool{}
	for range 2 { // connections
		many := traceparent.ManyOf(trace)
		for range 1000 {
			value := string(many.Append(nil))
			of, span, ok := traceparent.Read(value)
			if !ok || of[:16] != trace.String()[:16] || !form.MatchString(value) || !strings.HasSuffix(value, "-00") {
				t.Fatalf("%s is no header of %s", value, trace)
			}
			if seen[of] || seen[span] {
				t.Fatalf("%s came twice", value)
			}
			seen[of], seen[span] = true, true
		}
	}
}

func TestNoTrace(t *testing.T) {
	if none := (traceparent.Trace{}); none.String() != "" || traceparent.Of(none).Next() != "" || traceparent.ManyOf(none) != nil {
		t.Error("a trace that is none is told of")
	}
	if one, other := traceparent.New(), traceparent.New(); one == other {
		t.Error("two runs are one trace")
	}
}

// TestRead has the recommendation's examples, section 3.2.2, and what it forbids.
func TestRead(t *testing.T) {
	const trace, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	for value, is := range map[string]bool{
		"00-" + trace + "-" + span + "-01":                           true,
		"00-" + trace + "-" + span + "-00":                           true,
		"cc-" + trace + "-" + span + "-01":                           true,
		"cc-" + trace + "-" + span + "-01-what":                      true,
		"00-" + trace + "-" + span + "-01-what":                      false,
		"ff-" + trace + "-" + span + "-01":                           false,
		"00-" + strings.Repeat("0", 32) + "-" + span + "-01":         false,
		"00-" + trace + "-" + strings.Repeat("0", 16) + "-01":        false,
		"00-" + strings.ToUpper(trace) + "-" + span + "-01":          false,
		"00-" + trace + "-" + span:                                   false,
		"00-" + trace[:30] + "-" + span + "-01":                      false,
		"":                                                           false,
		"00-\x1b[31m" + strings.Repeat("0", 27) + "-" + span + "-01": false,
	} {
		gotTrace, gotSpan, ok := traceparent.Read(value)
		if ok != is || ok && (gotTrace != trace || gotSpan != span) {
			t.Errorf("Read(%q) = %s, %s, %v", value, gotTrace, gotSpan, ok)
		}
	}
}

func BenchmarkMany(b *testing.B) {
	many, into := traceparent.ManyOf(traceparent.New()), make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		into = many.Append(into[:0])
	}
}
